"""Tuning the tower: Adam over its arrays, its head, and a small correction of each piece's row.

Everything random comes from one generator, and matrices are computed on one thread: the same seed
gives the same weights, bit for bit, on the same machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.head import sigmoid
from kanhe.judge.tower import POOLED, Arrays, Floats, Layout, lay, rise
from train.lift import Grads, fall, head_down, head_up
from train.targets import Targets

Rows = Callable[[NDArray[np.int64]], Floats]
"""Look up the encoder's rows of pieces."""

HEAD = ("hidden", "hidden_b", "out", "out_b")
PIECES = 128_010
_FIRST, _SECOND, _EPSILON = 0.9, 0.98, 1e-8
_WARM_STEPS = 60


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the tower is tuned.

    Attributes:
        epochs: How often the sets are gone through.
        batch: Texts to a step.
        longest: Pieces of a text that are looked at, from a random place on.
        units: Of the head's hidden layer.
        head_rate: Step width of the head; of the tower and of the pieces' rows below.
        drop: Part of the features and units that is left out at a step; of pieces below.
        smoothing: How far a label is taken towards a half.
    """

    epochs: float = 4.0
    batch: int = 64
    longest: int = 80
    units: int = 256
    head_rate: float = 1e-3
    tower_rate: float = 5e-4
    rows_rate: float = 3e-3
    drop: float = 0.35
    drop_pieces: float = 0.15
    smoothing: float = 0.05
    decay: float = 0.01


@dataclass(slots=True)
class Tuned:
    """A tower with its head; what training changes.

    Attributes:
        arrays: Of the tower and the head, by the names in `judge/tower.py` and `train/lift.py`.
        shifts: What is added to each piece's row; `PIECES` × 512, zero where nothing was learnt.
    """

    arrays: dict[str, Floats]
    shifts: Floats


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts in pieces with their targets, and how often each is seen in an epoch."""

    pieces: Sequence[Sequence[int]]
    targets: Targets
    shares: Floats


class Adam:
    """First and second moments of the slopes, and the step that follows from them."""

    def __init__(self, arrays: Arrays) -> None:
        self._first = {name: np.zeros_like(array) for name, array in arrays.items()}
        self._second = {name: np.zeros_like(array) for name, array in arrays.items()}
        self._steps = 0

    def begin(self) -> None:
        """Count a step."""
        self._steps += 1

    def step(self, name: str, slope: Floats, at: NDArray[np.int64] | slice = slice(None)) -> Floats:
        """Give the direction to go in for an array, or for some of its rows."""
        first, second = self._first[name], self._second[name]
        first[at] = _FIRST * first[at] + np.float32(1 - _FIRST) * slope
        second[at] = _SECOND * second[at] + np.float32(1 - _SECOND) * slope * slope
        height = np.sqrt(second[at] / np.float32(1 - _SECOND**self._steps))
        step: Floats = first[at] / np.float32(1 - _FIRST**self._steps) / (height + _EPSILON)
        return step


def begin(dense: Arrays, units: int, outputs: int, random: np.random.Generator) -> Tuned:
    """Start from the encoder's own tower and a head that knows nothing."""
    arrays = {name: array.astype(np.float32) for name, array in dense.items()}
    spread = np.float32(1 / np.sqrt(POOLED))
    arrays["hidden"] = random.standard_normal((POOLED, units), np.float32) * spread
    arrays["hidden_b"] = np.zeros(units, np.float32)
    arrays["out"] = random.standard_normal((units, outputs), np.float32) * np.float32(0.05)
    arrays["out_b"] = np.zeros(outputs, np.float32)
    return Tuned(arrays, np.zeros((PIECES, 512), np.float32))


def tune(
    tuned: Tuned, lesson: Lesson, rows: Rows, how: Tuning, random: np.random.Generator
) -> Iterator[tuple[int, int, float]]:
    """Train in place; yields (step, steps, loss) after each step."""
    adam = Adam({**tuned.arrays, "shifts": tuned.shifts})
    batches = list(_batches(lesson, how, random))
    for step, chosen in enumerate(batches):
        pace = min(1.0, (step + 1) / _WARM_STEPS) * (1 - step / len(batches))
        texts = [_cut(lesson.pieces[i], how.longest, random) for i in chosen.tolist()]
        wanted, weights = lesson.targets.wanted[chosen], lesson.targets.weights[chosen]
        targets = Targets(wanted + (1 - 2 * wanted) * np.float32(how.smoothing), weights)
        yield step, len(batches), _step(tuned, (texts, targets), (adam, rows), how, (pace, random))


def _batches(
    lesson: Lesson, how: Tuning, random: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Give the rows of each step: a row of share 1.5 is seen once or twice in an epoch."""
    order: list[NDArray[np.int64]] = []
    remaining = how.epochs
    while remaining > 0:
        shares = lesson.shares * min(1.0, remaining)
        times = np.floor(shares + random.random(shares.size, np.float32)).astype(np.int64)
        order.append(random.permutation(np.repeat(np.arange(shares.size), times)))
        remaining -= 1
    whole = np.concatenate(order)
    for begin_at in range(0, whole.size - how.batch + 1, how.batch):
        yield whole[begin_at : begin_at + how.batch]


def _cut(pieces: Sequence[int], longest: int, random: np.random.Generator) -> Sequence[int]:
    if len(pieces) <= longest:
        return pieces
    begin_at = int(random.integers(0, len(pieces) - longest + 1))
    return pieces[begin_at : begin_at + longest]


def _step(
    tuned: Tuned,
    taught: tuple[list[Sequence[int]], Targets],
    tools: tuple[Adam, Rows],
    how: Tuning,
    mood: tuple[float, np.random.Generator],
) -> float:
    (texts, targets), (adam, rows), (pace, random) = taught, tools, mood
    layout = lay(texts)
    looked_up = (rows(layout.pieces) + tuned.shifts[layout.pieces]) * layout.filled
    seen = random.random((len(looked_up), 1), np.float32) >= how.drop_pieces
    trace = rise(layout, looked_up * seen, tuned.arrays)
    kept = kept_mask(trace.pooled.shape, how.drop, random)
    kept_units = kept_mask((len(texts), how.units), how.drop, random)
    logits, head = head_up(trace.pooled, tuned.arrays, kept, kept_units)
    guessed = sigmoid(logits)
    slope = (guessed - targets.wanted) * targets.weights / np.float32(len(texts))
    back, grads = head_down(slope, head, tuned.arrays)
    at_rows, below = fall(back, layout, trace, tuned.arrays)
    grads.update(below)
    adam.begin()
    _descend(tuned, grads, adam, how, pace)
    _descend_rows(tuned, at_rows * seen, layout, adam, how.rows_rate * pace)
    return float(-np.mean(np.log(np.abs(1 - targets.wanted - guessed) + 1e-7)[:, 0]))


def kept_mask(shape: tuple[int, ...], drop: float, random: np.random.Generator) -> Floats:
    """Give a dropout mask, scaled so that what is kept weighs as much as all."""
    mask = random.random(shape, np.float32) >= drop
    return mask.astype(np.float32) / np.float32(1 - drop)


def _descend(tuned: Tuned, grads: Grads, adam: Adam, how: Tuning, pace: float) -> None:
    for name, slope in grads.items():
        rate = np.float32((how.head_rate if name in HEAD else how.tower_rate) * pace)
        array = tuned.arrays[name]
        step = adam.step(name, slope)
        if name in ("hidden", "out"):
            step = step + np.float32(how.decay) * array
        array -= rate * step


def _descend_rows(tuned: Tuned, slope: Floats, layout: Layout, adam: Adam, rate: float) -> None:
    """Only rows of pieces that were read move."""
    places = np.flatnonzero(layout.filled[:, 0])
    order = places[np.argsort(layout.pieces[places], kind="stable")]
    pieces = layout.pieces[order]
    first = np.concatenate([[0], np.flatnonzero(np.diff(pieces)) + 1])
    sums = np.add.reduceat(slope[order], first, axis=0)
    found = pieces[first]
    tuned.shifts[found] -= np.float32(rate) * adam.step("shifts", sums, found)


def looked(tuned: Tuned, pieces: Sequence[Sequence[int]], rows: Rows, budget: int = 1024) -> Floats:
    """Give the logits of texts, texts × outputs, as they are judged: nothing left out."""
    found = np.zeros((len(pieces), tuned.arrays["out_b"].size), np.float32)
    ones = np.float32(1.0)
    for chosen in by_length(pieces, budget):
        layout = lay([pieces[i] for i in chosen])
        looked_up = (rows(layout.pieces) + tuned.shifts[layout.pieces]) * layout.filled
        pooled = rise(layout, looked_up, tuned.arrays).pooled
        found[chosen] = head_up(pooled, tuned.arrays, ones, ones)[0]  # type: ignore[arg-type]
    return found


def by_length(pieces: Sequence[Sequence[int]], budget: int) -> Iterator[list[int]]:
    """Group texts of like length, up to so many pieces together."""
    chosen: list[int] = []
    total = 0
    for i in sorted(range(len(pieces)), key=lambda i: len(pieces[i])):
        if chosen and total + len(pieces[i]) > budget:
            yield chosen
            chosen, total = [], 0
        chosen.append(i)
        total += len(pieces[i])
    if chosen:
        yield chosen


def quick(how: Tuning) -> Tuning:
    """Give a tuning that ends in seconds, to see whether everything fits together."""
    return replace(how, epochs=0.1, units=32, longest=64)
