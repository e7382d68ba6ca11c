"""Training the two stages that only look up n-grams: the linear one, and the distilled vectors.

scipy is used here and nowhere at run time. Both end as tables of whole numbers, because that is
what makes a text's score the same in every batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types

from kanhe.judge.head import Head, sigmoid
from kanhe.judge.ngram import Grams, grams
from kanhe.judge.plain import Codes
from kanhe.judge.static import Linear, Static
from kanhe.judge.tower import Floats
from train.targets import Targets
from train.tune import Adam

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class LinearPlan:
    """How the linear stage is fitted: buckets, how much its weights are held back, and how long."""

    bits: int = 18
    held: float = 0.02
    rounds: int = 60


@dataclass(frozen=True, slots=True)
class StaticPlan:
    """How the vectors are fitted."""

    bits: int = 16
    width: int = 32
    units: int = 64
    epochs: int = 6
    batch: int = 256
    rate: float = 5e-3


def matrix(texts: Sequence[Codes], bits: int) -> csr_matrix:
    """Give texts × buckets: how often each n-gram occurs, weighted as in `Grams`."""
    parts = [_part(grams(texts[i : i + _CHUNK], bits), bits) for i in range(0, len(texts), _CHUNK)]
    indices = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    values = np.concatenate([part[2] for part in parts])
    starts = np.concatenate([[0], np.cumsum(counts)])
    found = csr_matrix((values, indices, starts), shape=(len(texts), 1 << bits))
    found.sum_duplicates()
    return found


def _part(found: Grams, bits: int) -> tuple[NDArray[np.int32], NDArray[np.int64], Floats]:
    places = found.buckets.shape[1]
    owner = np.searchsorted(found.starts, np.arange(places), side="right") - 1
    flat, owners = found.buckets.T.ravel(), np.repeat(owner, len(found.buckets))
    real = flat < 1 << bits
    counts = np.bincount(owners[real], minlength=found.starts.size)
    return flat[real].astype(np.int32), counts, found.weights[owners[real]]


def fit_linear(found: csr_matrix, wanted: Floats, weights: Floats, plan: LinearPlan) -> Linear:
    """Fit one weight a bucket by logistic loss, rows counting by `weights`."""
    signs = np.where(wanted > 0.5, 1.0, -1.0)
    shares = weights / weights.sum()
    found = found.astype(np.float64)
    held = plan.held / weights.size

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (found @ at[:-1] + at[-1])
        value = float(shares @ np.logaddexp(0, -margins)) + held * float(at[:-1] @ at[:-1]) / 2
        pull = -signs * shares / (1 + np.exp(np.clip(margins, -30, 30)))
        slope = np.append(found.T @ pull + held * at[:-1], pull.sum())
        return value, slope

    start = np.zeros(found.shape[1] + 1)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": plan.rounds}).x
    table, scale = _whole(best[:-1])
    return Linear(table, scale, float(best[-1]))


def fit_static(
    found: csr_matrix, targets: Targets, plan: StaticPlan, random: np.random.Generator
) -> Static:
    """Fit a vector a bucket and a head over their sums to targets, which may be probabilities."""
    arrays = _fresh(found.shape[1], targets.wanted.shape[1], plan, random)
    adam = Adam(arrays)
    found = found.astype(np.float32)
    steps = plan.epochs * found.shape[0] // plan.batch
    order = np.concatenate([random.permutation(found.shape[0]) for _ in range(plan.epochs)])
    for step in range(steps):
        chosen = order[step * plan.batch : (step + 1) * plan.batch]
        part = Targets(targets.wanted[chosen], targets.weights[chosen])
        slopes = _slopes(found[chosen], part, arrays)
        adam.begin()
        for name, slope in slopes.items():
            arrays[name] -= np.float32(plan.rate * (1 - step / steps)) * adam.step(name, slope)
    table, scale = _whole(arrays["table"])
    head = Head(*(arrays[name] for name in ("hidden", "hidden_b", "out", "out_b")))
    return Static(table, scale, head)


def _fresh(
    buckets: int, outputs: int, plan: StaticPlan, random: np.random.Generator
) -> dict[str, Floats]:
    spread = np.float32(1 / np.sqrt(plan.width))
    return {
        "table": random.standard_normal((buckets, plan.width), np.float32) * np.float32(0.1),
        "hidden": random.standard_normal((plan.width, plan.units), np.float32) * spread,
        "hidden_b": np.zeros(plan.units, np.float32),
        "out": random.standard_normal((plan.units, outputs), np.float32) * np.float32(0.1),
        "out_b": np.zeros(outputs, np.float32),
    }


def _slopes(found: csr_matrix, targets: Targets, arrays: dict[str, Floats]) -> dict[str, Floats]:
    sums = found @ arrays["table"]
    before = sums @ arrays["hidden"] + arrays["hidden_b"]
    units = np.maximum(before, 0)
    guessed = sigmoid(units @ arrays["out"] + arrays["out_b"])
    slope = (guessed - targets.wanted) * targets.weights / np.float32(len(guessed))
    back = (slope @ arrays["out"].T) * (before > 0)
    return {
        "out": units.T @ slope,
        "out_b": slope.sum(0),
        "hidden": sums.T @ back,
        "hidden_b": back.sum(0),
        "table": np.asarray(found.T @ (back @ arrays["hidden"].T)),
    }


def _whole(table: NDArray[np.floating]) -> tuple[NDArray[np.int8], float]:
    """Give numbers in 255 steps, and what a step is worth; a row of zeros goes behind."""
    # The few largest are cut: they would make every step coarser for all the others.
    most = float(np.quantile(np.abs(table), 0.9999)) or 1.0
    steps = np.clip(np.round(table / most * 127), -127, 127).astype(np.int8)
    return np.concatenate([steps, np.zeros((1, *table.shape[1:]), np.int8)]), most / 127
