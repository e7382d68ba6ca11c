"""A run, driven to its end: targets and judges opened, both phases asked, progress told.

The same call begins a run and goes on with it. What is asked first follows from the plan; the
disguises follow from what came of that, so they are laid out once everything has an answer.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from kanhe.adapters.answer_cache import AnswerCache
from kanhe.adapters.assess_folder import Going, RunFolder
from kanhe.adapters.assess_journal import RunJournal, open_journal
from kanhe.adapters.assess_targets import Targets
from kanhe.assess.course import Asked
from kanhe.assess.head import JudgeSeen
from kanhe.assess.item import Item
from kanhe.assess.outcome import Answered, Failed, Trial, Verdict
from kanhe.assess.plan import Plan
from kanhe.assess.run import Limits, Progress, Run, Said, Target, Why

_TOLD_S = 0.5
STOPPED = "stopped"
"""Why a run ended that somebody stopped."""


class Judging(Protocol):
    """What judges the answers of a run; `adapters.assess_ways.Ways` is one."""

    @property
    def versions(self) -> Mapping[str, str]:
        """By way: the version of what judges."""
        ...

    async def begin(self) -> None:
        """Meet the judges before the first question."""
        ...

    async def end(self) -> None:
        """Meet them once more, after the last answer was judged."""
        ...

    async def judge(
        self, item: Item, said: Said, before: Sequence[Verdict] = ()
    ) -> Sequence[Verdict]:
        """Judge an answer in the ways that verdicts which are there leave open."""
        ...

    def again(self, verdicts: Sequence[Verdict]) -> bool:
        """Say whether something was left unscored that could be scored now."""
        ...

    def seen(self) -> JudgeSeen | None:
        """Say what is to be told of the judge."""
        ...


@dataclass(slots=True)
class Driver:
    """Drives one run.

    Args:
        run: Its folder.
        ways: What judges; begun and ended here, closed by whoever opened it.
        clock: Gives the time: aware, for what is written.
        seconds: Gives seconds, for rates.
        told: Called about twice a second, and at the end.
        cache: Answers of earlier runs; None: everything is asked.
        targets: By route, in place of those of the plan; for tests.
    """

    run: RunFolder
    ways: Judging
    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    told: Callable[[Going], None] = lambda _: None
    cache: AnswerCache | None = None
    targets: Mapping[str, Target] | None = None
    _begun: float = field(init=False, default=0.0)
    _last: float = field(init=False, default=-1.0)
    _past: Progress = field(init=False, default_factory=lambda: Progress(0))
    _now: Progress | None = field(init=False, default=None)

    async def ask(self, variable: Callable[[str], str]) -> Progress:
        """Ask and judge everything that was not yet; return when it has ended.

        Args:
            variable: Looks up a key by the name of its variable.

        Raises:
            AssessError: The journal is another plan's, damaged, or in use; a key is missing.
            SettingsError: A target cannot be used as it is described.
        """
        if self.targets is not None:
            return await self._drive(self.targets)
        async with Targets(self.run.plan, variable, self.cache) as opened:
            return await self._drive(opened.by_route)

    async def judge(self) -> Progress:
        """Judge what was answered and has no verdict yet; ask nobody anything.

        Why the run ended stays what it was: judging does not make it whole.

        Raises:
            AssessError: The journal is another plan's, damaged, or in use.
        """
        return await self._drive({})

    async def _drive(self, targets: Mapping[str, Target]) -> Progress:
        self._begun = self.seconds()
        journal = open_journal(self.run.path, self.run.course)
        before = self.run.manifest.by
        ended = STOPPED if targets else before
        if targets:
            self._began(journal)
        try:
            await self.ways.begin()
            progress = await self._phases(journal, targets)
            await self.ways.end()
            ended = str(progress.why) if targets else before
        finally:
            reasons = _reasons(self.run.plain, journal)
            await journal.aclose()
            self._end(ended, journal.replayed, reasons)
        return progress

    def _began(self, journal: RunJournal) -> None:
        """Tell whose process it is, before judges are met."""
        replies = [journal.reply(one) for one in {one.trial for one in self.run.plain}]
        failed = sum(isinstance(one, Failed) for one in replies)
        done = sum(isinstance(one, Answered) for one in replies)
        self._say(Progress(len(replies), done, failed), "")

    async def _phases(self, journal: RunJournal, targets: Mapping[str, Target]) -> Progress:
        if not targets:
            return await self._one(self.run.all(journal), journal, targets, frozenset())
        # Disguises follow from verdicts on all that stands plain: what was answered and not judged
        # when a process was killed is judged first, or they would not be what they would have been.
        asked = self.run.plain
        progress = await self._one(asked, journal, targets, frozenset())
        while progress.why is Why.DONE:
            more = self.run.all(journal)
            if {one.trial for one in more} <= {one.trial for one in asked}:
                break
            tired = {one.trial for one in asked if isinstance(journal.reply(one.trial), Failed)}
            asked, progress = more, await self._one(more, journal, targets, tired)
        return progress

    async def _one(
        self, trials: Sequence[Asked], journal: RunJournal, targets: Mapping[str, Target],
        tired: Container[Trial],
    ) -> Progress:  # fmt: skip
        # A question that stands in two banks is one trial.
        todo = list({one.trial: one.item for one in trials}.items())
        run = Run(
            todo, targets, journal, self.ways.judge, limits(self.run.plan),
            again=lambda found: not found or self.ways.again(found), told=self._tell, tired=tired,
        )  # fmt: skip
        self._now = run.progress
        progress = self._sum(await run.go())
        self._past, self._now = progress, None
        return progress

    def _sum(self, now: Progress) -> Progress:
        """Add what earlier phases did to what this one did; all else is told anew by each."""
        past = self._past
        return replace(
            now,
            asked=past.asked + now.asked,
            judged=past.judged + now.judged,
            replayed=past.replayed + now.replayed,
        )

    def _tell(self, progress: Progress) -> None:
        now = self.seconds()
        if now - self._last >= _TOLD_S:
            self._last = now
            self._say(self._sum(progress), "")

    def _say(
        self, progress: Progress, why: str, reasons: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        done, now = max(progress.asked, progress.judged), self.seconds()
        rate = done / (now - self._begun) if now > self._begun else 0.0
        left = progress.total - progress.done - progress.failed
        going = Going(
            progress.total, progress.done, progress.failed, progress.asked, progress.tokens, rate,
            left / rate if rate else None, why, os.getpid(), self.clock(), dict(reasons),
        )  # fmt: skip
        self.run.tell(going)
        self.told(going)

    def _end(self, ended: str, replayed: int, reasons: Mapping[str, int]) -> None:
        before = self.run.manifest
        progress = self._sum(self._now) if self._now else self._past
        # Going on with what is done asks nobody: the run, and so its report, stays what it was.
        still = before.ended is not None and before.by == ended and not progress.asked
        self.run.write(replace(
            before, ended=before.ended if still else self.clock(), by=ended,
            ways=dict(self.ways.versions), judge=self.ways.seen() or before.judge,
            replayed=replayed,
        ))  # fmt: skip
        self._say(progress, ended, reasons)


def _reasons(asked: Sequence[Asked], journal: RunJournal) -> Mapping[str, int]:
    """Count by code what was asked and not answered."""
    replies = (journal.reply(one) for one in {one.trial for one in asked})
    return dict(sorted(Counter(one.code for one in replies if isinstance(one, Failed)).items()))


def limits(plan: Plan) -> Limits:
    """Give how hard a plan lets its targets be asked."""
    pace = plan.pace
    per_minute = pace.per_second * 60 if pace.per_second else None
    return Limits(
        at_once=pace.at_once, tries=pace.retries + 1, per_minute=per_minute,
        allows=plan.budget.allows, most=plan.asking.max_tokens,
    )  # fmt: skip
