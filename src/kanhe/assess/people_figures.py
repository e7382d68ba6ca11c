"""What people's verdicts come to in figures: how many, and how far two of one answer agree.

"Cannot tell" and the panel's decisions are left out of agreement. Apart from `people.py` since it
loads numpy, which nobody needs who only judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kanhe.assess.head import PeopleSeen
from kanhe.assess.people import Sitting, Standing, count
from kanhe.judge.agreement import alpha, kappa, met, pairs_of, percent
from kanhe.judge.counts import Figure


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who judged the same answers: by number, in the order in which they came."""

    first: int
    second: int
    answers: int
    kappa: Figure | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How far people are, and how far they agree.

    Attributes:
        counts: Answers by how they stand.
        passed: Of the settled ones, how many pass.
        said: Verdicts that stand, "cannot tell" included.
        skipped: How many of them say "cannot tell".
        people: How many gave them.
        same: Share of the doubled on which two say the same.
        alpha: Krippendorff's.
        pairs: Cohen's kappa of each two people.
        met: How often two met in `pass` and `fail`.
        seconds: Median time of a verdict; None where there is none.
    """

    counts: Mapping[Standing, int]
    passed: int
    said: int
    skipped: int
    people: int
    same: Figure | None
    alpha: Figure | None
    pairs: tuple[Pair, ...]
    met: Mapping[tuple[str, str], int]
    seconds: int | None


def figures(sitting: Sitting) -> Figures:
    """Say how far people are, and how far they agree."""
    said = sitting.judgements()
    units = _units(sitting)
    number = {who: at for at, who in enumerate(sitting.people(), 1)}
    pairs = [
        _pair(number[one], number[other], both) for (one, other), both in pairs_of(units).items()
    ]
    results, times = sitting.results(), sorted(one.seconds for one in said)
    return Figures(
        counts=count(results),
        passed=sum(one.passed is True for one in results),
        said=len(said),
        skipped=sum(one.said == "skip" for one in said),
        people=len({one.by for one in said}),
        same=percent(units),
        alpha=alpha(units),
        pairs=tuple(sorted(pairs, key=lambda one: (one.first, one.second))),
        met=met(units),
        seconds=times[len(times) // 2] if times else None,
    )


def people_seen(sitting: Sitting) -> PeopleSeen:
    """Say how people judged, for the head of a report.

    Cohen's kappa is one of two people: where more than two judged doubly, it is None.
    """
    units = [one for one in _units(sitting) if len(one) > 1]
    pairs, all_of = list(pairs_of(units).values()), alpha(units)
    of_two = kappa(pairs[0]) if len(pairs) == 1 else None
    counts = count(sitting.results())
    return PeopleSeen(
        drawn=len(sitting.drawn.trials),
        judged=sum(one.passed is not None for one in sitting.results()),
        doubled=len(units),
        agreed=sum(len(set(one.values())) == 1 for one in units),
        kappa=None if of_two is None else of_two.value,
        alpha=None if all_of is None else all_of.value,
        panel=counts["panel"] + counts["untold"],
        open=counts["disputed"] + counts["unsure"],
    )


def _pair(one: int, other: int, both: Sequence[tuple[str, str]]) -> Pair:
    return Pair(min(one, other), max(one, other), len(both), kappa(both))


def _units(sitting: Sitting) -> list[dict[str, str]]:
    numbers = range(len(sitting.drawn.trials))
    return [{one.by: one.said for one in sitting.votes(number)} for number in numbers]
