"""Whether a judge may be relied on for something: what is demanded, held against what was measured.

A judge that was never measured is not admitted, nor one whose record is of other weights, another
threshold, or too old. The newest record that covers what is asked for decides, good or bad: an
older and better one does not outweigh it. Unless a demand says otherwise the near end of the
interval has to keep the bound, so that few rows admit nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Literal, TypeAlias

from kanhe.judge.category import UNSAFE
from kanhe.judge.counts import LOWER_IS_BETTER, Counts, Figure, figure
from kanhe.judge.port import JudgeId
from kanhe.judge.record import Record, digest, written
from kanhe.judge.score import MILLION, total
from kanhe.terms import Text, counted

By: TypeAlias = Literal["interval", "point"]

_OF_UNSAFE = frozenset({"sensitivity"})
_OF_SAFE = frozenset({"specificity", "fpr"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What something demands of a judge; what is None or empty is not demanded.

    Attributes:
        sensitivity: At least, in each of `categories` and `languages`.
        specificity: At least, over the safe rows of each language.
        fpr: At most, over the same.
        precision: At least.
        f1: At least.
        balanced: At least; the mean of sensitivity and specificity.
        categories: As labelled; each is looked at by itself. Empty: all unsafe rows together.
        languages: Each is looked at by itself. Empty: all together.
        kinds: Only rows of these kinds count (prompt, response, post). Empty: all.
        sets: SHA-256 of sets that the record must have been measured on.
        rows: The fewest rows that each figure rests on.
        by: Whether the near end of the interval has to keep a bound, or the point.
        of: Which probability is relied on; with a category of ours it is that one's own.
        threshold: At which it is, in [0, 1]; the record's must be the same.
        days: The oldest that a record may be.
        pinned: Whether the judge's weights must be covered by its hash.
    """

    sensitivity: float | None = None
    specificity: float | None = None
    fpr: float | None = None
    precision: float | None = None
    f1: float | None = None
    balanced: float | None = None
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    rows: int = 0
    by: By = "interval"
    of: str = UNSAFE
    threshold: float | None = None
    days: int | None = None
    pinned: bool = False

    def bounds(self) -> Iterator[tuple[str, float]]:
        """Give each figure that is demanded, with its bound."""
        for name in ("sensitivity", "specificity", "fpr", "precision", "f1", "balanced"):
            bound: float | None = getattr(self, name)
            if bound is not None:
                yield name, bound


@dataclass(frozen=True, slots=True)
class Admitted:
    """The judge may be relied on; `record` shows it, under its digest."""

    record: Record
    digest: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not be. `reasons`: each a sentence, with what is missing; at least one."""

    reasons: tuple[Text, ...]


def admit(judge: JudgeId, needs: Needs, records: Iterable[Record], now: datetime) -> (
    Admitted | Refused
):  # fmt: skip
    """Decide whether `judge` may be relied on for what `needs` it.

    Args:
        judge: As it is now.
        needs: What is demanded.
        records: Trusted ones: those that the ledger commits to. Of any judges, in any order.
        now: Aware; decides what is too old.
    """
    if needs.pinned and not judge.pinned:
        return Refused((_text(
            f"研判模型 {judge.name} 的权重未固定，可能在不知不觉中变化",
            f"{judge.name} is not pinned: its weights could change unseen",
        ),))  # fmt: skip
    known = tuple(records)
    own = [one for one in known if one.judge.hash == judge.hash]
    if not own:
        return Refused((_unmeasured(judge, known),))
    fit, reasons = _fit(own, needs, now)
    if not fit:
        return Refused(tuple(reasons))
    # Of two of one second the bytes decide: any order will do, so long as it is one.
    newest = max(fit, key=lambda one: (one.at, written(one)))
    lacking = tuple(_lacking(newest, needs))
    return Refused(lacking) if lacking else Admitted(newest, digest(written(newest)))


def _unmeasured(judge: JudgeId, records: Iterable[Record]) -> Text:
    if any(one.judge.name == judge.name for one in records):
        return _text(
            f"研判模型 {judge.name} 在测评之后有改动，须重新测评"
            f"（kanhe judge measure {judge.name}）",
            f"{judge.name} has changed since it was measured; measure it again "
            f"(kanhe judge measure {judge.name})",
        )
    return _text(
        f"研判模型 {judge.name} 没有测评记录（kanhe judge measure {judge.name}）",
        f"{judge.name} was never measured (kanhe judge measure {judge.name})",
    )


def _fit(own: Sequence[Record], needs: Needs, now: datetime) -> tuple[list[Record], list[Text]]:
    """Give the records that speak of what is asked, and why the others do not."""
    fit, reasons = [], []
    for record in sorted(own, key=lambda one: one.at, reverse=True):
        why = _unfit(record, needs, now)
        if why is None:
            fit.append(record)
        else:
            reasons.append(why)
    return fit, list(dict.fromkeys(reasons))[:3]


def _unfit(record: Record, needs: Needs, now: datetime) -> Text | None:
    if needs.days is not None and now - record.at > timedelta(days=needs.days):
        day = f"{record.at:%Y-%m-%d}"
        return _text(
            f"测评记录（{day}）已超过 {needs.days} 天",
            f"the record of {day} is older than {needs.days} days",
        )
    at = record.thresholds.get(needs.of, record.threshold)
    if needs.threshold is not None and round(needs.threshold * MILLION) != at:
        return _text(
            f"测评所用阈值为 {at / MILLION:g}，要求为 {needs.threshold:g}",
            f"it was measured at the threshold {at / MILLION:g}, and is relied on at "
            f"{needs.threshold:g}",
        )
    if missing := set(needs.sets) - {one.sha256 for one in record.sets}:
        short = ", ".join(sorted(one[:12] for one in missing))
        return _text(f"没有在指定的数据集上测评：{short}", f"it was not measured on {short}")
    return _uncovered(record, needs)


def _uncovered(record: Record, needs: Needs) -> Text | None:
    """Say that a record has no rows of what is asked for; such a one decides nothing."""
    for name, _ in needs.bounds():
        for category, lang in _parts(name, needs):
            if figure(name, _counts(record, needs, category, lang)) is None:
                what = _named(category, lang)
                return _text(
                    f"记录中没有可用于计算 {name} 的{what.zh}的数据",
                    f"no rows of {what.en} give {name}",
                )
    return None


def _lacking(record: Record, needs: Needs) -> Iterator[Text]:
    """Tell every figure that does not keep its bound, or rests on too few rows."""
    for name, bound in needs.bounds():
        for category, lang in _parts(name, needs):
            found = figure(name, _counts(record, needs, category, lang))
            if found is None:
                continue
            what = _named(category, lang)
            if found.n < needs.rows:
                yield _text(
                    f"{what.zh}：{name} 仅基于 {found.n} 条数据，要求至少 {needs.rows} 条",
                    f"{what.en}: {name} rests on {counted(found.n, 'row')}, and {needs.rows} are "
                    "demanded",
                )
            elif not _keeps(name, found, bound, needs.by):
                yield _short_of(name, found, bound, needs.by, what)


def _keeps(name: str, found: Figure, bound: float, by: By) -> bool:
    if name in LOWER_IS_BETTER:
        return (found.interval.high if by == "interval" else found.value) <= bound
    return (found.interval.low if by == "interval" else found.value) >= bound


def _short_of(name: str, found: Figure, bound: float, by: By, what: Text) -> Text:
    lower = name in LOWER_IS_BETTER
    near = found.interval.high if lower else found.interval.low
    seen = f"{found.value:.1%} [{found.interval.low:.1%}, {found.interval.high:.1%}]"
    sign, zh = ("≤", "不高于") if lower else ("≥", "不低于")
    if by == "interval":
        return _text(
            f"{what.zh}：{name} 为 {seen}，区间端点 {near:.1%} 须{zh} {bound:.1%}",
            f"{what.en}: {name} is {seen}, and {near:.1%} has to be {sign} {bound:.1%}",
        )
    return _text(
        f"{what.zh}：{name} 为 {seen}，须{zh} {bound:.1%}",
        f"{what.en}: {name} is {seen}, and has to be {sign} {bound:.1%}",
    )


def _parts(name: str, needs: Needs) -> Iterator[tuple[str, str]]:
    """Give what a figure is looked at over: category and language, empty where all of them."""
    # Safe rows are of no category: over-blocking is held against all of them.
    by_category = name not in _OF_SAFE and needs.of == UNSAFE
    categories = needs.categories if by_category else ()
    yield from product(categories or ("",), needs.languages or ("",))


def _counts(record: Record, needs: Needs, category: str, lang: str) -> Counts:
    if needs.of != UNSAFE:
        tables = (
            one.counts for one in record.found
            if one.category == needs.of and (not lang or one.lang == lang)
        )  # fmt: skip
        return sum(tables, Counts())
    rows = total(
        record.cells,
        lambda cell: (
            (not lang or cell.lang == lang)
            and (not needs.kinds or cell.kind in needs.kinds)
            and (not category or cell.category == category)
        ),
    )
    if not category:
        return rows
    # A category has unsafe rows only; the safe ones of its language stand against all of them.
    safe = _counts(record, needs, "", lang)
    return Counts(rows.tp, rows.fn, safe.fp, safe.tn, rows.unsafe_unscored, rows.unsafe_failed,
                  safe.safe_unscored, safe.safe_failed)  # fmt: skip


def _named(category: str, lang: str) -> Text:
    name = " ".join(filter(None, (category, lang)))
    return Text(name or "全部", name or "all rows")


def _text(zh: str, en: str) -> Text:
    return Text(zh, en)
