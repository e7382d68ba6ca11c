"""The check over judges: whether each that rules rely on was measured, lately, and has not drifted.

A judge whose weights nobody can pin may change unseen, so that what was measured of it counts for a
shorter time. One that came out otherwise when it was measured again is a gap until somebody has
looked and measured it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kanhe.status.check import SERVE, Terms, days, fact, run, said, unseen
from kanhe.status.judged import MEASURE, RECORD, InForce, judging
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import LOADED
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text


def judge_measured(picture: Picture, terms: Terms) -> Verdict:
    """Say whether each judge that a rule relies on was measured, lately, and has not drifted."""
    seen = judging(picture)
    if seen is None:
        return unseen(RECORD, SERVE)
    lost = sorted({one.name for one in seen.asked if one.judge is None})
    if not seen.asked:
        none = Text("现行规则不依靠研判模型", "No rule in force relies on a judge")
        return said(Standing.NOT_APPLICABLE, none, by=[seen.loaded])
    looks = [_standing(one, terms) for one in seen.judges]
    if lost:
        looks.append((Standing.UNKNOWN, _lost(lost), seen.settings, None))
    order = tuple(Standing)
    worst = min((standing for standing, *_ in looks), key=order.index)
    reasons = [reason for _, reason, _, _ in looks]
    entries = [entry for _, _, entry, _ in looks]
    begun = run(picture.all(LOADED), fact("judged"))
    ends = [end for *_, end in looks if end]
    since = max([begun.at, *(one.at for one in entries if one)])
    if worst is Standing.MET:
        by = [*entries, seen.settings, *seen.learnt, seen.loaded]
        return said(worst, *reasons, by=by, since=since, until=min(ends, default=None))
    if worst is Standing.STALE:
        since = max(end for end in ends if end <= terms.at)
    by = [*entries, seen.settings, *seen.learnt, seen.loaded]
    return said(worst, *reasons, by=by, since=since, do=(MEASURE,))


_Look = tuple[Standing, Text, Seen | None, datetime | None]


def _standing(judge: InForce, terms: Terms) -> _Look:
    if not judge.records:
        why = Text(f"{judge.name} 没有测评记录", f"{judge.name} was never measured as it is now")
        return Standing.GAP, why, None, None
    if judge.drifted:
        at = terms.moment(judge.drifted.at)
        why = Text(
            f"{judge.name} 于 {at.zh} 复测时结果有变，此后未重新测评",
            f"{judge.name} came out otherwise when it was measured again on {at.en}, and nobody "
            "has measured it since",
        )
        return Standing.GAP, why, judge.drifted, None
    newest = judge.records[0]
    most = terms.number("pinned_days" if judge.pinned else "unpinned_days")
    until, at = newest.at + days(most), terms.moment(newest.at)
    had = Text("账本记录", "on this ledger") if newest.seen else Text("随附记录", "as it came")
    fixed = Text("权重固定", "pinned") if judge.pinned else Text("权重未固定", "not pinned")
    why = Text(
        f"{judge.name}（{fixed.zh}）最近测评于 {at.zh}（{had.zh}），每 {most} 天须测评一次",
        f"{judge.name} ({fixed.en}) was last measured on {at.en} ({had.en}); it has to be every "
        f"{most} days",
    )
    standing = Standing.STALE if terms.at >= until else Standing.MET
    return standing, why, newest.seen, until


def _lost(names: Sequence[str]) -> Text:
    shown = "、".join(name or "default" for name in names)
    return Text(
        f"启动记录中没有规则所依靠的研判模型：{shown}",
        f"The start did not name a judge that rules rely on: {shown.replace('、', ', ')}",
    )
