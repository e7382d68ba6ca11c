"""The runs that people judge: what each is shown, and what they say, kept in the runs' folders.

Answers are read through a run's journal, which another process may be writing meanwhile. Blind by
what it gives: no verdict, no route, no model, no bank.

All methods block for milliseconds, and may be called from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kanhe.adapters.assess_journal import JOURNAL
from kanhe.adapters.assess_people import Answers, PeopleFile, answered_in, drawn_of, for_people
from kanhe.assess.course import Asked
from kanhe.assess.item import Expect
from kanhe.assess.people import Judgement, Sitting
from kanhe.assess.plan import Plan
from kanhe.errors import KanheError, RequestError


class RunSeen(Protocol):
    """What is asked of the folder of a run."""

    @property
    def plan(self) -> Plan:
        """The plan."""
        ...

    @property
    def asked(self) -> Sequence[Asked]:
        """All trials of the course, those for people among them."""
        ...

    def journal(self) -> AbstractContextManager[Answers]:
        """Read the journal as it is now."""
        ...


class RunsSeen(Protocol):
    """What is asked of all runs together."""

    @property
    def folder(self) -> Path:
        """Where their folders stand."""
        ...

    def names(self) -> Sequence[str]:
        """Name the runs."""
        ...

    def open(self, name: str) -> RunSeen:
        """Open one."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as somebody who judges it sees it: no verdict, no route, no model, no bank."""

    number: int
    turns: tuple[str, ...]
    answer: str
    lang: str
    expect: Expect
    slice: str
    key: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A run that was opened, and what was read of it so far.

    The journal stays open: to read a large one anew for each answer would take seconds.
    """

    run: RunSeen
    asked: tuple[Asked, ...]
    file: PeopleFile
    stamp: tuple[int, int] = (0, 0)
    journal: Answers | None = None
    held: ExitStack = field(default_factory=ExitStack)
    sitting: tuple[int, Sitting] | None = field(default=None)

    def look(self, stamp: tuple[int, int]) -> Answers:
        """Give the journal, read anew where it has grown."""
        if self.journal is None or stamp != self.stamp:
            self.held.close()
            self.sitting = self.journal = None
            self.journal = self.held.enter_context(self.run.journal())
            self.stamp = stamp
        return self.journal


class PeopleStore:
    """The runs that people judge.

    Args:
        runs: All runs of the service.
    """

    def __init__(self, runs: RunsSeen) -> None:
        self._runs = runs
        self._open: dict[str, _Open] = {}
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the journals."""
        with self._lock:
            for one in self._open.values():
                one.held.close()
            self._open.clear()

    def names(self) -> tuple[str, ...]:
        """Name the runs of which something was drawn for people; one that is damaged is left out.

        What is wrong with it is told by `kanhe assess status`.
        """
        return tuple(name for name in self._runs.names() if self._has_people(name))

    def _has_people(self, name: str) -> bool:
        try:
            with self._lock:
                known = self._open.get(name)
                wanted = known or self._runs.open(name).plan.judging.people
                return bool(wanted and self._get(name).asked)
        except KanheError:
            return False

    def plan(self, name: str) -> Plan:
        """Give the plan of a run.

        Raises:
            RequestError: There is no such run.
        """
        return self._get(name).run.plan

    def sitting(self, name: str) -> Sitting:
        """Give a run with all that people said of it.

        Raises:
            RequestError: There is no such run.
            AssessError: It cannot be read.
        """
        with self._lock:
            one = self._get(name)
            return self._sitting(one, *one.file.read())

    def _sitting(self, one: _Open, seed: str, history: Sequence[Judgement]) -> Sitting:
        # Before the first verdict there is no seed: such an order is nobody's to keep.
        if one.sitting is None or one.sitting[0] != len(history) or not history:
            drawn = drawn_of(one.run.plan, one.asked, seed)
            made = Sitting(drawn, history, answered_in(self._journal(one)))
            one.sitting = (len(history), made)
        return one.sitting[1]

    def shown(self, name: str, number: int) -> Shown:
        """Give an answer as somebody who judges it sees it.

        Raises:
            RequestError: There is no such answer.
            AssessError: Its text was destroyed, or cannot be read.
        """
        with self._lock:
            one = self._get(name)
            if not 0 <= number < len(one.asked):
                raise _nothing(name)
            asked = one.asked[number]
            item, text = asked.item, self._journal(one).answer(asked.trial)
        turns = tuple(map(_clean, item.turns))
        key = tuple(map(_clean, item.key))
        return Shown(number, turns, _clean(text), item.lang, item.expect, item.slice, key)

    def add(self, name: str, number: int, given: Judgement) -> None:
        """Keep a verdict, if this person may give it. The trial is that of `number`.

        Raises:
            RequestError: They may not, or there is no such answer.
        """
        with self._lock:
            one = self._get(name)

            def choose(seed: str, history: Sequence[Judgement]) -> Judgement:
                now = self._sitting(one, seed, history)
                now.refuse(given.by, number, panel=given.panel)
                return replace(given, trial=one.asked[number].trial)

            one.file.add(choose)

    def take_back(self, name: str, who: str, at: datetime, *, panel: bool = False) -> int | None:
        """Take somebody's last verdict back; give its number, or None where there is none.

        With `panel` it is their last decision.
        """
        taken: list[int] = []
        with self._lock:
            one = self._get(name)

            def choose(seed: str, history: Sequence[Judgement]) -> Judgement | None:
                now = self._sitting(one, seed, history)
                last = now.last(who, panel=panel)
                if last is None:
                    return None
                taken.append(now.number(last.trial))
                return Judgement(last.trial, who, "withdrawn", "", 0, at, panel)

            one.file.add(choose)
        return taken[0] if taken else None

    def _get(self, name: str) -> _Open:
        with self._lock:
            known = self._open.get(name)
            if known is None:
                if name not in self._runs.names():
                    raise _nothing(name)
                run = self._runs.open(name)
                file = PeopleFile(self._runs.folder / name, run.plan.sha256)
                known = self._open[name] = _Open(run, for_people(run.asked), file)
            self._journal(known)
            return known

    def _journal(self, one: _Open) -> Answers:
        try:
            found = (one.file.path.parent / JOURNAL).stat()
        except OSError:
            return one.look((0, 0))
        return one.look((found.st_mtime_ns, found.st_size))


def _clean(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and no page can show."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _nothing(name: str) -> RequestError:
    return RequestError(
        f"there is nothing to judge by hand in a run {name[:60]!r}",
        advice="`kanhe assess people` names the runs that there are.", status=404,
    )  # fmt: skip
