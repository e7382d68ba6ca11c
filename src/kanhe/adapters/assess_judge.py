"""The judge of an assessment, asked: whether it is admitted, what it says, how it behaved.

Refused: a verdict of a judge that was not admitted. Whether it is, is decided by what it is when it
answers: one that could not be asked at the start is admitted once it is known, and one that becomes
another in the middle of a run is admitted anew, or not. No error and no silence becomes a verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judges import Judges
from kanhe.assess.head import JudgeSeen
from kanhe.assess.outcome import Verdict, Way
from kanhe.assess.plan import Classifier
from kanhe.assess.ways import EMPTY, LATE, NOT_ADMITTED, OFFLINE, by_opinion, silent
from kanhe.errors import AssessError, JudgeError, JudgeLate
from kanhe.judge.admission import Admitted, Refused, admit
from kanhe.judge.counts import Counts
from kanhe.judge.port import JudgeId, Question, Unscored
from kanhe.judge.record import Record
from kanhe.judge.score import total
from kanhe.policy.judged_file import DEFAULT_JUDGE


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How judges are waited for, and by which clocks.

    Attributes:
        within_s: For one opinion; nobody's answer waits for it, so it may be long.
        slow_s: From which 95th percentile on a judge counts as slow.
        now: Aware; decides which records are too old.
        clock: Seconds that only grow.
    """

    within_s: float = 60.0
    slow_s: float = 5.0
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Told:
    """What came of the questions of this part of a run."""

    asked: int = 0
    off_menu: int = 0
    failed: int = 0
    took_s: list[float] = field(default_factory=list)
    hashes: dict[str, None] = field(default_factory=dict)


def queue_of(judges: Judges, name: str) -> JudgeQueue:
    """Give the judge that a plan names.

    Raises:
        AssessError: There is none of that name.
    """
    wanted = "" if name == DEFAULT_JUDGE else name
    if wanted not in judges.queues:
        known = ", ".join((DEFAULT_JUDGE, *filter(None, judges.queues)))
        raise AssessError(
            f"there is no judge {name!r}, by which the plan classifies",
            advice=f"Under `classifier` name one of: {known}; or add [[judges]] to the settings.",
        )
    return judges.queues[wanted]


class ClassifierWay:
    """Judges answers by one judge.

    Args:
        queue: The judge.
        plan: From which probability on it flags, and what its record has to show.
        records: What was measured and may be believed.
        patience: How long it is waited for.
    """

    def __init__(
        self, queue: JudgeQueue, plan: Classifier, records: Sequence[Record], patience: Patience
    ) -> None:
        self.told = Told()
        self._queue, self._plan, self._patience = queue, plan, patience
        self._records = tuple(records)
        self._admissions: dict[str, Admitted | Refused] = {}
        self._known = False

    @property
    def id(self) -> JudgeId:
        """Which judge it is, as far as is known."""
        return self._queue.id

    @property
    def admission(self) -> Admitted | Refused:
        """Whether the judge, as it is now, may be relied on."""
        now = self.id
        if now.hash not in self._admissions:
            found = admit(now, self._plan.needs, self._records, self._patience.now())
            self._admissions[now.hash] = found
        return self._admissions[now.hash]

    def could(self, why: str) -> bool:
        """Say whether asking again now may bring a verdict that failed for this reason."""
        up = self._known and self._queue.gives_opinions()
        return isinstance(self.admission, Admitted) and (why == NOT_ADMITTED or up)

    async def verdict(self, text: str, context: str) -> Verdict:
        """Give the judge's verdict on an answer; `context`: what was asked."""
        if not text.strip():
            return self._silent(EMPTY)
        if self._known and isinstance(self.admission, Refused):
            return self._silent(NOT_ADMITTED)
        told, clock = self.told, self._patience.clock
        told.asked += 1
        begun = clock()
        try:
            question = Question(text, context, "answer")
            (answer,) = await self._queue.ask([question], self._patience.within_s)
        except JudgeError as error:
            told.failed += 1
            told.took_s.append(clock() - begun)
            return self._silent(LATE if isinstance(error, JudgeLate) else OFFLINE)
        told.took_s.append(clock() - begun)
        told.off_menu += isinstance(answer, Unscored)
        self.met()
        # By its answer it may turn out to be another than it seemed.
        if isinstance(self.admission, Refused):
            return self._silent(NOT_ADMITTED)
        return by_opinion(answer, self._plan.threshold, self.id.hash)

    def met(self) -> None:
        """Note that the judge has answered, so that it is known which one it is."""
        self._known = True
        self.told.hashes[self.id.hash] = None

    def seen(self) -> JudgeSeen:
        """Say which judge it is, what it was admitted by, and what was noticed of it."""
        now, found = self.id, self.admission
        plain = JudgeSeen(now.name, now.model, now.hash, now.pinned, self._plan.threshold)
        match found:
            case Admitted(record, digest):
                return replace(plain, record=digest, quality=self._quality(record))
            case Refused(reasons):
                return replace(plain, refused=reasons)

    def _quality(self, record: Record) -> Counts:
        """Count the rows of the kinds and languages that are relied on."""
        kinds, languages = self._plan.needs.kinds, self._plan.needs.languages
        return total(
            record.cells,
            lambda cell: (
                (not kinds or cell.kind in kinds) and (not languages or cell.lang in languages)
            ),
        )

    def _silent(self, why: str) -> Verdict:
        return silent(Way.CLASSIFIER, self.id.hash, why)
