"""One measuring of a judge, whole: rows chosen, threshold chosen, rows asked about, all counted.

The rows that choose a threshold measure nothing, and the rows that measure choose nothing. What is
asked of the world (the judge, the time) comes in by argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256

from kanhe.errors import RequestError
from kanhe.judge import bias, calibration, score
from kanhe.judge.asking import BATCH, ask, score_rows
from kanhe.judge.calibration import Aim
from kanhe.judge.category import UNSAFE
from kanhe.judge.identities import Identities
from kanhe.judge.labelled import LabelledSet, Row
from kanhe.judge.port import Judge
from kanhe.judge.record import Chosen, Record, SetUsed, Times, instant
from kanhe.judge.score import Scored
from kanhe.judge.split import Part, rows_of

Picked = Sequence[tuple[LabelledSet, Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured.

    Attributes:
        sets: On which sets.
        part: On which part of each; None: on all rows.
        limit: The most rows of a set; None: all of the part.
        apart: Categories whose rows count in no figure and are told by themselves: patterns, as
            file names have them, of the whole category.
        thresholds: In millionths, `unsafe` among them; ignored for `unsafe` where there is an aim.
        aim: What the threshold is chosen by, on the calibration part.
        identities: Groups for the identity swaps; None: they are not asked about.
    """

    sets: Sequence[LabelledSet]
    part: Part | None = Part.TEST
    limit: int | None = None
    apart: tuple[str, ...] = ()
    thresholds: Mapping[str, int] = field(default_factory=lambda: {UNSAFE: 500_000})
    aim: Aim | None = None
    identities: Identities | None = None
    batch: int = BATCH
    chosen: Chosen | None = None
    """How the thresholds given came about, where that is known."""

    def rows(self) -> Picked:
        """Give the rows that measure.

        Raises:
            RequestError: There are none.
        """
        picked = self._picked(self.part)
        if not any(rows for _, rows in picked):
            raise RequestError(
                f"none of the sets has a row in the {self.part} part",
                advice="Give larger sets, or --split all if the judge never saw any of these rows.",
            )
        return picked

    def choosing(self) -> Picked:
        """Give the rows that choose the threshold.

        Raises:
            RequestError: They would be the rows that measure.
        """
        if self.aim is None:
            return []
        if self.part in (None, Part.CALIBRATION):
            raise RequestError(
                "a threshold cannot be chosen on the rows that measure it",
                advice="Measure on --split test, or give --threshold.",
            )
        return self._picked(Part.CALIBRATION)

    def rows_apart(self) -> Picked:
        """Give the rows that are told by themselves."""
        return self._picked(self.part, apart=True) if self.apart else []

    def _picked(self, part: Part | None, *, apart: bool = False) -> Picked:
        return [
            (one, _some([row for row in rows_of(one.rows, part) if self._apart(row) is apart],
                        self.limit))
            for one in self.sets
        ]  # fmt: skip

    def _apart(self, row: Row) -> bool:
        return any(fnmatchcase(row.category, pattern) for pattern in self.apart)

    @property
    def questions(self) -> int:
        """How many questions the judge will be asked."""
        swaps = len(bias.questions(self.identities)[0]) if self.identities else 0
        picked = (*self.rows(), *self.choosing(), *self.rows_apart())
        return swaps + sum(len(rows) for _, rows in picked)


def _some(rows: Sequence[Row], limit: int | None) -> Sequence[Row]:
    """Take `limit` rows by the order of their hashes, so that neither order nor label decides."""
    if limit is None or len(rows) <= limit:
        return rows
    ranked = sorted(range(len(rows)), key=lambda i: sha256(repr(rows[i].text).encode()).digest())
    return [rows[i] for i in sorted(ranked[:limit])]


@dataclass(frozen=True, slots=True)
class Measured:
    """A record, and the answers that it was made from."""

    record: Record
    scored: Sequence[Scored]


@dataclass(frozen=True, slots=True)
class World:
    """What a measuring has from outside.

    Attributes:
        clock: Gives seconds that only grow.
        now: Gives the instant, aware.
        versions: Of the program and what it runs on.
        done: Is told of each batch how many questions it had.
    """

    clock: Callable[[], float]
    now: Callable[[], datetime]
    versions: Mapping[str, str]
    done: Callable[[int], object] = lambda _: None


async def measure(judge: Judge, plan: Plan, world: World) -> Measured:
    """Measure a judge.

    Raises:
        JudgeError: The judge is down.
        RequestError: There is nothing to measure on, or no threshold that keeps the aim.
    """
    picked, choosing = plan.rows(), plan.choosing()
    clock, done = world.clock, world.done
    thresholds, chosen = dict(plan.thresholds), plan.chosen
    if plan.aim:
        seen = await score_rows(judge, choosing, clock=clock, batch=plan.batch, done=done)
        thresholds[UNSAFE] = calibration.choose(plan.aim, seen)
        chosen = Chosen(str(plan.aim), len(seen))
    scored = await score_rows(judge, picked, clock=clock, batch=plan.batch, done=done)
    apart = await score_rows(judge, plan.rows_apart(), clock=clock, batch=plan.batch, done=done)
    looked = bias.Bias()
    if plan.identities:
        _, asked = bias.questions(plan.identities)
        answers = await ask(judge, asked, clock=clock, batch=plan.batch, done=done)
        said = [one for one, _ in answers]
        looked = bias.look(plan.identities, said, scored, thresholds[UNSAFE])
    record = Record(
        judge.id, instant(world.now()), world.versions, _used(picked, scored, thresholds[UNSAFE]),
        str(plan.part or "all"), plan.limit, thresholds, chosen,
        score.cells(scored, thresholds[UNSAFE]),
        score.found(scored, judge.categories, thresholds),
        calibration.calibration(scored), looked, _times(scored, plan.batch),
        plan.apart, score.cells(apart, thresholds[UNSAFE]),
    )  # fmt: skip
    return Measured(record, scored)


def _used(picked: Picked, scored: Sequence[Scored], threshold: int) -> tuple[SetUsed, ...]:
    used, at = [], 0
    for one, rows in picked:
        here = scored[at : at + len(rows)]
        marks = "".join(score.mark(each.answer, threshold) for each in here)
        used.append(SetUsed(one.name, one.sha256, len(one.rows), marks))
        at += len(rows)
    return tuple(used)


def _times(scored: Sequence[Scored], batch: int) -> Times:
    took = sorted(one.micros for one in scored)
    n = len(took)
    return Times(sum(took) // n, took[n // 2], took[min(n - 1, n * 95 // 100)], batch)


def again(record: Record, sets: Sequence[LabelledSet], identities: Identities | None) -> Plan:
    """Give the plan that measures the very rows of a record once more, at its thresholds.

    Raises:
        RequestError: A set of the record is not among `sets`, by its hash.
    """
    by_hash = {one.sha256: one for one in sets}
    missing = [one.name for one in record.sets if one.sha256 not in by_hash]
    if missing:
        raise RequestError(
            f"the record was measured on sets that are not here: {', '.join(missing)}",
            advice="Give their files with --set; they are known by their SHA-256.",
        )
    # Under the names of then: a file may have been renamed, its rows are the same.
    same = [replace(by_hash[one.sha256], name=one.name) for one in record.sets]
    part = None if record.part == "all" else Part(record.part)
    return Plan(
        same, part, record.limit, record.categories_apart, record.thresholds, None, identities,
        record.times.batch, record.chosen,
    )  # fmt: skip
