"""What people say of a run's answers, in the file `people` of its folder.

Lines are only ever added, each durable before it counts, under a lock: of two who judge one answer
at once, the second is told. Half a line, left by a process that was killed, is cut off before the
next.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from kanhe.assess.course import Asked
from kanhe.assess.outcome import Answered, Reply, Trial
from kanhe.assess.people import Drawn, Judgement, Sitting
from kanhe.assess.people_file import first_line, line, read_lines, read_seed
from kanhe.assess.plan import Plan
from kanhe.errors import AssessError

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
    return Sitting(drawn_of(plan, for_people(asked), seed), history, answered_in(journal))


def for_people(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Give what was drawn for people, in the order of the course."""
    return tuple(one for one in asked if one.people)


def drawn_of(plan: Plan, asked: Sequence[Asked], seed: str) -> Drawn:
    """Give what was drawn for people, with the share that is doubled. `asked`: `for_people`'s."""
    people = plan.judging.people
    double = people.double if people else Fraction(0)
    return Drawn(tuple(one.trial for one in asked), double, seed)


def answered_in(journal: Answers) -> Callable[[Trial], bool]:
    """Give whether there is an answer to a trial."""
    return lambda trial: isinstance(journal.reply(trial), Answered)
