"""What people say of a run's answers, in the file `people` of its folder; and what they are shown.

Lines are only ever added, each durable before it counts, under a lock: of two who judge one answer
at once, the second is told. Half a line, left by a process that was killed, is cut off before the
next. Answers are read through the run's journal, which another process may be writing meanwhile.

All methods block for milliseconds, and may be called from any thread.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from kanhe.adapters.assess_journal import JOURNAL
from kanhe.assess.course import Asked
from kanhe.assess.item import Expect
from kanhe.assess.outcome import Answered, Reply, Trial
from kanhe.assess.people import Drawn, Judgement, Sitting
from kanhe.assess.people_file import first_line, line, read_lines, read_seed
from kanhe.assess.plan import Plan
from kanhe.errors import AssessError, RequestError

PEOPLE = "people"


class Answers(Protocol):
    """What is read of a journal."""

    def reply(self, trial: Trial) -> Reply | None:
        """Give what was kept of a trial."""
        ...

    def answer(self, trial: Trial) -> str:
        """Give the text of an answer.

        Raises:
            AssessError: It cannot be read.
        """
        ...


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

    def journal(self) -> Answers:
        """Give what the journal holds now."""
        ...


class RunsSeen(Protocol):
    """What is asked of all runs together."""

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


class PeopleFile:
    """The file of one run. `read` and `add` may be called from several processes at once."""

    def __init__(self, folder: Path, plan: str) -> None:
        self.path = folder / PEOPLE
        self._plan = plan
        self._seed = ""
        self._kept: list[Judgement] = []
        self._end = 0

    def read(self) -> tuple[str, tuple[Judgement, ...]]:
        """Give the seed and all verdicts; where there is no file yet, an empty seed and none.

        Raises:
            AssessError: The file is damaged, or another plan's.
        """
        try:
            with self.path.open("rb") as opened:
                opened.seek(self._end)
                raw = opened.read()
        except FileNotFoundError:
            return "", ()
        self._take(raw[: raw.rfind(b"\n") + 1])
        return self._seed, tuple(self._kept)

    def _take(self, whole: bytes) -> None:
        rest = whole
        if whole and self._end == 0:
            head, _, rest = whole.partition(b"\n")
            self._seed = read_seed(head, self._plan)
        self._kept += read_lines(rest, len(self._kept) + 2)
        self._end += len(whole)

    def add(self, choose: Callable[[str, Sequence[Judgement]], Judgement | None]) -> None:
        """Keep what `choose` gives of all that is there, with nobody else writing meanwhile.

        Raises:
            AssessError: The file cannot be read or written.
            RequestError: `choose` refuses.
        """
        with self._locked() as fd:
            one = choose(*self.read())
            if one is not None:
                self._append(fd, line(one))
                self.read()

    @contextmanager
    def _locked(self) -> Iterator[int]:
        fd = self._opened()
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            self.read()
            if self._end < os.fstat(fd).st_size:
                os.ftruncate(fd, self._end)
            if self._end == 0:
                self._append(fd, first_line(self._plan, secrets.token_hex(16)))
                self.read()
            yield fd
        finally:
            os.close(fd)

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            return os.open(self.path, flags, 0o600)
        except OSError as error:
            raise AssessError(
                f"what people say cannot be kept in {self.path}: {error.strerror}",
                advice="Let the service's user own the folders of the runs.",
            ) from error

    def _append(self, fd: int, raw: bytes) -> None:
        try:
            rest = memoryview(raw)
            while rest:
                rest = rest[os.write(fd, rest) :]
            os.fsync(fd)
        except OSError as error:
            os.ftruncate(fd, self._end)
            raise AssessError(
                f"what people say cannot be kept in {self.path}: {error.strerror}",
                advice="Make room; nothing that was kept is lost.",
            ) from error


def sitting(folder: Path, plan: Plan, asked: Sequence[Asked], journal: Answers) -> Sitting:
    """Give what people said of a run, without writing anything.

    Raises:
        AssessError: The file is damaged, or another plan's.
    """
    seed, history = PeopleFile(folder, plan.sha256).read()
    return Sitting(_drawn(plan, _for_people(asked), seed), history, _answered(journal))


def _for_people(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    return tuple(one for one in asked if one.people)


def _drawn(plan: Plan, asked: Sequence[Asked], seed: str) -> Drawn:
    people = plan.judging.people
    double = people.double if people else Fraction(0)
    return Drawn(tuple(one.trial for one in asked), double, seed)


def _answered(journal: Answers) -> Callable[[Trial], bool]:
    return lambda trial: isinstance(journal.reply(trial), Answered)


@dataclass(slots=True)
class _Open:
    """A run that was opened, and what was read of it so far."""

    run: RunSeen
    asked: tuple[Asked, ...]
    file: PeopleFile
    journal: Answers
    stamp: tuple[int, int]
    sitting: tuple[int, Sitting] | None = field(default=None)


class PeopleStore:
    """The runs that people judge.

    Args:
        folder: Where the folders of runs stand.
        runs: What they hold.
    """

    def __init__(self, folder: Path, runs: RunsSeen) -> None:
        self._folder, self._runs = folder, runs
        self._open: dict[str, _Open] = {}
        self._lock = threading.RLock()

    def names(self) -> tuple[str, ...]:
        """Name the runs of which something was drawn for people; one that is damaged is left out.

        What is wrong with it is told by `kanhe assess status`.
        """
        return tuple(name for name in self._runs.names() if self._has_people(name))

    def _has_people(self, name: str) -> bool:
        try:
            return bool(self._get(name).asked)
        except (AssessError, RequestError):
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
            drawn = _drawn(one.run.plan, one.asked, seed)
            made = Sitting(drawn, history, _answered(one.journal))
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
            item, text = asked.item, one.journal.answer(asked.trial)
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

    def take_back(self, name: str, who: str, at: datetime) -> int | None:
        """Take somebody's last verdict back; give its number, or None where there is none."""
        taken: list[int] = []
        with self._lock:
            one = self._get(name)

            def choose(seed: str, history: Sequence[Judgement]) -> Judgement | None:
                now = self._sitting(one, seed, history)
                last = now.last(who)
                if last is None:
                    return None
                taken.append(now.number(last.trial))
                return Judgement(last.trial, who, "withdrawn", "", 0, at)

            one.file.add(choose)
        return taken[0] if taken else None

    def _get(self, name: str) -> _Open:
        with self._lock:
            known = self._open.get(name)
            if known is None:
                if name not in self._runs.names():
                    raise _nothing(name)
                known = self._open[name] = self._opened(name)
            stamp = self._stamp(name)
            if stamp != known.stamp:
                known.journal, known.stamp = known.run.journal(), stamp
                known.sitting = None
            return known

    def _opened(self, name: str) -> _Open:
        run, stamp = self._runs.open(name), self._stamp(name)
        file = PeopleFile(self._folder / name, run.plan.sha256)
        return _Open(run, _for_people(run.asked), file, run.journal(), stamp)

    def _stamp(self, name: str) -> tuple[int, int]:
        try:
            found = (self._folder / name / JOURNAL).stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size


def _clean(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and no page can show."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _nothing(name: str) -> RequestError:
    return RequestError(
        f"there is nothing to judge by hand in a run {name[:60]!r}",
        advice="`kanhe assess people` names the runs that there are.", status=404,
    )  # fmt: skip
