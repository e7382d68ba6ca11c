"""Checks over the record itself: whether it is whole, how far it reaches back, what it tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from kanhe.status.check import SERVE, Terms, months_before, said, unseen, yes
from kanhe.status.check_guard import fresh
from kanhe.status.picture import Count, Picture, Seen, Unsound
from kanhe.status.record import BEGUN, DRILLED, ENDS, STARTED, STOPPED
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

VERIFY = Action(
    Text("校验账本，查明第一条不符的条目", "Verify the ledger and find the first entry at fault"),
    "kanhe ledger verify",
    "ledger",
)
_LOGS = Action(
    Text("在运行服务的机器上查看服务日志，查明中断原因",
         "Look at the service's log, on its machine, for what ended it")
)  # fmt: skip


def _reach(picture: Picture) -> Count | None:
    """Give the count that has the first entry of the record."""
    return min(picture.counts.values(), key=lambda had: had.first, default=None)


def _end(picture: Picture) -> int:
    return max(had.last for had in picture.counts.values())


def ledger_sound(picture: Picture, terms: Terms) -> Verdict:
    """Say whether every entry is as the log's key has signed it."""
    first = _reach(picture)
    if first is None:
        return unseen(Text("条目", "entry"), SERVE)
    if isinstance(picture.soundness, Unsound):
        return said(Standing.GAP, unsound(picture.soundness), do=(VERIFY,))
    signed, root = picture.soundness.size, picture.soundness.root.hex()[:16]
    if not signed:
        return unseen(Text("已签名的条目", "entry that is signed yet"), SERVE)
    good = Text(
        f"前 {signed} 条条目与签名的根哈希 {root} 相符",
        f"The first {counted(signed, 'entry is', 'entries are')} as signed, under the root {root}",
    )
    # Durable entries are signed a moment later; the picture has them already.
    waiting = max(_end(picture) + 1 - signed, 0)
    tail = Text(f"其后 {waiting} 条已落盘，尚待签名",
                f"{waiting} after them are durable and wait for their signature")  # fmt: skip
    reasons = (good, tail) if waiting else (good,)
    return Verdict(Standing.MET, reasons, (min(signed - 1, _end(picture)),), since=first.first_at)


def unsound(found: Unsound) -> Text:
    """Say why nothing may be concluded from the ledger."""
    where = ("", "") if found.index is None else (f"条目 {found.index}：", f"entry {found.index}: ")
    return Text(
        f"账本未通过校验，不能据以判断。{where[0]}{found.why}",
        f"The ledger did not verify, so nothing can be concluded from it. {where[1]}{found.why}",
    )


def log_retention(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the record reaches back as long as logs have to be kept, or to its beginning."""
    first = _reach(picture)
    if first is None:
        return unseen(Text("条目", "entry"), SERVE)
    if isinstance(picture.soundness, Unsound):
        return said(Standing.UNKNOWN, unsound(picture.soundness), do=(VERIFY,))
    months = terms.number("months")
    begun, evidence = terms.moment(first.first_at), (first.first, _end(picture))
    if first.first != 0:
        bad = Text(
            f"账本最早的条目是第 {first.first} 条（{begun.zh}），此前的条目已不在",
            f"The oldest entry is number {first.first} ({begun.en}); those before it are gone",
        )
        return Verdict(Standing.GAP, (bad,), evidence, (VERIFY,), first.first_at)
    asked_from = months_before(terms.at, months, terms.regime.zone)
    if (launched := _launched(terms)) and first.first_at > max(launched, asked_from):
        before = Text(
            f"服务于 {launched.date().isoformat()} 上线，账本自 {begun.zh} 才开始；"
            f"此前 {months} 个月内的日志不在账本中",
            f"The service was launched on {launched.date().isoformat()}, and the record begins on "
            f"{begun.en}; logs from before it are not in it, and have to be kept for {months} "
            "months",
        )
        by = tuple(dict.fromkeys((*evidence, *_told(terms))))
        return Verdict(Standing.UNKNOWN, (before,), by, (_EARLIER,))
    if first.first_at <= asked_from:
        good = Text(
            f"账本自第 0 条（{begun.zh}）起完整保存，已满 {months} 个月",
            f"The record is whole from entry 0 ({begun.en}) on: more than {months} months",
        )
    else:
        good = Text(
            f"账本自 {begun.zh} 开始，不足 {months} 个月；此后的条目完整，没有删减",
            f"The record begins on {begun.en}, less than {months} months ago; since then it is "
            "whole and nothing was cut off",
        )
    return Verdict(Standing.MET, (good,), evidence, since=first.first_at)


_EARLIER = Action(
    Text("自行保存账本开始之前的日志，直到期满",
         "Keep the logs from before the record yourselves until their time is over"),
)  # fmt: skip


def _launched(terms: Terms) -> datetime | None:
    """Give the end of the day on which the service was launched, where the answers tell it."""
    had = terms.determination
    day = had.answers.get(str(terms.parameters.get("launched"))) if had else None
    if not isinstance(day, str):
        return None
    return datetime.combine(date.fromisoformat(day), time.max, ZoneInfo(terms.regime.zone))


def _told(terms: Terms) -> tuple[int, ...]:
    return (terms.determination.seen.index,) if terms.determination else ()


def traceable_decisions(picture: Picture, terms: Terms) -> Verdict:
    """Say whether what was decided can be traced: by the drill's own entries, and by the counts."""
    drill = picture.last(DRILLED)
    seen = yes(drill, "recorded") if drill else None
    if drill is None or seen is None:
        return unseen(Text("演练中留痕的结果", "drill that looked for its entries"), SERVE)
    begun = picture.counts.get(BEGUN)
    number = begun.number if begun else 0
    ends = sum(had.number for end in ENDS if (had := picture.counts.get(end)))
    numbers = Text(
        f"回答开始 {number} 次，结束 {ends} 次",
        f"{counted(number, 'answer was', 'answers were')} begun and {ends:,} "
        f"{'has' if ends == 1 else 'have'} ended on record",
    )
    if not seen or ends > number:
        bad = Text(
            f"{terms.zh(drill.at)} 的演练：条目{'齐全' if seen else '不齐全'}",
            f"The drill of {terms.en(drill.at)}: its entries were {'' if seen else 'not '}complete",
        )
        return said(Standing.GAP, numbers, bad, by=[drill], since=drill.at, do=(VERIFY,))
    good = Text(
        f"{terms.zh(drill.at)} 的演练：每次决定的编号、规则、规则集版本均已入账",
        f"The drill of {terms.en(drill.at)}: number, rule and version of the rules of each "
        "decision were on record",
    )
    found = fresh(picture, terms, drill, good, ("recorded",))
    last = (begun.last,) if begun else ()
    return replace(found, reasons=(*found.reasons, numbers),
                   evidence=(drill.index, *last))  # fmt: skip


def continuity(picture: Picture, terms: Terms) -> Verdict:
    """Say how often the service has ended without meaning to: starts without a stop before them."""
    starts = picture.all(STARTED)
    if not starts:
        return unseen(Text("服务启动的记录", "start of the service"), SERVE)
    span, most = terms.number_or("days", _DAYS), terms.number_or("most", 0)
    since = terms.at - timedelta(days=span)
    crashes = [seen for seen in _crashes(picture) if seen.at > since]
    if len(crashes) > most:
        bad = Text(
            f"最近 {span} 天内，{len(crashes)} 次启动之前没有停止的记录，即服务意外中断",
            f"In the last {counted(span, 'day')} {counted(len(crashes), 'start')} had no stop "
            f"before {'it' if len(crashes) == 1 else 'them'}: the service had broken off",
        )
        by = [*reversed(crashes)]
        return said(Standing.GAP, bad, by=by, since=crashes[0].at, do=(_LOGS,),
                    until=crashes[-1 - most].at + timedelta(days=span))  # fmt: skip
    good = Text(
        f"最近 {span} 天内意外中断 {len(crashes)} 次；最近一次启动于 {terms.zh(starts[-1].at)}",
        f"In the last {span} days the service broke off "
        f"{counted(len(crashes), 'time')}; its latest start was on {terms.en(starts[-1].at)}",
    )
    return said(Standing.MET, good, by=[starts[-1]], since=max(starts[0].at, since))


_DAYS = 30
"""Days that are looked back on where the data does not say; a choice of ours."""


def _crashes(picture: Picture) -> list[Seen]:
    """Give the starts that follow another start with no stop between them."""
    marks = sorted([*picture.all(STARTED), *picture.all(STOPPED)], key=lambda seen: seen.index)
    return [
        here for before, here in pairwise(marks) if before.tag == STARTED and here.tag == STARTED
    ]
