"""Joining the stages, and making their numbers mean what they say; from the calibration rows alone.

A few numbers are fitted here and no more, so that a few thousand rows are enough for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types

from kanhe.judge.head import sigmoid
from kanhe.judge.tower import Floats
from train.targets import Targets

_FEWEST = 8
"""Cases a category needs before its line is fitted; below, it keeps what training gave it."""
_HELD = 1e-3
LOST = 0.002
"""Part of the unsafe calibration rows, found by the tower, that may leave before it."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A slope and a shift for each output."""

    slope: Floats
    shift: Floats


def join(columns: Floats, wanted: Floats, weights: Floats) -> Floats:
    """Fit a weight for each column and a constant: logistic loss, hardly held back."""
    inputs = np.concatenate([columns, np.ones((len(columns), 1))], 1).astype(np.float64)
    shares = weights.astype(np.float64) / weights.sum()
    signs = np.where(wanted > 0.5, 1.0, -1.0)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (inputs @ at)
        pull = -signs * shares / (1 + np.exp(np.clip(margins, -30, 30)))
        value = float(shares @ np.logaddexp(0, -margins)) + _HELD * float(at @ at) / 2
        return value, inputs.T @ pull + _HELD * at

    start = np.zeros(inputs.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return np.asarray(found, np.float32)


def lines_of(logits: Floats, targets: Targets, weights: Floats, *, even: bool) -> Lines:
    """Fit a line for each category; `unsafe`, the first output, comes joined and keeps its own.

    `even`: cases and the rest weigh alike, because how common a category is differs from service
    to service, and among all rows here each is so rare that no probability of it would ever rise
    far. Not so for texts that leave early: they are of no category, and must not seem to be.
    """
    outputs = logits.shape[1]
    slope, shift = np.ones(outputs, np.float32), np.zeros(outputs, np.float32)
    for i in range(1, outputs):
        known = targets.weights[:, i] > 0
        wanted = targets.wanted[known, i]
        if _FEWEST <= wanted.sum() <= len(wanted) - _FEWEST:
            shares = balanced(wanted, weights[known]) if even else weights[known]
            slope[i], shift[i] = join(logits[known, i : i + 1], wanted, shares)
    return Lines(slope, shift)


def balanced(wanted: Floats, weights: Floats) -> Floats:
    """Scale weights so that cases and the rest weigh the same."""
    cases = wanted > 0.5
    even: Floats = np.where(cases, weights / weights[cases].sum(), weights / weights[~cases].sum())
    return even


def set_weights(names: Sequence[str]) -> Floats:
    """Weigh rows so that a set counts by the root of its size: none drowns the others."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return np.array([1 / np.sqrt(counts[name]) for name in names], np.float32)


def leave_below(early: Floats, late: Floats, unsafe: NDArray[np.bool_], threshold: float) -> float:
    """Give the early probability below which a text may leave: it loses at most `LOST`."""
    found = np.sort(early[unsafe & (late >= threshold)])
    return float(found[int(LOST * found.size)]) if found.size else 0.0


BySet = Mapping[str, tuple[Floats, NDArray[np.bool_]]]
"""For each set: probabilities of `unsafe`, and whether each row is."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The bounds between which the threshold has to lie.

    Attributes:
        benign_at_most: How often, at most, a row of an ordinary set may be above it (the mean of
            the sets, so that a large one does not hide a small one).
        twins_at_most: The same for safe rows of the sets that look unsafe.
        missed_at_most: How many rows of a set of attacks may be below it.
    """

    benign: tuple[str, ...] = ("benign", "seed:everyday")
    benign_at_most: float = 0.02
    twins: tuple[str, ...] = ("xstest", "seed:overrefusal")
    twins_at_most: float = 0.12
    attacks: tuple[str, ...] = ("jade_prompts_zh", "catqa_zh", "jailbench_zh")
    missed_at_most: float = 0.15


def threshold_of(by_set: BySet, goal: Goal) -> float:
    """Choose the threshold at which the bound that is nearest to being broken has the most room."""
    steps = [float(step) for step in np.linspace(0.25, 0.85, 121)]
    return min(steps, key=lambda t: round(_strain(by_set, t, goal), 9))


def _strain(by_set: BySet, threshold: float, goal: Goal) -> float:
    """Give the largest part that any bound is used up to; above 1 it is broken."""
    missed = [
        float(np.mean(by_set[name][0][by_set[name][1]] < threshold))
        for name in goal.attacks
        if name in by_set
    ]
    return max(
        _alarms(by_set, threshold, goal.benign) / goal.benign_at_most,
        _alarms(by_set, threshold, goal.twins) / goal.twins_at_most,
        max(missed, default=0.0) / goal.missed_at_most,
    )


def _alarms(by_set: BySet, threshold: float, starts: tuple[str, ...]) -> float:
    safe = [p[~unsafe] for name, (p, unsafe) in by_set.items() if name.startswith(starts)]
    rates = [float(np.mean(p >= threshold)) for p in safe if p.size]
    return float(np.mean(rates)) if rates else 0.0


def expected_calibration_error(p: Floats, unsafe: NDArray[np.bool_], bins: int = 15) -> float:
    """Give the mean distance between what was said and how often it was so, by equal-width bins."""
    places = np.minimum((p * bins).astype(int), bins - 1)
    total = 0.0
    for i in range(bins):
        here = places == i
        if here.any():
            total += float(here.mean()) * abs(float(p[here].mean() - unsafe[here].mean()))
    return total


def probability(logits: Floats) -> Floats:
    """Give probabilities of logits that are joined already."""
    return sigmoid(logits)
