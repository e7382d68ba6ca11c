"""The queue before a judge: what keeps a slow or dead one from taking the gateway with it.

What it promises:
* A question is answered, or an error is raised within the time its asker gives: `JudgeLate`, or
  `JudgeBusy` at once where the queue is full or the judge is known to be down. No error and no
  silence ever becomes an opinion.
* Equal questions that wait at the same time are asked once; an opinion is kept for the next, by the
  hash of what was asked. The cache holds no texts.
* Whoever gives up frees their place. What is already out is not cut short: its answer is kept, and
  a judge that hangs is found out by its own time limit and not by the patience of its askers.

Use it from one event loop. A judge that breaks in a way it should not is logged and counts as down.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice

from kanhe.adapters import breaker
from kanhe.adapters.breaker import Circuit, Closed, Event, Open, State
from kanhe.adapters.judge_cache import OpinionCache, key
from kanhe.errors import JudgeBusy, JudgeError, JudgeLate
from kanhe.judge.port import Answer, Judge, JudgeId, Opinion, Question, Unscored

_log = logging.getLogger(__name__)
_TOLD_EVERY_S = 60.0
"""A judge that gives no opinion is told of in the log so often, and not for every question."""
_MUTE = 5
"""So many answers in a row without an opinion, and a judge that answers is of no use either."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a judge is asked.

    Attributes:
        queue: Questions that may wait; those that are out do not count.
        batch: Questions handed over at once, of those that wait.
        at_once: Batches out at the same time; 1 for a judge that computes in this process.
        timeout_s: After which a batch is given up and counts as a failure.
        cache: Opinions kept; 0: none.
        circuit: When a failing judge is left alone.
    """

    queue: int = 1024
    batch: int = 32
    at_once: int = 1
    timeout_s: float = 10.0
    cache: int = 10_000
    circuit: Circuit = field(default_factory=Circuit)


@dataclass(slots=True)
class Counts:
    """What came to be of questions since the start. `joined`: another asked the same just then."""

    asked: int = 0
    cached: int = 0
    joined: int = 0
    judged: int = 0
    unscored: int = 0
    busy: int = 0
    late: int = 0
    failed: int = 0
    batches: int = 0


@dataclass(eq=False, slots=True)
class _Job:
    """A question on its way, and how many wait for it."""

    name: bytes
    question: Question
    future: asyncio.Future[Answer]
    waiters: int = 0


class JudgeQueue:
    """Asks one judge on behalf of many.

    Args:
        judge: What is asked.
        terms: On which terms.
        clock: Monotonic seconds, for the circuit breaker.
    """

    def __init__(
        self, judge: Judge, terms: Terms | None = None, *, clock: Callable[[], float] | None = None
    ) -> None:
        self.counts = Counts()
        self._judge, self._terms = judge, terms or Terms()
        self._clock = clock or time.monotonic
        self._state: State = breaker.FRESH
        self._waiting: dict[bytes, _Job] = {}
        self._out: dict[bytes, _Job] = {}
        self._tasks: dict[asyncio.Task[Sequence[Answer]], list[_Job]] = {}
        self._cache = OpinionCache(self._terms.cache)
        self._closed = False
        self._mute = 0
        self._quiet_until, self._untold = -math.inf, 0
        self._then: Callable[[], object] | None = None
        self._was = ""

    @property
    def id(self) -> JudgeId:
        """Which judge it is."""
        return self._judge.id

    @property
    def categories(self) -> frozenset[str]:
        """The categories that it looks for, `unsafe` included."""
        return self._judge.categories

    async def judge(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """Ask the judge itself, past queue and cache: for measuring it. See `Judge.judge`."""
        return await self._judge.judge(questions)

    async def ask(self, questions: Sequence[Question], within_s: float) -> list[Answer]:
        """Give one answer to each question, in their order, within the time there is.

        Raises:
            JudgeBusy: The judge is known to be down, or there is no place for the questions.
            JudgeLate: The time was up first.
            JudgeError: It gave no opinion.
        """
        self.counts.asked += len(questions)
        names = [key(question) for question in questions]
        kept = {name: found for name in names if (found := self._cache.get(name))}
        jobs = self._take(dict(zip(names, questions, strict=True)), kept)
        try:
            self._pump()
            await self._wait(jobs.values(), within_s)
        finally:
            self._leave(jobs.values())
        self.counts.cached += sum(name in kept for name in names)
        return [kept[one] if one in kept else jobs[one].future.result() for one in names]

    def ready(self) -> bool:
        """Say whether a new question would be taken now."""
        return (
            not self._closed
            and len(self._waiting) < self._terms.queue
            and breaker.admits(self._state, self._clock())
        )

    def gives_opinions(self) -> bool:
        """Say whether it is up, as far as is known, and its last answers were not all off."""
        return self.ready() and self._mute < _MUTE

    def watch(self, then: Callable[[], object]) -> None:
        """Call `then` when the judge is found to be another than it is now.

        One that could not be asked at the start becomes itself by its first answer; one whose
        server was away may have come back with another model.
        """
        self._was, self._then = self.id.hash, then

    def figures(self) -> Mapping[str, int]:
        """Give the counts, and what waits, is out and is kept right now; for metrics."""
        now = {"waiting": len(self._waiting), "out": len(self._out), "kept": len(self._cache)}
        return {**asdict(self.counts), **now, "down": int(not isinstance(self._state, Closed))}

    async def aclose(self) -> None:
        """Let nobody wait any longer and close the judge. May be called twice."""
        self._closed = True
        self._refuse_all(self._shut())
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._judge.aclose()

    def _take(
        self, wanted: Mapping[bytes, Question], kept: Mapping[bytes, Opinion]
    ) -> dict[bytes, _Job]:
        """Give the jobs of what is not kept, new ones for what nobody asks already."""
        missed = [name for name in wanted if name not in kept]
        jobs = {name: job for name in missed
                if (job := self._waiting.get(name) or self._out.get(name))}  # fmt: skip
        new = [name for name in missed if name not in jobs]
        if new and (refusal := self._refusal(len(new))):
            self.counts.busy += len(new)
            raise refusal
        self.counts.joined += len(jobs)
        loop = asyncio.get_running_loop()
        for name in new:
            jobs[name] = self._waiting[name] = _Job(name, wanted[name], loop.create_future())
        for job in jobs.values():
            job.waiters += 1
        return jobs

    def _refusal(self, new: int) -> JudgeBusy | None:
        name, most = self._judge.id.name, self._terms.queue
        if self._closed:
            return self._shut()
        if not breaker.admits(self._state, self._clock()):
            return self._down()
        if len(self._waiting) + new > most:
            return JudgeBusy(
                f"the queue of judge {name!r} is full: {len(self._waiting)} questions wait, "
                f"{new} more were asked, and {most} is the most",
                advice="Give the judge more to run on, or raise `queue` or `concurrency`.",
            )
        return None

    def _down(self) -> JudgeBusy:
        left = self._state.until - self._clock() if isinstance(self._state, Open) else 0.0
        again = f"in {left:.0f} s" if left > 0 else "just now"
        return JudgeBusy(
            f"judge {self._judge.id.name!r} failed {self._terms.circuit.failures} times in a row "
            f"and is left alone; it is tried again {again}",
            advice="Look at its server and at the errors logged before.",
        )

    def _shut(self) -> JudgeBusy:
        return JudgeBusy(f"judge {self._judge.id.name!r} is shut down",
                         advice="Start the gateway again.")  # fmt: skip

    async def _wait(self, jobs: Collection[_Job], within_s: float) -> None:
        futures = [job.future for job in jobs]
        if not futures:
            return
        done, left = await asyncio.wait(
            futures, timeout=within_s, return_when=asyncio.FIRST_EXCEPTION
        )
        for future in done:
            if error := future.exception():
                raise error
        if left:
            self.counts.late += len(left)
            late = JudgeLate(
                f"judge {self._judge.id.name!r} gave no opinion in {within_s:g} s",
                advice="Give it more time (`wait` of the rule), or more to run on.",
            )
            self._tell(f"{late}. {late.advice}")
            raise late

    def _leave(self, jobs: Collection[_Job]) -> None:
        for job in jobs:
            job.waiters -= 1
            if not job.waiters and self._waiting.get(job.name) is job:
                del self._waiting[job.name]

    def _pump(self) -> None:
        """Hand over what waits, as far as there is room and the circuit lets it."""
        terms = self._terms
        while self._waiting and len(self._tasks) < terms.at_once:
            if not breaker.admits(self._state, self._clock()):
                return
            jobs = [self._waiting.pop(name) for name in list(islice(self._waiting, terms.batch))]
            self._out |= {job.name: job for job in jobs}
            self._note(Event.ASKED)
            self.counts.batches += 1
            task = asyncio.ensure_future(self._run([job.question for job in jobs]))
            self._tasks[task] = jobs
            task.add_done_callback(self._settle)

    async def _run(self, questions: list[Question]) -> Sequence[Answer]:
        async with asyncio.timeout(self._terms.timeout_s):
            return await self._judge.judge(questions)

    def _settle(self, task: asyncio.Task[Sequence[Answer]]) -> None:
        """Hand the outcome of a batch to those who wait for it, and go on."""
        jobs = self._tasks.pop(task)
        outcome = self._outcome(task, len(jobs))
        was_open = isinstance(self._state, Open)
        failed = outcome if isinstance(outcome, JudgeError) else None
        self._note(Event.FAILED if failed else Event.COMPLETED)
        if isinstance(self._state, Open) and not was_open:
            _log.warning("judge %r is left alone for a while: %s", self.id.name, outcome)
        for n, job in enumerate(jobs):
            del self._out[job.name]
            if isinstance(outcome, JudgeError):
                self.counts.failed += 1
                _fail(job, outcome)
            else:
                self._answer(job, _checked(outcome[n]))
        if failed and any(job.question.text for job in jobs):
            # The empty question is put at the start, by somebody who tells of it.
            self._tell(f"{failed}. {failed.advice}")
        if isinstance(self._state, Open):
            self._refuse_all(self._down())
        self._look()
        self._pump()

    def _outcome(
        self, task: asyncio.Task[Sequence[Answer]], asked: int
    ) -> Sequence[Answer] | JudgeError:
        name = self._judge.id.name
        if task.cancelled():
            return self._shut()
        error = task.exception()
        match error:
            case None:
                answers = task.result()
                if len(answers) == asked:
                    return answers
                what = f"judge {name!r} gave {len(answers)} answers to {asked} questions"
                return JudgeError(what, advice="This is a fault of its adapter; report it.")
            case JudgeError():
                return error
            case TimeoutError():
                limit_s = self._terms.timeout_s
                return JudgeLate(f"judge {name!r} gave no opinion in {limit_s:g} s",
                                 advice="Raise its `timeout_s`, or let it do less.")  # fmt: skip
            case _:
                _log.error("judge %r broke", name, exc_info=error)
                return JudgeError(f"judge {name!r} broke: {type(error).__name__}",
                                  advice="The log has what happened; report it.")  # fmt: skip

    def _answer(self, job: _Job, answer: Answer) -> None:
        self.counts.judged += 1
        if isinstance(answer, Opinion):
            self._cache.keep(job.name, answer, self._judge.id.hash)
            self._mute = 0
        else:
            self.counts.unscored += 1
            self._mute += 1
            self._tell(f"judge {self._judge.id.name!r} gave no opinion: {answer.why}. Its template "
                       "may not fit the model; ask it: kanhe judge try TEXT")  # fmt: skip
        if not job.future.done():
            job.future.set_result(answer)

    def _tell(self, what: str) -> None:
        """Log that there is no opinion, once in a while; no reason quotes what somebody wrote."""
        now = self._clock()
        if now < self._quiet_until:
            self._untold += 1
            return
        more = f" ({self._untold} more since such a line was logged last)" if self._untold else ""
        self._quiet_until, self._untold = now + _TOLD_EVERY_S, 0
        _log.warning("%s%s", what, more)

    def _look(self) -> None:
        if self._then and (now := self._judge.id.hash) != self._was:
            self._was = now
            self._then()

    def _refuse_all(self, error: JudgeError) -> None:
        jobs, self._waiting = self._waiting, {}
        for job in jobs.values():
            self.counts.busy += 1
            _fail(job, error)

    def _note(self, event: Event) -> None:
        self._state = breaker.step(self._terms.circuit, self._state, event, self._clock())


def _fail(job: _Job, error: JudgeError) -> None:
    if not job.future.done():
        job.future.set_exception(error)
        # Looked at, so that nobody is told of it where nobody waits any more.
        job.future.exception()


def _checked(answer: Answer) -> Answer:
    """Let no number pass for a probability that is none: a comparison with NaN is always false."""
    match answer:
        case Opinion(unsafe, categories):
            good = all(math.isfinite(p) and 0 <= p <= 1 for p in (unsafe, *categories.values()))
            return answer if good else Unscored("it gave a number that is no probability")
        case _:
            return answer
