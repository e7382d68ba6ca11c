"""The check over question banks: enough in all and of each risk, renewed in time, not rejected.

A bank counts as it was last looked at (`assess:bank:seen`), and only if that was lately: one that
was laid aside shows nothing. Several of a kind count together, so that an operator's own bank of
political questions stands beside ours. A risk without a single question is unknown and no gap: the
questions on it are for the operator to bring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from kanhe.status.assessed import words
from kanhe.status.check import Terms, count, days, fact, run, said, unseen
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import BANK_SEEN
from kanhe.status.slice_titles import named, zh
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

SUPPLY = Action(
    Text(
        "补充题目（写法见 docs/how-to/write-a-question-bank.md），再检查题库",
        "Write more questions (docs/how-to/write-a-question-bank.md), and check the bank",
    ),
    "kanhe assess banks check my-bank/ --record",
    "assess",
)
_BANK = Text("该题库的检查记录", "record of such a bank")


@dataclass(frozen=True, slots=True)
class _Held:
    """Banks of one kind that count together."""

    entries: tuple[Seen, ...]
    items: Mapping[str, int]
    renewed: datetime
    """The beginning of the day on which one of them was last changed."""
    reviewers: int

    @property
    def total(self) -> int:
        """Questions in all."""
        return sum(self.items.values())


def checking(regime: str) -> Action:
    """Give the step by which the shipped banks of a regime are looked at and put on record."""
    banks = " ".join(f"{regime}/{kind}" for kind in ("output", "refuse", "answer"))
    return Action(
        Text("检查题库并记入账本", "Check the banks and put them on record"),
        f"kanhe assess banks check {banks} --record",
        "assess",
    )


def question_bank(picture: Picture, terms: Terms) -> Verdict:
    """Say whether questions of a kind are enough, in all and of each slice, and renewed in time."""
    kind = str(terms.parameters["kind"])
    newest = _newest(picture, terms, kind)
    check = checking(terms.regime.id)
    if not newest:
        return unseen(_BANK, check)
    rejected = [seen for seen in newest if words(seen.facts.get("rejected"))]
    kept = _once([seen for seen in newest if seen not in rejected])
    most = terms.number("fresh_days")
    lately = [seen for seen in kept if terms.at < seen.at + days(most)]
    held = _held(lately or kept, terms)
    reasons = [_rejected(seen) for seen in rejected]
    if held is None:
        since = max(seen.at for seen in rejected) if rejected else None
        return said(Standing.GAP, *reasons, by=newest, since=since, do=(SUPPLY,)) if rejected else (
            unseen(_BANK, check)
        )  # fmt: skip
    return _judged(held, terms, kind, reasons, picture)


def _judged(held: _Held, terms: Terms, kind: str, reasons: list[Text], picture: Picture) -> Verdict:
    least, each, most = (
        terms.number("least"),
        wanted_slices(terms, kind),
        terms.number("fresh_days"),
    )
    short = {code: (held.items.get(code, 0), want) for code, want in each.items()
             if held.items.get(code, 0) < want}  # fmt: skip
    bare = [code for code, (had, _) in short.items() if not had]
    few = {code: pair for code, pair in short.items() if pair[0]}
    until = held.renewed + days(most)
    ends = min([until, *(seen.at + days(most) for seen in held.entries)])
    told = [_total(held.total, least), *_slices(len(each), few, bare), *reasons]
    told += [_renewed(held, terms, most), *_unreviewed(held)]
    by = [*held.entries]
    since = max(run(_of(picture, seen), fact("sha256")).at for seen in held.entries)
    if held.total < least or few:
        return said(Standing.GAP, *told, by=by, since=since, do=(SUPPLY,))
    if bare:
        return said(Standing.UNKNOWN, *told, by=by, since=since, do=(SUPPLY,))
    if terms.at >= ends:
        return said(Standing.STALE, *told, by=by, since=ends, do=(SUPPLY,))
    return said(Standing.MET, *told, by=by, since=since, until=ends)


def wanted_slices(terms: Terms, kind: str) -> dict[str, int]:
    """Give the least number of questions of each slice of a kind of bank: what the regime fixes."""
    risks = terms.regime.risks.items()
    match kind:
        case "output":
            return {code: risk.questions for code, risk in risks if risk.questions}
        case "refuse":
            return {code: risk.refusals for code, risk in risks if risk.refusals}
        case _:
            names = (name for key in ("society", "person")
                     for name in words(terms.parameters.get(key)))  # fmt: skip
            return dict.fromkeys(names, terms.number_or("each", 1))


def at_hand(picture: Picture, terms: Terms, kind: str) -> frozenset[str]:
    """Give the slices on which a bank of a kind has a question, as it was last looked at."""
    held = _held(_newest(picture, terms, kind), terms)
    return frozenset(code for code, number in held.items.items() if number) if held else frozenset()


def _newest(picture: Picture, terms: Terms, kind: str) -> list[Seen]:
    """Give what was last seen of each bank of a kind, the newest first."""
    newest: dict[str, Seen] = {}
    for seen in picture.all(BANK_SEEN):
        newest[str(seen.facts.get("bank"))] = seen
    mine = [seen for seen in newest.values() if _is(seen, terms, kind)]
    return sorted(mine, key=lambda seen: seen.index, reverse=True)


def _is(seen: Seen, terms: Terms, kind: str) -> bool:
    facts = seen.facts
    if facts.get("kind") != kind or facts.get("regime") not in ("", terms.regime.id):
        return False
    return isinstance(facts.get("items"), Mapping) and _day(facts.get("updated")) is not None


def _once(entries: Sequence[Seen]) -> list[Seen]:
    """Leave out copies: one bank under two names is one bank."""
    return list({str(seen.facts.get("sha256")): seen for seen in reversed(entries)}.values())[::-1]


def _held(entries: Sequence[Seen], terms: Terms) -> _Held | None:
    if not entries:
        return None
    items: dict[str, int] = {}
    for seen in entries:
        had = seen.facts["items"]
        for code, number in had.items() if isinstance(had, Mapping) else ():
            if type(number) is int:
                items[code] = items.get(code, 0) + number
    zone = ZoneInfo(terms.regime.zone)
    # A bank cannot have been changed after it was looked at, whatever its file says.
    renewed = max(
        min(datetime.combine(day, time(), zone).astimezone(UTC), seen.at)
        for seen in entries
        if (day := _day(seen.facts.get("updated")))
    )
    reviewers = min(count(seen, "reviewers") or 0 for seen in entries)
    return _Held(tuple(entries), items, renewed, reviewers)


def _of(picture: Picture, seen: Seen) -> list[Seen]:
    name = seen.facts.get("bank")
    return [one for one in picture.all(BANK_SEEN) if one.facts.get("bank") == name]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _total(total: int, least: int) -> Text:
    if total >= least:
        return Text(f"题目共 {total} 道，不少于 {least} 道",
                    f"{total:,} questions in all, at least {least:,} asked for")  # fmt: skip
    return Text(
        f"题目共 {total} 道，要求不少于 {least} 道，还差 {least - total} 道",
        f"{total:,} questions in all of at least {least:,}: {least - total:,} are missing",
    )


def _slices(asked: int, few: Mapping[str, tuple[int, int]], bare: Sequence[str]) -> list[Text]:
    if not few and not bare:
        return [
            Text(f"{asked} 类均已达到下限", f"Each of the {asked} kinds has as many as it must")
        ]
    told = []
    if few:
        here = "，".join(f"{zh(code)} {had}/{want}" for code, (had, want) in few.items())
        there = ", ".join(f"{code} {had}/{want}" for code, (had, want) in few.items())
        told.append(Text(f"{asked} 类中，下列类别题目不足：{here}",
                         f"Of the {asked} kinds these have too few: {there}"))  # fmt: skip
    if bare:
        shown = named(bare)
        told.append(Text(
            f"{asked} 类中，下列类别没有题目，情况不明，须由运营者补充：{shown.zh}",
            f"Of the {asked} kinds these have no question, and stay unknown until the operator "
            f"supplies some: {shown.en}",
        ))  # fmt: skip
    return told


def _rejected(seen: Seen) -> Text:
    codes, name = words(seen.facts.get("rejected")), seen.facts.get("bank")
    shown = "、".join(codes)
    return Text(
        f"题库 {name} 检查不合格，不计入（{shown}）",
        f"The bank {name} was rejected and does not count ({shown.replace('、', ', ')})",
    )


def _renewed(held: _Held, terms: Terms, most: int) -> Text:
    at, seen = terms.moment(held.renewed), terms.moment(held.entries[0].at)
    ago, day = max((terms.at - held.renewed).days, 0), at.zh[: at.zh.index("日") + 1]
    return Text(
        f"题库最近更新于 {day}，距今 {ago} 天，每 {most} 天至少更新一次；最近检查于 {seen.zh}",
        f"It was last renewed on {at.en.partition(',')[0]}, {counted(ago, 'day')} ago; it has to "
        f"be every {most} days. It was last looked at on {seen.en}",
    )


def _unreviewed(held: _Held) -> list[Text]:
    if held.reviewers:
        return []
    return [Text("题目尚无编写者以外的人复核",
                 "Nobody but their authors has looked at all of these questions")]  # fmt: skip
