"""What a row teaches: a target and a weight for `unsafe` and for each category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.category import CATEGORIES, UNSAFE
from train.rows import Example

CONFUSED = (
    frozenset({"hate", "insult", *(c for c in CATEGORIES if c.startswith("discrimination."))}),
    frozenset({"violence", "terror", "weapons", "crime", "hate"}),
    frozenset({"crime", "fraud", "cyber", "privacy", "rights", "falsehood"}),
    frozenset({"sexual", "minors"}),
    frozenset({"drugs", "crime", "minors"}),
)
"""A set that names one of these seldom says whether it is another as well: not taken for a no."""

CATEGORY_WEIGHT = 0.15
"""What a category weighs beside `unsafe`, which is what most rows are labelled for."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Rows × outputs. `weights` is 0 where nobody said."""

    wanted: NDArray[np.float32]
    weights: NDArray[np.float32]


def outputs_of(own: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the outputs of a judge, in their order: `unsafe`, our categories, an operator's own."""
    return (UNSAFE, *CATEGORIES, *own)


def targets_of(examples: Sequence[Example], outputs: Sequence[str]) -> Targets:
    """Give what each example teaches."""
    wanted = np.zeros((len(examples), len(outputs)), np.float32)
    weights = np.zeros_like(wanted)
    place = {name: i for i, name in enumerate(outputs)}
    for i, example in enumerate(examples):
        wanted[i, 0] = example.row.unsafe
        weights[i, 0] = example.overall
        if example.row.unsafe and not example.cases:
            continue
        weights[i, 1:] = CATEGORY_WEIGHT
        for case in example.cases:
            for other in _confused_with(case) - set(example.cases):
                weights[i, place[other]] = 0
        for case in example.cases:
            wanted[i, place[case]] = 1
            weights[i, place[case]] = CATEGORY_WEIGHT
    return Targets(wanted, weights)


def _confused_with(case: str) -> frozenset[str]:
    if case.startswith("discrimination."):
        return frozenset({"hate", "insult"})
    return frozenset().union(*(group for group in CONFUSED if case in group)) - {case}
