"""The course of a training, from rows to weights; `__main__` reads and writes, this computes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.cascade import Pieces, joined_logits
from kanhe.judge.head import Scale, sigmoid
from kanhe.judge.plain import Codes, plain_of, text_of
from kanhe.judge.sentence import tower_part
from kanhe.judge.split import Part
from kanhe.judge.tower import Arrays, Floats
from train.bag import LinearPlan, StaticPlan, fit_linear, fit_static, matrix
from train.fold import fold_table
from train.heads import HeadPlan, fit_head, sentences
from train.joint import Goal, join, leave_below, lines_of, set_weights, threshold_of
from train.keep import Named, halves, shifts
from train.rows import Example
from train.targets import Targets, outputs_of, targets_of
from train.tune import HEAD, Lesson, Tuned, Tuning, begin, looked, tune

Say = Callable[[str], None]
_LONGEST_TEXT = 3000
_LONGEST_LOOK = 256


@dataclass(frozen=True, slots=True)
class Course:
    """How a training goes."""

    seed: int = 1
    tuning: Tuning = field(default_factory=Tuning)
    linear: LinearPlan = field(default_factory=LinearPlan)
    head: HeadPlan = field(default_factory=HeadPlan)
    static: StaticPlan = field(default_factory=StaticPlan)
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training gave: arrays by file, and the threshold that they are used with."""

    files: dict[str, Named]
    outputs: tuple[str, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Read:
    """Rows as the stages read them."""

    examples: Sequence[Example]
    small: Sequence[Codes]
    pieces: Sequence[Sequence[int]]
    targets: Targets
    shares: Floats

    def where(self, part: Part) -> NDArray[np.int64]:
        """Give the places of the rows of a part that may be learnt from."""
        chosen = [i for i, e in enumerate(self.examples) if e.part is part and self.shares[i] > 0]
        return np.array(chosen, np.int64)

    def calibration(self) -> NDArray[np.int64]:
        """Give the places of the calibration rows, those that may not be learnt from behind."""
        chosen = [
            i
            for i, e in enumerate(self.examples)
            if e.part is Part.CALIBRATION and e.left == "licence"
        ]
        return np.concatenate([self.where(Part.CALIBRATION), np.array(chosen, np.int64)])


def run(
    examples: Sequence[Example], dense: Arrays, encoder: Pieces, course: Course, say: Say
) -> Trained:
    """Train on examples, starting from the encoder's own tower."""
    random = np.random.default_rng(course.seed)
    outputs = outputs_of(course.own)
    table = fold_table()
    rows = read(examples, table, encoder, outputs)
    say(f"{len(rows.where(Part.TRAIN))} rows to learn from, {len(examples)} in all")

    tuned = begin(tower_part(dense), course.tuning.units, len(outputs), random)
    _tune(tuned, rows, encoder, (course, random), say)
    tuned = _as_kept(tuned)
    learnt, calibration = rows.where(Part.TRAIN), rows.calibration()
    both = np.concatenate([learnt, calibration])
    towered = _looked(tuned, rows, both, encoder)
    say("the tower stands")
    kept = {name: array.astype(np.float32) for name, array in halves(dense).items()}
    pieces = [rows.pieces[i][:_LONGEST_LOOK] for i in both.tolist()]
    seen = sentences(pieces, encoder.rows, kept)
    lesson = Targets(rows.targets.wanted[learnt], rows.targets.weights[learnt])
    head = fit_head((seen[: len(learnt)], lesson, rows.shares[learnt]), course.head, random)
    sentenced = head.logits(seen)
    say("the head over sentences stands")

    files: dict[str, Named] = {"fold": {"table": table}, "tower": halves(tuned.arrays)}
    files["shifts"] = shifts(tuned.shifts)
    files["sentence"] = halves(dense) | {name: getattr(head, name) for name in HEAD}
    taught: Floats = (towered + sentenced)[: len(learnt)] * np.float32(0.5)
    quick, linear, static = _lookups(rows, taught, course, random)
    files |= {"linear": linear, "static": static}
    say("the lookups stand")
    late = towered[len(learnt) :], sentenced[len(learnt) :]
    joint, threshold = _joint(rows, calibration, quick, late)
    files["joint"] = joint
    return Trained(files, outputs, threshold)


def read(
    examples: Sequence[Example], table: NDArray[np.uint32], encoder: Pieces, outputs: Sequence[str]
) -> Read:
    """Fold the rows and spell them in pieces."""
    plain = plain_of(table)
    codes = [plain.codes(example.row.text[:_LONGEST_TEXT]) for example in examples]
    return Read(
        examples,
        [plain.lowered(one) for one in codes],
        [encoder.ids(text_of(one)) for one in codes],
        targets_of(examples, outputs),
        np.array([example.share for example in examples], np.float32),
    )


def _tune(
    tuned: Tuned,
    rows: Read,
    encoder: Pieces,
    how: tuple[Course, np.random.Generator],
    say: Say,
) -> None:
    course, random = how
    taught = np.zeros_like(rows.shares)
    learnt = rows.where(Part.TRAIN)
    taught[learnt] = rows.shares[learnt]
    lesson = Lesson(rows.pieces, rows.targets, taught)
    started, losses = time.monotonic(), []
    for step, steps, loss in tune(tuned, lesson, encoder.rows, course.tuning, random):
        losses.append(loss)
        if step % 100 == 99:
            took = time.monotonic() - started
            say(f"step {step + 1} of {steps}, loss {np.mean(losses[-100:]):.3f}, {took:.0f} s")


def _as_kept(tuned: Tuned) -> Tuned:
    """Give the tower as it will be read again, so that the rest is fitted to what is shipped."""
    arrays = {name: array.astype(np.float32) for name, array in halves(tuned.arrays).items()}
    kept = shifts(tuned.shifts)
    rows = np.zeros_like(tuned.shifts)
    rows[kept["ids"]] = kept["steps"] * kept["scales"][:, None]
    return Tuned(arrays, rows)


def _looked(tuned: Tuned, rows: Read, chosen: NDArray[np.int64], encoder: Pieces) -> Floats:
    pieces = [rows.pieces[i][:_LONGEST_LOOK] for i in chosen.tolist()]
    return looked(tuned, pieces, encoder.rows)


@dataclass(frozen=True, slots=True)
class Quick:
    """The logits of both lookups for all rows."""

    linear: Floats
    static: Floats


def _lookups(
    rows: Read, taught: Floats, course: Course, random: np.random.Generator
) -> tuple[Quick, Named, Named]:
    learnt = rows.where(Part.TRAIN)
    said = np.flatnonzero(rows.targets.weights[learnt, 0] > 0)
    wide = matrix(rows.small, course.linear.bits)
    wanted, weights = rows.targets.wanted[learnt][said, 0], rows.shares[learnt][said]
    linear = fit_linear(wide[learnt[said]], wanted, weights, course.linear)
    narrow = matrix(rows.small, course.static.bits)
    static = fit_static(narrow[learnt], _distilled(rows, learnt, taught), course.static, random)
    quick = Quick(
        (wide @ linear.table[:-1].astype(np.float32)) * np.float32(linear.scale) + linear.shift,
        static.head.logits((narrow @ static.table[:-1].astype(np.float32)) * static.scale),
    )
    kept = {"table": linear.table, "scale": np.array(linear.scale), "shift": np.array(linear.shift)}
    arrays = {name: getattr(static.head, name) for name in HEAD}
    vectors = {"table": static.table, "scale": np.array(static.scale), **arrays}
    return quick, kept, vectors


def _distilled(rows: Read, learnt: NDArray[np.int64], taught: Floats) -> Targets:
    """Give what the vectors are to say: half the label, half the tower; the tower where none is."""
    guessed = sigmoid(taught)
    said = rows.targets.weights[learnt] > 0
    wanted = np.where(said, (rows.targets.wanted[learnt] + guessed) / 2, guessed)
    weights = np.full_like(wanted, 0.3)
    weights[:, 0] = 1
    return Targets(wanted.astype(np.float32), weights)


def _joint(
    rows: Read, calibration: NDArray[np.int64], quick: Quick, later: tuple[Floats, Floats]
) -> tuple[Named, float]:
    targets = Targets(rows.targets.wanted[calibration], rows.targets.weights[calibration])
    names = [rows.examples[i].name for i in calibration.tolist()]
    # What may not be learnt from has no weight here, and a voice in the threshold below.
    weights = set_weights(names) * (rows.shares[calibration] > 0)
    said = targets.weights[:, 0] > 0
    wanted = targets.wanted[:, 0]
    linear, static = quick.linear[calibration], quick.static[calibration]

    early = join(np.stack([linear, static[:, 0]], 1)[said], wanted[said], weights[said])
    first = joined_logits([linear[:, None], static], early)
    columns = np.stack([first[:, 0], *(part[:, 0] for part in later)], 1)
    late = join(columns[said], wanted[said], weights[said])
    last = joined_logits([first, *later], late)
    lines = (
        lines_of(first, targets, weights, even=False),
        lines_of(last, targets, weights, even=True),
    )
    p_early, p_late = (
        Scale(line.slope, line.shift).probabilities(logits)[:, 0]
        for line, logits in zip(lines, (first, last), strict=True)
    )
    unsafe = wanted > 0.5
    by_set = {
        name: (p_late[here], unsafe[here])
        for name in sorted(set(names))
        for here in [np.array([n == name for n in names]) & said]
    }
    threshold = threshold_of(by_set, Goal())
    leave = leave_below(p_early[said], p_late[said], unsafe[said], threshold)
    arrays: Named = {
        "early": early, "late": late, "leave": np.array(leave, np.float32),
        "early_slope": lines[0].slope, "early_shift": lines[0].shift,
        "late_slope": lines[1].slope, "late_shift": lines[1].shift,
    }  # fmt: skip
    return arrays, threshold
