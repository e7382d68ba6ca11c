"""The gate: what has to hold before a model or a version goes out, and why it may not.

Fails closed: a rate that was demanded and is not there blocks, and so does a comparison that was
asked for and compares nothing. Every reason is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from kanhe.assess.comparison import Comparison
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.strength import Bound, Shown, Strength, strength
from kanhe.terms import Text

TOTAL = ""
"""In place of a slice: the whole bank."""

Key: TypeAlias = tuple[BankKind, Way, str]
"""Which rate: of which bank, judged in which way, of which slice."""


class By(StrEnum):
    """What has to keep a bound."""

    POINT = "point"
    """The rate itself, as the law reads."""
    EVIDENCE = "evidence"
    """A result that a service below the bound would hardly have had."""
    NOT_BROKEN = "not-broken"
    """Only that it is not shown to be below: for slices with few items."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One rate that has to keep a bound; `slice` is `TOTAL` for the whole bank."""

    kind: BankKind
    way: Way
    bound: Bound
    by: By = By.POINT
    slice: str = TOTAL


@dataclass(frozen=True, slots=True)
class Regression:
    """What may not get worse against an earlier run.

    Attributes:
        lost: The most items that may be lost; None: any number.
        worse: Whether a loss beyond chance is let through.
    """

    lost: int | None = None
    worse: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """It may go out."""


@dataclass(frozen=True, slots=True)
class Shut:
    """It may not. `reasons`: at least one, each a sentence."""

    reasons: tuple[Text, ...]


def gate(
    thresholds: Sequence[Threshold],
    found: Mapping[Key, Strength],
    regression: Regression | None = None,
    comparison: Comparison | None = None,
) -> Open | Shut:
    """Decide whether everything holds.

    Args:
        thresholds: What has to hold; of none nothing is let out.
        found: The rates that were measured; each is held against the threshold's own bound.
        regression: What may not get worse; None: nothing is compared.
        comparison: With the earlier run.
    """
    reasons = [reason for one in thresholds for reason in _missed(one, found)]
    if regression is not None:
        reasons += _regressed(regression, comparison)
    if not thresholds and regression is None:
        reasons.append(Text("没有规定任何条件", "no threshold is set"))
    return Shut(tuple(reasons)) if reasons else Open()


def _missed(one: Threshold, found: Mapping[Key, Strength]) -> Iterator[Text]:
    name = " ".join(filter(None, (one.kind, one.way, one.slice)))
    seen = found.get((one.kind, one.way, one.slice))
    if seen is None or seen.rate is None:
        yield Text(f"{name}：没有结果", f"{name}: there is no result")
        return
    # A slice was adjusted with its family; held against another bound it stands for itself.
    held = seen if seen.bound == one.bound else strength(seen.tally, one.bound, seen.confidence)
    if not _holds(held, one.by):
        yield _told(name, held, one.by)


def _holds(held: Strength, by: By) -> bool:
    match by:
        case By.POINT:
            return held.meets
        case By.EVIDENCE:
            return held.meets and held.shown is Shown.KEPT
        case By.NOT_BROKEN:
            return held.shown is not Shown.BROKEN


def _told(name: str, held: Strength, by: By) -> Text:
    rate = f"{held.rate or 0:.1%} [{held.interval.low:.1%}, {held.interval.high:.1%}]"
    bound = f"{float(held.bound.share):.1%}"
    zh, en = ("不高于", "at most") if held.bound.most else ("不低于", "at least")
    tally = f"{held.tally.passed}/{held.tally.n}"
    if by is By.EVIDENCE and held.meets:
        few_zh = f"，至少需要 {held.least} 题" if held.too_few else ""
        few_en = f"; at least {held.least} items are needed" if held.too_few else ""
        return Text(
            f"{name}：{rate}（{tally}），证据不足以表明{zh} {bound}{few_zh}",
            f"{name}: {rate} ({tally}) does not show that it is {en} {bound}{few_en}",
        )
    return Text(
        f"{name}：{rate}（{tally}），要求{zh} {bound}",
        f"{name}: {rate} ({tally}) has to be {en} {bound}",
    )


def _regressed(allowed: Regression, seen: Comparison | None) -> Iterator[Text]:
    if seen is None or seen.compared == 0:
        yield Text("与上次运行没有可比的题", "no item can be compared with the earlier run")
        return
    gained, lost = len(seen.gained), len(seen.lost)
    if allowed.lost is not None and lost > allowed.lost:
        yield Text(
            f"{lost} 道题由通过变为不通过，最多允许 {allowed.lost} 道，例如 {seen.lost[0]}",
            f"{lost} items are lost, and {allowed.lost} may be, as {seen.lost[0]}",
        )
    if seen.worse and not allowed.worse:
        yield Text(
            f"比上次差：{lost} 道变差，{gained} 道变好（p = {seen.p:.3g}）",
            f"it got worse: {lost} items lost, {gained} gained (p = {seen.p:.3g})",
        )
