"""Asking: trials through targets, each answer durable before it is judged, none asked for twice.

A run is a list of trials and a journal. What the journal holds is done: a run that was killed goes
on where it stood, by the same call. An answer is in the journal before anybody judges it; one that
has no verdicts yet is judged again from what was kept, and the target is not asked. Only what was
under way when the process died is asked once more.

Decides nothing about results. Stops by itself when its budget is spent or the target is plainly
down, and says which; what is done stays done.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kanhe.assess.item import Item
from kanhe.assess.outcome import Answered, Failed, Reply, Trial, Verdict
from kanhe.errors import TargetError


@dataclass(frozen=True, slots=True)
class Said:
    """What a target said to an item, all its turns together."""

    text: str
    decision: str = ""
    """The number of Kanhe's decision, where it stopped prompt or answer."""
    tokens: tuple[int, int] = (0, 0)
    ms: int = 0
    replayed: bool = False
    """Whether a cache gave it, and the target was not asked."""


class Target(Protocol):
    """What is assessed: a model, or the service in front of it."""

    async def ask(self, turns: Sequence[str], system: str = "", repeat: int = 0) -> Said:
        """Put the turns of one conversation, each after the answer to the one before.

        Args:
            turns: What the user says.
            system: What stands before them; empty: what the target says to everybody.
            repeat: How often it was put before; a cache must not answer for the model.

        Raises:
            TargetError: It did not answer.
        """
        ...


class Journal(Protocol):
    """What is kept of a run. A call returns once what it was given is durable."""

    def reply(self, trial: Trial) -> Reply | None:
        """Give what was kept of a trial; None where it was not asked, or not answered."""
        ...

    def verdicts(self, trial: Trial) -> tuple[Verdict, ...]:
        """Give the verdicts on a trial, in the order in which they came."""
        ...

    def answer(self, trial: Trial) -> str:
        """Give the text of an answer that was kept.

        Raises:
            AssessError: It is not there any more, or is not what its hash says.
        """
        ...

    async def keep(self, trial: Trial, said: Said | Failed) -> None:
        """Keep what a target said, or that it did not."""
        ...

    async def judge(self, trial: Trial, verdicts: Sequence[Verdict]) -> None:
        """Keep verdicts on a trial, beside those that are there."""
        ...


Judging = Callable[[Item, Said, Sequence[Verdict]], Awaitable[Sequence[Verdict]]]
"""Judges an answer in every way that needs no people, of which verdicts that are there leave it
open. Raises nothing: what has no verdict is unscored, and says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard a target is asked.

    Attributes:
        at_once: Questions under way.
        tries: Of each trial, all together.
        pause_s: Before the second try; doubled before each further one.
        per_minute: Questions begun in a minute; None: as they come.
        allows: Whether so many prompt and completion tokens may be spent in all, those of earlier
            parts of the run and one answer more for each question under way included.
        most: Completion tokens that one answer may have; for `allows`.
        down_after: Trials of one target, failing one after another, after which it counts as down.
    """

    at_once: int = 8
    tries: int = 3
    pause_s: float = 1.0
    per_minute: float | None = None
    allows: Callable[[int, int], bool] = lambda prompt, completion: True
    most: int = 0
    down_after: int = 20


class Why(StrEnum):
    """Why a run has ended."""

    DONE = "done"
    BUDGET = "budget"
    DOWN = "down"


@dataclass(slots=True)
class Progress:
    """How far a run is. `asked` and `judged` count this time only, `done` all that is done."""

    total: int
    done: int = 0
    failed: int = 0
    asked: int = 0
    judged: int = 0
    spent: tuple[int, int] = (0, 0)
    replayed: int = 0
    why: Why | None = None

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return sum(self.spent)


@dataclass(slots=True)
class Run:
    """One run over its trials.

    Args:
        trials: What is asked, in the order in which it is begun.
        targets: By the name that trials have; none: nobody is asked, what was answered is judged.
        journal: What is kept.
        judging: How answers are judged.
        limits: How hard the targets are asked.
        again: Whether verdicts lack one that the judging could give now.
        told: Called after each trial.
        sleep: Waits the seconds it is given.
        tired: Trials that have just failed, and are not tried again this time.
    """

    trials: Sequence[tuple[Trial, Item]]
    targets: Mapping[str, Target]
    journal: Journal
    judging: Judging
    limits: Limits = field(default_factory=Limits)
    again: Callable[[Sequence[Verdict]], bool] = lambda verdicts: not verdicts
    told: Callable[[Progress], None] = lambda _: None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    tired: Container[Trial] = frozenset()
    progress: Progress = field(init=False)
    _row: Counter[str] = field(init=False, default_factory=Counter)
    _under_way: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.progress = Progress(len(self.trials))
        for trial, _ in self.trials:
            self._count(self.journal.reply(trial))

    async def go(self) -> Progress:
        """Ask what was not answered, judge what was not judged; return when it has ended.

        A trial that failed in an earlier part of the run is tried again, after all others.
        """
        todo = iter(sorted(
            (one for one in self.trials if self._is_open(one[0])),
            key=lambda one: isinstance(self.journal.reply(one[0]), Failed),
        ))  # fmt: skip
        begin = _Pace(self.limits.per_minute, self.sleep)
        workers = [
            asyncio.ensure_future(self._work(todo, begin)) for _ in range(self.limits.at_once)
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        self.progress.why = self.progress.why or (Why.DOWN if self._is_mute() else Why.DONE)
        return self.progress

    def _is_mute(self) -> bool:
        """Say whether nothing was ever answered, however few were asked."""
        return bool(self.targets) and bool(self.progress.failed) and not self.progress.done

    def _is_open(self, trial: Trial) -> bool:
        if isinstance(self.journal.reply(trial), Answered):
            return self.again(self.journal.verdicts(trial))
        return bool(self.targets) and trial not in self.tired

    async def _work(self, todo: Iterator[tuple[Trial, Item]], begin: _Pace) -> None:
        for trial, item in todo:
            reply = self.journal.reply(trial)
            if isinstance(reply, Answered):
                text = self.journal.answer(trial)
                said = Said(text, reply.refused_by_gateway, reply.tokens, reply.ms)
            elif self._must_end():
                continue  # an answer that waits to be judged costs nothing
            else:
                self._under_way += 1
                try:
                    await begin.next()
                    found = await self._ask(trial, item)
                finally:
                    self._under_way -= 1
                await self.journal.keep(trial, found)
                self._asked(trial.target, reply, found)
                if isinstance(found, Failed):
                    self.told(self.progress)
                    continue
                said = found
            await self._judge(trial, item, said)
            self.progress.judged += 1
            self.told(self.progress)

    async def _judge(self, trial: Trial, item: Item, said: Said) -> None:
        """Keep what is new: a way that has spoken is not heard twice."""
        known = self.journal.verdicts(trial)
        found = await self.judging(item, said, known)
        scored = {one.way for one in known if one.passed is not None}
        silent = {one.way for one in known}
        fresh = [one for one in found if one.way not in silent
                 or (one.passed is not None and one.way not in scored)]  # fmt: skip
        if fresh:
            await self.journal.judge(trial, fresh)

    def _must_end(self) -> bool:
        prompt, completion = self.progress.spent
        ahead = self.limits.most * (self._under_way + 1)
        if not self.limits.allows(prompt, completion + ahead):
            self.progress.why = Why.BUDGET
        elif max(self._row.values(), default=0) >= self.limits.down_after:
            self.progress.why = Why.DOWN
        return self.progress.why is not None

    async def _ask(self, trial: Trial, item: Item) -> Said | Failed:
        pause_s = self.limits.pause_s
        for tried in range(1, self.limits.tries + 1):
            try:
                target = self.targets[trial.target]
                return await target.ask(item.turns, item.system, trial.repeat)
            except TargetError as error:
                if not error.again or tried == self.limits.tries:
                    return Failed(error.code, tried)
                await self.sleep(pause_s)
                pause_s *= 2
        raise AssertionError("a trial has at least one try")

    def _asked(self, target: str, before: Reply | None, found: Said | Failed) -> None:
        progress = self.progress
        progress.asked += 1
        if isinstance(before, Failed):
            progress.failed -= 1
        if isinstance(found, Failed):
            progress.failed += 1
            # What failed before and does again says nothing new: a target that refuses some
            # questions each time is not down.
            self._row[target] += not isinstance(before, Failed)
        else:
            progress.done += 1
            progress.spent = _sum(progress.spent, found.tokens)
            progress.replayed += found.replayed
            self._row[target] = 0

    def _count(self, reply: Reply | None) -> None:
        match reply:
            case Answered():
                self.progress.done += 1
                self.progress.spent = _sum(self.progress.spent, reply.tokens)
            case Failed():
                self.progress.failed += 1
            case None:
                pass


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


class _Pace:
    """Begins questions no more often than so many a minute."""

    def __init__(
        self, per_minute: float | None, sleep: Callable[[float], Awaitable[object]]
    ) -> None:
        self._gap_s = 60 / per_minute if per_minute else 0.0
        self._sleep = sleep
        self._next = 0.0

    async def next(self) -> None:
        """Return when the next question may begin."""
        if not self._gap_s:
            return
        now = asyncio.get_running_loop().time()
        at, self._next = max(now, self._next), max(now, self._next) + self._gap_s
        if at > now:
            await self._sleep(at - now)
