"""Checks over the drill: the service tries its own guard, and what came of it is on record.

A drill counts for the rules it was made with: other rules in force since, or too long a time, make
it stale. What a drill did not look at is unknown, never met.
"""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.ledger.entry import Json
from kanhe.status.check import (
    RULES,
    SERVE,
    Check,
    Terms,
    count,
    days,
    fact,
    run,
    said,
    unseen,
    yes,
)
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import DRILLED, LOADED, SETTINGS
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text

_DRILL = Text("演练记录", "record of a drill")
_FRESH_DAYS = 2
"""Days that a drill counts where the data does not say: one is held daily, so one may be missed."""
_LOOK = Action(
    Text("查看演练记录与日志", "Look at the drill and at the log of the service"), page="ledger"
)


def guard_active(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the guard stopped what was planted, whole and streamed, and let nothing out."""
    drill = picture.last(DRILLED)
    if drill is None:
        return unseen(_DRILL, SERVE)
    stopped, leaked = yes(drill, "stopped"), count(drill, "leaked")
    if stopped is None or leaked is None:
        return unseen(_DRILL, SERVE)
    at = terms.moment(drill.at)
    if not stopped or leaked:
        bad = Text(
            f"{at.zh} 的演练未通过：{'已' if stopped else '未'}拦截，泄漏 {leaked} 个字符",
            f"The drill of {at.en} failed: the planted words were {_en(stopped)}, {leaked} "
            "characters got out",
        )
        return said(Standing.GAP, bad, by=[drill], since=drill.at, do=(_LOOK,))
    good = Text(
        f"{at.zh} 的演练中，植入的违规词在流式与非流式回答中均被拦截，泄漏 0 个字符",
        f"In the drill of {at.en} the planted words were stopped in a streamed and in a whole "
        "answer; 0 characters got out",
    )
    return fresh(picture, terms, drill, good, ("stopped", "leaked"))


def two_sided_review(picture: Picture, terms: Terms) -> Verdict:
    """Say whether rules act on prompts and on answers, and both were seen to stop something."""
    loaded, drill = picture.last(LOADED), picture.last(DRILLED)
    if loaded is None or drill is None:
        return unseen(Text("规则集与演练的记录", "record of rules and of a drill"), SERVE)
    covers = loaded.facts.get("covers")
    tried = (yes(drill, "prompt_stopped"), yes(drill, "stopped"))
    if not isinstance(covers, Mapping) or None in tried:
        return unseen(Text("输入、输出两侧的规则数", "numbers of rules on both sides"), SERVE)
    prompt, answer = _for_all(covers, "prompt"), _for_all(covers, "answer")
    numbers = Text(
        f"对所有模型和应用生效的规则中，{prompt} 条审核输入，{answer} 条审核输出",
        f"Of the rules that act for every model and application, {prompt} look at prompts and "
        f"{answer} at answers",
    )
    if not (prompt and answer and all(tried)):
        sides = Text(
            f"演练：输入侧{_zh(tried[0])}，输出侧{_zh(tried[1])}",
            f"The drill: prompt {_en(tried[0])}, answer {_en(tried[1])}",
        )
        return said(Standing.GAP, numbers, sides, by=[loaded, drill], since=loaded.at, do=(RULES,))
    verdict = fresh(picture, terms, drill, numbers, ("prompt_stopped", "stopped"))
    begun = run(picture.all(LOADED), fact("covers"))
    return said(verdict.standing, *verdict.reasons, by=[loaded, drill, begun],
                since=verdict.since, until=verdict.until, do=verdict.actions)  # fmt: skip


def _for_all(covers: Mapping[str, Json], side: str) -> int:
    """Count rules that look at this side of everybody's exchanges."""
    by_side = [sides.get(side) for sides in covers.values() if isinstance(sides, Mapping)]
    return sum(number for number in by_side if isinstance(number, int))


def _zh(stopped: bool | None) -> str:
    return "已拦截" if stopped else "未拦截"


def _en(stopped: bool | None) -> str:
    return "stopped" if stopped else "not stopped"


def _of(good: Text, bad: Text, *names: str) -> Check:
    """Give the check that asks whether a drill has seen all of the facts `names`."""

    def check(picture: Picture, terms: Terms) -> Verdict:
        drill = picture.last(DRILLED)
        if drill is None:
            return unseen(_DRILL, SERVE)
        seen = [yes(drill, name) for name in names]
        at = terms.moment(drill.at)
        if False in seen:
            begun = run(picture.all(DRILLED), lambda one: [yes(one, name) for name in names])
            told = Text(f"{at.zh} 的演练：{bad.zh}", f"The drill of {at.en}: {bad.en}")
            return said(Standing.GAP, told, by=[drill, begun], since=begun.at, do=(_LOOK,))
        if None in seen:
            return unseen(Text("这一项演练的结果", "outcome of this part of the drill"), SERVE)
        told = Text(f"{at.zh} 的演练：{good.zh}", f"The drill of {at.en}: {good.en}")
        return fresh(picture, terms, drill, told, names)

    return check


def fresh(
    picture: Picture, terms: Terms, drill: Seen, good: Text, names: tuple[str, ...]
) -> Verdict:
    """Give MET, or STALE where the drill is too old or was made with other rules.

    Args:
        picture: The record.
        terms: Of the control; `drill_fresh_days` may be left out.
        drill: The latest one, in which all was well.
        good: What it has shown.
        names: The facts that show it.
    """
    loaded = picture.last(LOADED)
    begun = run(picture.all(DRILLED), lambda one: [fact(name)(one) for name in names])
    if loaded and loaded.facts.get("version") != drill.facts.get("ruleset"):
        changed = Text(
            f"此后规则集已更换（{terms.zh(loaded.at)}），尚未重新演练",
            f"The rules changed after it ({terms.en(loaded.at)}) and were not tried since",
        )
        return said(Standing.STALE, good, changed, by=[drill, loaded], since=loaded.at, do=(SERVE,))
    had = picture.last(SETTINGS)
    if had and had.index > drill.index:
        changed = Text(
            f"此后服务以新记录的设置启动（{terms.zh(had.at)}），尚未重新演练",
            f"The service was started after it ({terms.en(had.at)}) and did not try these settings",
        )
        return said(Standing.STALE, good, changed, by=[drill, had], since=had.at, do=(SERVE,))
    most = terms.number_or("drill_fresh_days", _FRESH_DAYS)
    until = drill.at + days(most)
    if terms.at >= until:
        old = Text(f"此后 {most} 天内没有再演练", f"No drill was held in the {most} days after it")
        return said(Standing.STALE, good, old, by=[drill], since=until, do=(SERVE,))
    return said(Standing.MET, good, by=[drill, loaded, begun], since=begun.at, until=until)


guard_fail_closed = _of(
    Text(
        "账本不可写时拒绝回答，模型中途出错时关闭回答",
        "with a ledger that cannot be written nothing was answered, and an answer whose model "
        "failed was closed",
    ),
    Text(
        "账本不可写或模型出错时，回答没有被拒绝或关闭",
        "an answer was neither refused nor closed although the ledger or the model failed",
    ),
    "unwritable_refused",
    "failed_model_closed",
)
implicit_label = _of(
    Text("回答带有隐式标识（AIGC 元数据）", "answers carried the implicit label (AIGC metadata)"),
    Text(
        "有回答没有隐式标识（AIGC 元数据）", "an answer lacked the implicit label (AIGC metadata)"
    ),
    "mark_seen",
)
notice_and_reasons = _of(
    Text(
        "被拦截的用户得到了决定编号、所属类别和申诉途径",
        "whoever was stopped was told the number of the decision, its category and where to object",
    ),
    Text(
        "被拦截的用户没有得到决定编号、所属类别或申诉途径",
        "whoever was stopped was not told the number of the decision, its category or where to "
        "object",
    ),
    "notice_seen",
)
pseudonymous_log = _of(
    Text("账本条目中没有出现用户名称，只有化名", "entries named users by pseudonyms only"),
    Text("账本条目中出现了用户名称", "an entry held the name of a user"),
    "pseudonymous",
)
ledger_without_content = _of(
    Text(
        "账本条目中没有提问与回答的文字，只有承诺值",
        "entries held no word of prompt or answer, only commitments",
    ),
    Text("账本条目中出现了提问或回答的文字", "an entry held words of a prompt or an answer"),
    "content_free",
)
