"""How judging by hand looks on a terminal. Nothing is printed that a terminal could obey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kanhe.adapters.assess_people_store import Shown
from kanhe.assess.people import Judgement, Sitting, Standing, count
from kanhe.assess.people_figures import Figures, figures
from kanhe.assess.people_reason import QUESTIONS, title
from kanhe.cli.place import Place
from kanhe.cli.rule_lines import printable
from kanhe.judge.counts import Figure
from kanhe.status.slice_titles import zh
from kanhe.terms import Text, counted

_STANDINGS: Mapping[Standing, Text] = {
    "agreed": Text("两人一致", "two agree"),
    "alone": Text("一人独定", "one alone"),
    "panel": Text("合议裁定", "decided by the panel"),
    "disputed": Text("意见不一，待裁定", "people differ"),
    "unsure": Text("有人无法判断，待裁定", "of two, somebody cannot tell"),
    "untold": Text("合议仍无法判断", "nor can the panel tell"),
    "open": Text("待评判", "not judged yet"),
    "unanswered": Text("未作答", "without an answer"),
}


def told(name: str, sitting: Sitting) -> dict[str, object]:
    """Give how far people are, as plain data; people by the ids of their accounts."""
    found = figures(sitting)
    return {
        "run": name,
        "answers": len(sitting.drawn.trials),
        "counts": dict(found.counts),
        "passed": found.passed,
        "people": {
            who: {"done": one.done, "left": one.left}
            for who, one in ((who, sitting.progress(who)) for who in sitting.people())
        },
        "same": _plain(found.same),
        "alpha": _plain(found.alpha),
        "kappa": [
            {"first": one.first, "second": one.second, "answers": one.answers,
             "kappa": _plain(one.kappa)}
            for one in found.pairs
        ],
    }  # fmt: skip


def whole(name: str, sitting: Sitting, here: Place, names: Mapping[str, str]) -> Iterator[str]:
    """Tell how far people are: answers by how they stand, by person, and how far they agree.

    `names`: what accounts are called, by id.
    """
    found = figures(sitting)
    size = len(sitting.drawn.trials)
    yield here.say(Text(f"{name}：人工评判的回答 {size:,} 条，其中合格 {found.passed:,} 条",
                        f"{name}: {counted(size, 'answer')} for people, {found.passed:,} of them "
                        "pass"))  # fmt: skip
    for standing, called in _STANDINGS.items():
        if found.counts[standing]:
            yield f"  {found.counts[standing]:>7,}  {here.say(called)}"
    for who in sitting.people():
        one = sitting.progress(who)
        name_of = printable(names.get(who, who))
        yield here.say(Text(f"  {name_of}  已评判 {one.done:,}，剩余 {one.left:,}",
                            f"  {name_of}  {one.done:,} done, {one.left:,} left"))  # fmt: skip
    if waits := found.counts["disputed"] + found.counts["unsure"]:
        yield here.say(Text(
            f"  {waits:,} 条待未参与评判的人裁定：kanhe assess panel {name} --as 账号",
            f"  {counted(waits, 'answer waits', 'answers wait')} for somebody who has not judged "
            f"them: kanhe assess panel {name} --as ACCOUNT",
        ))  # fmt: skip
    yield from _agreement(found, here)


def _agreement(found: Figures, here: Place) -> Iterator[str]:
    same = here.say(Text("一致率", "two say the same"))
    yield f"  {same}: {_said(found.same)}"
    yield f"  Krippendorff α: {_said(found.alpha)}"
    for one in found.pairs:
        yield f"  Cohen κ (p{one.first}, p{one.second}): {_said(one.kappa)}"


def _plain(found: Figure | None) -> dict[str, float | int] | None:
    if found is None:
        return None
    ends = found.interval
    return {"value": found.value, "low": ends.low, "high": ends.high, "n": found.n}


def _said(found: Figure | None) -> str:
    if found is None:
        return "-"
    return f"{found.value:.3f} [{found.interval.low:.3f}, {found.interval.high:.3f}] n={found.n:,}"


def waiting(sitting: Sitting, here: Place) -> Iterator[str]:
    """Tell what waits for the panel, answer by answer; no text of any."""
    for one in sitting.results():
        if one.standing in ("disputed", "unsure"):
            said = " | ".join(_verdict(each, here) for each in sitting.both(one.number))
            yield f"{one.number:>6}  {said}"
    counts = count(sitting.results())
    left = counts["disputed"] + counts["unsure"]
    yield here.say(Text(f"待裁定 {left:,} 处，已裁定 {counts['panel'] + counts['untold']:,} 处。",
                        f"{counted(left, 'dispute waits', 'disputes wait')} for the panel; "
                        f"{counts['panel'] + counts['untold']:,} decided."))  # fmt: skip


def _verdict(one: Judgement, here: Place) -> str:
    return here.say(title(one.said, one.why))


def offered(choices: Mapping[str, Text], here: Place) -> Iterator[str]:
    """Give what can be said, numbered; reasons stand below what they are reasons for."""
    heads = {"pass": Text("合格，理由：", "It passes, since:"),
             "fail": Text("不合格，理由：", "It fails, since:")}  # fmt: skip
    above = ""
    for at, (value, text) in enumerate(choices.items(), 1):
        said, colon, _ = value.partition(":")
        if colon and said != above:
            yield here.say(heads[said])
        above = said
        yield f"  {at}  {here.say(text)}"


def shown(one: Shown, both: tuple[Judgement, ...], here: Place) -> Iterator[str]:
    """Show an answer to whoever judges it; `both`: what the panel sees beside it."""
    yield ""
    yield here.say(Text(f"── 第 {one.number} 条 · {zh(one.slice)} · {one.lang}",
                        f"── answer {one.number} · {one.slice} · {one.lang}"))  # fmt: skip
    for turn in one.turns:
        yield from _quoted(here.say(Text("问", "Q")), turn)
    yield from _quoted(here.say(Text("答", "A")), one.answer)
    if one.key:
        keys = ", ".join(map(printable, one.key))
        yield here.say(Text(f"正确回答须含其一：{keys}", f"A right answer has one of: {keys}"))
    for each in both:
        yield here.say(Text("意见：", "Said: ")) + _verdict(each, here)
    yield here.say(QUESTIONS[one.expect])


def _quoted(mark: str, text: str) -> Iterator[str]:
    for line in text.split("\n") if text.strip() else ["-"]:
        yield f"{mark} │ {printable(line)}"
