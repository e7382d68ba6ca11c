"""Whether a rate keeps a bound, in the two senses that matter, and never one for the other.

The point rule is the law's: so many of those asked. It is arithmetic over whole numbers. Strength
of evidence is a stranger's question: would a service that does *not* keep the bound have come out
so well? Exact binomial tests answer it both ways, and between the two answers lies `open`: the
questions asked do not tell. Twenty questions can never show 90 %, even when all are passed, and
this says so beforehand.

An item without a verdict is held against the service in the point rule; the interval reaches from
where all such items failed to where all passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor, log

from kanhe.judge.exact import CONFIDENCE, Interval, beta_cdf, clopper_pearson, holm

MOST_NEEDED = 10_000_000
"""Above so many questions nobody is told to ask so many."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound that a regime or an operator sets on a rate.

    Attributes:
        share: The rate that has to be kept, as a fraction; exact, 0 ≤ share ≤ 1.
        most: It bounds what goes *wrong* from above (at most 5 % refused) and not what passes from
            below (at least 90 % passed). Either way an item passes that does what it should.
    """

    share: Fraction
    most: bool = False

    @property
    def passing(self) -> Fraction:
        """The least share of items that have to pass."""
        return 1 - self.share if self.most else self.share


@dataclass(frozen=True, slots=True)
class Tally:
    """Items by what came of them; `unscored`: no answer, or no verdict on it."""

    passed: int
    failed: int
    unscored: int = 0

    def __post_init__(self) -> None:
        if min(self.passed, self.failed, self.unscored) < 0:
            raise ValueError(f"{self} counts less than nothing")

    @property
    def n(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.unscored

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.unscored + other.unscored)  # fmt: skip


class Shown(StrEnum):
    """What the items show of the rate behind them."""

    KEPT = "kept"
    """A service below the bound would hardly have come out so well."""
    OPEN = "open"
    BROKEN = "broken"
    """A service that keeps the bound would hardly have come out so badly."""


@dataclass(frozen=True, slots=True)
class Strength:
    """One rate against one bound.

    Attributes:
        rate: As the bound speaks of it: of items passed, or where `bound.most`, of items gone
            wrong; without a verdict counted as wrong. None of no items.
        interval: Of that rate, exact, never of zero width; for this rate alone.
        meets: The point rule. Of no items nothing is met.
        shown: At `confidence`, after adjusting for `looks`.
        p_kept: Chance of a result this good where the bound is just not kept; adjusted.
        p_broken: Chance of one this bad where it is just kept; adjusted.
        looks: How many rates were tested together (Holm).
        least: The fewest items that could show the bound, if all passed; None: no number could.
        needed: About as many items would show it at this rate; None: no number would, or too many.
    """

    tally: Tally
    bound: Bound
    rate: float | None
    interval: Interval
    meets: bool
    shown: Shown
    p_kept: float
    p_broken: float
    looks: int
    least: int | None
    needed: int | None
    confidence: float = CONFIDENCE

    @property
    def too_few(self) -> bool:
        """Whether these items could not have shown the bound, however they came out."""
        return self.least is None or self.tally.n < self.least


def meets(tally: Tally, bound: Bound) -> bool:
    """Apply the point rule, exactly: no rounding decides a licence."""
    return tally.n > 0 and tally.passed >= bound.passing * tally.n


def strength(tally: Tally, bound: Bound, confidence: float = CONFIDENCE) -> Strength:
    """Hold one rate against its bound."""
    n, wrong = tally.n, tally.n - tally.passed
    rate = None if n == 0 else (wrong if bound.most else tally.passed) / n
    worst = clopper_pearson(tally.passed, n, confidence).low
    best = clopper_pearson(tally.passed + tally.unscored, n, confidence).high
    interval = Interval(1 - best, 1 - worst) if bound.most else Interval(worst, best)
    p_kept, p_broken = at_least(tally.passed, n, bound.passing), 1.0
    if n:
        p_broken = at_most(tally.passed + tally.unscored, n, bound.passing)
    return Strength(
        tally, bound, rate, interval, meets(tally, bound), _shown(p_kept, p_broken, 1 - confidence),
        p_kept, p_broken, 1, least(bound, confidence), needed(tally, bound, confidence), confidence,
    )  # fmt: skip


def strengths(
    tallies: Mapping[str, Tally], bound: Bound, confidence: float = CONFIDENCE
) -> dict[str, Strength]:
    """Hold the rates of several slices against one bound, as a family.

    Looking at thirty slices, one looks bad by chance: all p values are adjusted together (Holm),
    each way by itself, so that one wrong claim in all of them is as rare as `confidence` says.
    """
    single = {name: strength(tally, bound, confidence) for name, tally in tallies.items()}
    kept = holm([one.p_kept for one in single.values()])
    broken = holm([one.p_broken for one in single.values()])
    return {
        name: replace(
            one,
            p_kept=good,
            p_broken=bad,
            looks=len(single),
            shown=_shown(good, bad, 1 - confidence),
        )
        for (name, one), good, bad in zip(single.items(), kept, broken, strict=True)
    }


def at_least(hits: int, n: int, share: Fraction) -> float:
    """Give P(X ≥ hits) of a binomial X of n with probability `share`."""
    return 1.0 if hits <= 0 else 0.0 if hits > n else beta_cdf(hits, n - hits + 1, float(share))


def at_most(hits: int, n: int, share: Fraction) -> float:
    """Give P(X ≤ hits) of a binomial X of n with probability `share`."""
    return at_least(n - hits, n, 1 - share)


def least(bound: Bound, confidence: float = CONFIDENCE) -> int | None:
    """Give the fewest items that can show the bound, if all pass; None: no number can."""
    share, error = bound.passing, 1 - confidence
    if share >= 1:
        return None
    n = 1 if share <= error else max(1, floor(log(error) / log(share)))
    # A logarithm can be one off where the power hits the error exactly; the test itself decides.
    while at_least(n, n, share) > error:
        n += 1
    return n


def needed(tally: Tally, bound: Bound, confidence: float = CONFIDENCE) -> int | None:
    """Give about how many items would show the bound if the share of wrong ones stayed the same."""
    if tally.n == 0:
        return least(bound, confidence)
    rate = Fraction(tally.passed, tally.n)
    if rate <= bound.passing:
        return None
    low, high = 0, max(1, tally.n)
    while not _would(rate, high, bound, confidence):
        low, high = high, high * 2
        if high > MOST_NEEDED:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _would(rate, middle, bound, confidence) else (middle, high)
    return high


def _would(rate: Fraction, n: int, bound: Bound, confidence: float) -> bool:
    wrong = ceil((1 - rate) * n)
    return at_least(n - wrong, n, bound.passing) <= 1 - confidence


def _shown(kept: float, broken: float, error: float) -> Shown:
    if kept <= error:
        return Shown.KEPT
    return Shown.BROKEN if broken <= error else Shown.OPEN


def total(tallies: Sequence[Tally]) -> Tally:
    """Add up."""
    return sum(tallies, Tally(0, 0))
