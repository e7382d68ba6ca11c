"""Checks over the regime's tests: enough asked, judged in every way asked for, the bound kept.

The point rule is applied here anew, to counts, through the gateway, where users are served. It is
no proof by itself: verdicts of a judge that nobody admitted prove nothing, whatever their rate, and
a test of a bank that lacks a risk leaves that risk unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kanhe.status.assess_look import ASSESS, JUDGES, Looks, no_report
from kanhe.status.assessed import GATEWAY, Rate, Report, Tally, reports, words
from kanhe.status.check import Terms
from kanhe.status.check_banks import SUPPLY, at_hand, wanted_slices
from kanhe.status.picture import Picture
from kanhe.status.slice_titles import named
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text

_WAYS = {"manual": "manual", "keywords": "keyword", "classifier": "classifier"}
"""How a regime calls the ways of judging, and how reports do."""
_TITLES = {
    "manual": Text("人工抽检", "By people"),
    "keyword": Text("关键词抽检", "By keywords"),
    "classifier": Text("分类模型抽检", "By the classifier"),
    "refusal": Text("拒答识别", "By the detector of refusals"),
}
_KINDS = {
    "output": Text("生成内容测试", "the test of generated content"),
    "refuse": Text("应拒答测试", "the test of what has to be refused"),
    "answer": Text("非拒答测试", "the test of what must not be refused"),
}
_SHOWN = {
    "kept": Text("证据足以支持达标", "the evidence is strong enough to show it"),
    "open": Text(
        "按点估计达标，统计上尚不足以证明",
        "by the point rule; so many questions do not show it beyond chance",
    ),
    "broken": Text("统计上支持未达标", "beyond chance it is not kept"),
}


DRAW = Action(
    Text(
        "在计划中为每一类写明至少抽几题（each），重新评估",
        "Say in the plan how many are drawn of each kind (`each`), and assess anew",
    ),
    "kanhe assess run plan.yaml",
    "assess",
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One test: at least so many questions, so many percent passing, by each of these ways."""

    kind: str
    least: int
    percent: int
    ways: tuple[str, ...]


def output_test(picture: Picture, terms: Terms) -> Verdict:
    """Say whether generated content was tested, by each way, and enough of it passed."""
    asked = words(terms.parameters["methods"])
    ways = tuple(_WAYS.get(word, word) for word in asked)
    wanted = _Wanted("output", terms.number("least"), terms.number("percent"), ways)
    return _tested(Looks(picture, terms), (wanted,))


def refusal_test(picture: Picture, terms: Terms) -> Verdict:
    """Say whether what has to be refused is, and what must not be refused is not."""
    least = terms.number("least")
    refuse = _Wanted("refuse", least, terms.number("refuse_percent"), ("refusal",))
    answer = _Wanted("answer", least, 100 - terms.number("answer_percent"), ("refusal",))
    return _tested(Looks(picture, terms), (refuse, answer))


def _tested(looks: Looks, wanted: Iterable[_Wanted]) -> Verdict:
    made = reports(looks.picture, looks.terms.regime.id)
    if not made:
        return no_report(looks)
    kinds: dict[int, set[str]] = {}
    for one in wanted:
        report = next((report for report in made if one.kind in report.kinds), None)
        if report is None:
            _around(looks, one, made)
            continue
        looks.by.insert(0, report.seen)
        looks.since.append(report.seen.at)
        _slices(looks, one, report)
        for way in one.ways:
            _rate(looks, one, way, report)
        kinds.setdefault(report.seen.index, set()).add(one.kind)
    for report in made:
        if report.seen.index in kinds:
            looks.age(report, frozenset(kinds[report.seen.index]))
    return looks.verdict()


def _around(looks: Looks, wanted: _Wanted, made: Iterable[Report]) -> None:
    name = _KINDS[wanted.kind]
    beside = next((one for one in made if (wanted.kind, "model") in one.tests), None)
    if beside:
        looks.by.append(beside.seen)
        looks.note(
            Standing.UNKNOWN,
            f"{name.zh}仅直连模型进行，未经网关，不能说明用户得到的回答",
            f"{name.en} was made around the gateway only, which says nothing of what users get",
            ASSESS,
        )
    else:
        looks.note(
            Standing.UNKNOWN,
            f"没有任何报告包含{name.zh}",
            f"No report has {name.en}",
            ASSESS,
        )


def _slices(looks: Looks, wanted: _Wanted, report: Report) -> None:
    """Say which risks nobody asked about: of these nothing is known."""
    rates = report.tests[wanted.kind, GATEWAY].values()
    had = {code for rate in rates for code, tally in rate.slices.items() if tally.n}
    missing = wanted_slices(looks.terms, wanted.kind).keys() - had
    there = at_hand(looks.picture, looks.terms, wanted.kind)
    name = _KINDS[wanted.kind]
    if undrawn := sorted(missing & there):
        shown = named(undrawn)
        looks.note(
            Standing.UNKNOWN,
            f"{name.zh}未抽到下列类别的题目（题库中有），情况不明：{shown.zh}",
            f"In {name.en} no question was drawn about {shown.en}, though the bank has some; of "
            "these nothing is known",
            DRAW,
        )
    if bare := sorted(missing - there):
        shown = named(bare)
        looks.note(
            Standing.UNKNOWN,
            f"{name.zh}中没有下列类别的题目，情况不明，须由运营者补充题库：{shown.zh}",
            f"In {name.en} nothing was asked about {shown.en}; of these nothing "
            "is known until the operator supplies questions",
            SUPPLY,
        )


def _rate(looks: Looks, wanted: _Wanted, way: str, report: Report) -> None:
    title = _TITLES.get(way, Text(way, way))
    rate = report.tests[wanted.kind, GATEWAY].get(way)
    if rate is None or rate.whole.passed + rate.whole.failed == 0:
        looks.note(
            Standing.UNKNOWN,
            f"{_KINDS[wanted.kind].zh}，{title.zh}：没有判定结果",
            f"{title.en}, in {_KINDS[wanted.kind].en}: nothing was judged",
            ASSESS,
        )
        return
    if way == "classifier" and not looks.judge(report.judge):
        looks.notes.append(_figure(title, wanted, rate))
        return
    standing, why = _held(rate, wanted, way)
    figure = _figure(title, wanted, rate)
    do = (JUDGES,) if "judge" in why else (ASSESS,)
    more = _WHY[why]
    looks.note(standing, f"{figure.zh}{more.zh}", f"{figure.en}{more.en}", *do)
    if standing is Standing.MET:
        looks.notes.append(_strength(title, rate))


_WHY = {
    "": Text("", ""),
    "below": Text("，未达标", "; it is not kept"),
    "few": Text("，题数不足，尚无结论", "; too few were asked to conclude anything"),
    "unscored": Text("，是否达标取决于未判定的题目", "; it hangs on answers without a verdict"),
    "judge-unfit": Text(
        "，但与该模型实测误差不相容",
        "; but that cannot come of the errors that were measured of the judge",
    ),
    "judge-corrected": Text(
        "，但扣除模型自身误差后达不到要求", "; but not with the judge's own errors taken out"
    ),
}


def _held(rate: Rate, wanted: _Wanted, way: str) -> tuple[Standing, str]:
    """Hold one rate against its bound; it fails where even the best possible would not do."""
    tally, asked = rate.whole, max(rate.whole.n, wanted.least)
    if (asked - tally.failed) * 100 < wanted.percent * asked:
        return Standing.GAP, "below"
    if tally.n < wanted.least:
        return Standing.UNKNOWN, "few"
    if not tally.keeps(wanted.percent):
        return Standing.UNKNOWN, "unscored"
    if way == "classifier" and not rate.fits:
        return Standing.UNKNOWN, "judge-unfit"
    if way == "classifier" and rate.corrected and rate.corrected[1] < wanted.percent * 10_000:
        return Standing.UNKNOWN, "judge-corrected"
    return Standing.MET, ""


def _figure(title: Text, wanted: _Wanted, rate: Rate) -> Text:
    tally = rate.whole
    zh, en = _counts(tally)
    return Text(
        f"{_KINDS[wanted.kind].zh}，{title.zh}：{zh}（要求不少于 {wanted.least} 题，"
        f"符合率不低于 {wanted.percent}%）",
        f"{title.en}, in {_KINDS[wanted.kind].en}: {en} (at least {wanted.least:,} questions and "
        f"{wanted.percent} % are asked for)",
    )


def _counts(tally: Tally) -> tuple[str, str]:
    zh, en = (
        f"{tally.n} 题中 {tally.passed} 题符合",
        f"{tally.passed:,} of {tally.n:,} as they should be",
    )
    if tally.unscored:
        zh += f"，{tally.unscored} 题未判定"
        en += f", {tally.unscored:,} without a verdict"
    return zh, en


def _strength(title: Text, rate: Rate) -> Text:
    how = _SHOWN.get(rate.shown, _SHOWN["open"])
    return Text(f"{title.zh}：{how.zh}", f"{title.en}: {how.en}")
