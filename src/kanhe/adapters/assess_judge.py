"""The judge of an assessment, asked: whether it is admitted, what it says, how it behaved.

Refused: a verdict of a judge that was not admitted. Whether it is, is decided by what it is when it
answers: one that could not be asked at the start is admitted once it is known, and one that becomes
another in the middle of a run is admitted anew, or not. No error and no silence becomes a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kanhe.adapters.assess_health import (
    Patience,
    Told,
    controls,
    group_names,
    hear,
    swapped,
)
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judges import Judges
from kanhe.assess.head import JudgeSeen
from kanhe.assess.judge_doubt import Heard, Noticed, doubts
from kanhe.assess.outcome import Verdict, Way
from kanhe.assess.plan import Classifier
from kanhe.assess.ways import EMPTY, LATE, NOT_ADMITTED, OFFLINE, by_opinion, silent
from kanhe.errors import AssessError, JudgeError, JudgeLate
from kanhe.judge.admission import Admitted, Refused, admit
from kanhe.judge.bias import Bias
from kanhe.judge.counts import Counts
from kanhe.judge.port import JudgeId, Opinion, Question, Unscored
from kanhe.judge.record import Record
from kanhe.judge.score import total
from kanhe.policy.judged_file import DEFAULT_JUDGE


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
        told: What earlier parts of the run noticed of it.
    """

    def __init__(
        self,
        queue: JudgeQueue,
        plan: Classifier,
        records: Sequence[Record],
        patience: Patience,
        told: Told | None = None,
    ) -> None:
        self.told = told or Told()
        self._bias: Bias | None = None
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

    async def begin(self) -> None:
        """Meet the judge: put the controls to it, and swaps where no record speaks of them."""
        heard = await hear(self._queue, controls(), self._patience, self.told)
        if _opined(heard):
            self.met()
        # What it said at the first beginning counts: a run that goes on is still one run.
        if not _opined(self.told.before):
            self.told.before = heard
        else:
            self.told.after = heard
        match self.admission:
            case Admitted(record) if record.bias.swaps or record.bias.named:
                self._bias = record.bias
            case Admitted() if self._known:
                self._bias = await swapped(self._queue, self._plan.threshold, self._patience)
            case _:
                # Nothing rests on a judge that is not admitted: it is not worth the questions.
                self._bias = None

    async def end(self) -> None:
        """Put the controls to it once more."""
        self.told.after = await hear(self._queue, controls(), self._patience, self.told)
        if _opined(self.told.after):
            self.met()

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
            told.took(clock() - begun)
            return self._silent(LATE if isinstance(error, JudgeLate) else OFFLINE)
        told.took(clock() - begun)
        told.off_menu += isinstance(answer, Unscored)
        self.met()
        # By its answer it may turn out to be another than it seemed.
        if isinstance(self.admission, Refused):
            return self._silent(NOT_ADMITTED)
        return by_opinion(answer, self._plan.threshold, self.id.hash)

    def met(self) -> None:
        """Note that the judge has answered, so that it is known which one it is."""
        self._known = True
        self.told.met(self.id.hash)

    def seen(self) -> JudgeSeen:
        """Say which judge it is, what it was admitted by, and what was noticed of it."""
        now, found = self.id, self.admission
        plain = JudgeSeen(
            now.name, now.model, now.hash, now.pinned, self._plan.threshold,
            doubts=doubts(self._noticed()),
        )  # fmt: skip
        match found:
            case Admitted(record, digest):
                return replace(plain, record=digest, quality=self._quality(record))
            case Refused(reasons):
                return replace(plain, refused=reasons)

    def _noticed(self) -> Noticed:
        told = self.told
        return Noticed(
            self.id, self._plan.threshold, controls(), told.before, told.after, told.asked,
            told.off_menu, told.failed, told.took_s, self._patience.slow_s, told.hashes,
            self._bias, group_names(),
        )  # fmt: skip

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


def _opined(heard: Heard) -> bool:
    return any(isinstance(one, Opinion | Unscored) for one in heard)
