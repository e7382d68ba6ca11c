"""How far people agree who labelled the same things, beyond what chance would make them.

Any number of labellers, any of whom may have left things out: `alpha`; two of them: `kappa`. Each
comes with an interval that is never of zero width: ten things agreed on do not show that all would
be. Where everybody said one and the same of everything, agreement beyond chance cannot be told, and
the answer is None and not 1. Values are compared for being equal: none of them lies between others.

Sources: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011); J. Cohen, "A
coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from math import ceil, floor
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.counts import Figure
from kanhe.judge.exact import CONFIDENCE, Interval, clopper_pearson

Unit: TypeAlias = Mapping[str, str]
"""What was said of one thing, by labeller. Who said nothing of it is not in it."""

SEED = 4
RESAMPLES = 2_000
"""Of the bootstrap; the same things give the same interval every time."""

_Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Of:
    """Agreement on one value against all others.

    Attributes:
        used: How often it was said, of things that two people labelled.
        shared: Where one person said it, how often another did; None where nobody said it.
        alpha: Of this value against the rest.
    """

    value: str
    used: int
    shared: float | None
    alpha: Figure | None


def alpha(units: Sequence[Unit]) -> Figure | None:
    """Give Krippendorff's alpha for names; 1 is agreement, 0 is chance, below it is contradiction.

    Things that fewer than two people labelled say nothing and are left out; `n` is the others.
    None where nothing was labelled twice, or one value is all that was ever said.
    """
    some = Counter(tuple(sorted(unit.values())) for unit in units if len(unit) > 1)
    values = sorted({value for pattern in some for value in pattern})
    said = np.array([[pattern.count(value) for value in values] for pattern in some], float)
    if not said.size:
        return None
    people = said.sum(1)
    agreed = (said * (said - 1)).sum(1) / (people - 1)

    def parts(weights: _Floats) -> tuple[_Floats, _Floats]:
        each = weights @ said
        n = each.sum(1)
        by_chance = (each * (each - 1)).sum(1) / (n * (n - 1))
        return 1 - weights @ agreed / n, 1 - by_chance

    return _beyond_chance(list(some.values()), parts)


def kappa(pairs: Sequence[tuple[str, str]]) -> Figure | None:
    """Give Cohen's kappa of two people; each pair is what the first and the second said of a thing.

    None where there are no pairs, or both said one and the same of everything.
    """
    some = Counter(pairs)
    values = sorted({value for pair in some for value in pair})
    if not values:
        return None
    first, second = (
        np.array([[pair[side] == value for value in values] for pair in some], float)
        for side in (0, 1)
    )
    agreed = (first * second).sum(1)

    def parts(weights: _Floats) -> tuple[_Floats, _Floats]:
        n = weights.sum(1)
        by_chance = ((weights @ first) * (weights @ second)).sum(1) / n**2
        return 1 - weights @ agreed / n, 1 - by_chance

    return _beyond_chance(list(some.values()), parts)


def percent(units: Sequence[Unit]) -> Figure | None:
    """Give the share of pairs of labels that are equal, each thing counting alike; in [0, 1]."""
    shares = [_equal(list(unit.values())) for unit in units if len(unit) > 1]
    if not shares:
        return None
    n, hits = len(shares), sum(shares)
    return Figure(hits / n, _exact(hits, n), n)


def by_value(units: Sequence[Unit]) -> tuple[Of, ...]:
    """Give the agreement on each value that was said, by their names."""
    some = [unit for unit in units if len(unit) > 1]
    found = []
    for value in sorted({value for unit in some for value in unit.values()}):
        said = [sum(one == value for one in unit.values()) for unit in some]
        others = [here * (len(unit) - 1) for here, unit in zip(said, some, strict=True)]
        shared = sum(here * (here - 1) for here in said) / sum(others) if sum(others) else None
        apart = [
            {who: "it" if one == value else "rest" for who, one in unit.items()} for unit in some
        ]
        found.append(Of(value, sum(said), shared, alpha(apart)))
    return tuple(found)


def met(units: Sequence[Unit]) -> dict[tuple[str, str], int]:
    """Count pairs of people by what the two said, in the order of the values: the confusion."""
    values = sorted({value for unit in units for value in unit.values()})
    counted = Counter(
        (min(pair), max(pair)) for unit in units for pair in combinations(unit.values(), 2)
    )
    return {pair: counted[pair] for pair in combinations_with_replacement(values, 2)}


def pairs_of(units: Sequence[Unit]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Give what any two people said of the things that both labelled, by the two."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for unit in units:
        for one, other in combinations(sorted(unit), 2):
            found.setdefault((one, other), []).append((unit[one], unit[other]))
    return dict(sorted(found.items()))


def _equal(said: Sequence[str]) -> float:
    pairs = list(combinations(said, 2))
    return sum(one == other for one, other in pairs) / len(pairs)


def _beyond_chance(
    counts: Sequence[int], parts: Callable[[_Floats], tuple[_Floats, _Floats]]
) -> Figure | None:
    """Give 1 - observed / expected disagreement, where things of a kind are counted by `counts`."""
    n = sum(counts)
    seen, expected = (float(one[0]) for one in parts(np.array([counts], float)))
    if expected <= 0:
        return None
    drawn = np.random.default_rng(SEED).multinomial(n, np.array(counts) / n, RESAMPLES)
    observed, chance = parts(drawn.astype(float))
    told = chance > 0  # what was drawn may hold one value only
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(1 - observed[told] / chance[told], [tail, 100 - tail])
    # Resampling knows no error that it has not seen. The exact interval of the disagreement does,
    # so the ends are those of whichever reaches further.
    rare = _exact(seen * n, n)
    ends = Interval(
        max(-1.0, min(float(low), 1 - rare.high / expected)),
        min(1.0, max(float(high), 1 - rare.low / expected)),
    )
    return Figure(1 - seen / expected, ends, n)


def _exact(hits: float, n: int) -> Interval:
    """Bound a rate; a thing on which some of several pairs agree counts in part, to both sides."""
    # Without the allowance 7.000000000000001 of 10 would be counted as up to 8.
    least, most = floor(hits + 1e-9), ceil(hits - 1e-9)
    return Interval(
        clopper_pearson(least, n, CONFIDENCE).low, clopper_pearson(most, n, CONFIDENCE).high
    )
