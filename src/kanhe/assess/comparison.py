"""Two runs over the same items, item by item: what was gained, what was lost, is it chance.

Two rates that differ by a point may hide twenty items that got better and thirty that got worse.
So the items are paired, and the test (McNemar's, exact) looks at those that came out differently
and at nothing else. What has no verdict in one of the runs is not compared, and is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kanhe.judge.exact import CONFIDENCE, Interval, clopper_pearson, mcnemar

_ERROR = 1 - CONFIDENCE


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second run against the first.

    Attributes:
        both: Items that passed in both runs.
        neither: Items that failed in both.
        gained: Ids of items that pass now and did not, in order.
        lost: Ids of items that passed and do not now, in order.
        apart: Ids of items that are in one run only, or have no verdict in one.
        change: Rate of the second run less that of the first, over the items compared.
        bounds: Of that change; never of zero width.
        p: Of McNemar's exact test, two-sided: chance of so uneven an exchange if nothing changed.
    """

    both: int
    neither: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    apart: tuple[str, ...]
    change: float
    bounds: Interval
    p: float

    @property
    def compared(self) -> int:
        """How many items have a verdict in both runs."""
        return self.both + self.neither + len(self.gained) + len(self.lost)

    @property
    def worse(self) -> bool:
        """Whether more was lost than gained, beyond chance."""
        return len(self.lost) > len(self.gained) and self.p <= _ERROR

    @property
    def better(self) -> bool:
        """Whether more was gained than lost, beyond chance."""
        return len(self.gained) > len(self.lost) and self.p <= _ERROR


def compare(
    first: Mapping[str, bool | None],
    second: Mapping[str, bool | None],
    confidence: float = CONFIDENCE,
) -> Comparison:
    """Compare verdicts by id of item (or of item and variant); None: there is no verdict."""
    paired = {
        name: (before, after)
        for name in sorted(first.keys() & second.keys())
        if (before := first[name]) is not None and (after := second[name]) is not None
    }
    gained = tuple(name for name, pair in paired.items() if pair == (False, True))
    lost = tuple(name for name, pair in paired.items() if pair == (True, False))
    both = sum(pair == (True, True) for pair in paired.values())
    n = len(paired)
    apart = tuple(sorted((first.keys() | second.keys()) - paired.keys()))
    return Comparison(
        both, n - both - len(gained) - len(lost), gained, lost, apart,
        (len(gained) - len(lost)) / n if n else 0.0,
        _bounds(len(gained), len(lost), n, confidence), mcnemar(len(gained), len(lost)),
    )  # fmt: skip


def _bounds(gained: int, lost: int, n: int, confidence: float) -> Interval:
    """Bound the change: how many items differ, times how unevenly they do.

    Each has its exact interval at half the error, the second given the first; where McNemar's test
    is sure of a direction, the bounds nearly always are too.
    """
    each = (1 + confidence) / 2
    differ = clopper_pearson(gained + lost, n, each)
    share = clopper_pearson(gained, gained + lost, each)
    ends = [rate * (2 * way - 1) for rate in (differ.low, differ.high)
            for way in (share.low, share.high)]  # fmt: skip
    return Interval(min(ends), max(ends))
