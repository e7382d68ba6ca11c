"""What the pages on assessments ask of the running system: a port, and the values through it.

Everything but `texts` is without text of anybody's: who asks for a text has recorded it before.
Calls read files; pages make them in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from kanhe.assess.bank_finding import Finding
from kanhe.assess.head import Head
from kanhe.assess.item import BankKind
from kanhe.assess.line import Line
from kanhe.assess.plan import Plan
from kanhe.assess.report_file import Written
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Going:
    """How far a run was at an instant, as it said itself.

    Attributes:
        asked: Questions put to the target this time.
        rate: Trials done in a second; 0.0: it cannot be told yet.
        eta_s: Seconds until the end; None: it cannot be told.
        why: Why it ended: `done`, `budget`, `down`, `stopped`, `interrupted`; empty: it has not.
    """

    total: int
    done: int
    failed: int
    asked: int
    tokens: int
    rate: float
    eta_s: float | None
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run as it stands in a list.

    Attributes:
        raw: The plan, as it was given.
        begun: When the first question was asked; None: none was.
        banks: Ids and hashes of the banks.
        files: Names of the files of its report; empty: none was made.
    """

    name: str
    plan: Plan
    raw: bytes
    begun: datetime | None
    banks: Mapping[str, str]
    going: Going | None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A run whose files say nothing, or not the same; `what` and `advice` as errors have them."""

    name: str
    what: str
    advice: str


Listed: TypeAlias = RunSeen | Unreadable


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence of a run: how it was made, and its lines by the keys that addresses name."""

    head: Head
    lines: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Texts:
    """What was put to the target, and what it said; `answer` None: it did not, `why` says why."""

    turns: tuple[str, ...]
    system: str
    answer: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class BankPlanned:
    """A bank of a plan: what is there, what is drawn, what the regime wants of it, by slice."""

    id: str
    title: Text
    version: str
    kind: BankKind
    items: Mapping[str, int]
    drawn: Mapping[str, int]
    wanted: Mapping[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan comes to, before anything is asked.

    Attributes:
        trials: By part of the assessment and target, how often is asked; what is asked in
            disguise comes on top, and follows from what fails.
        prompt: About so many prompt tokens.
        completion: Completion tokens at most.
    """

    plan: Plan
    banks: tuple[BankPlanned, ...]
    trials: Mapping[str, Mapping[str, int]]
    prompt: int
    completion: int


class Assessments(Protocol):
    """The runs of this service."""

    def runs(self) -> Sequence[Listed]:
        """Give all of them, the newest first."""
        ...

    def run(self, name: str) -> Listed | None:
        """Give one; None where there is none of that name."""
        ...

    def going(self, name: str) -> Going | None:
        """Say how far a run is; made to be asked twice a second."""
        ...

    def gathered(self, name: str) -> Gathered:
        """Give the evidence of a run, as far as it is.

        Raises:
            KanheError: It cannot be read.
        """
        ...

    def report(self, name: str) -> Written | None:
        """Give the report of a run that has ended; None where it is to be made elsewhere first.

        Raises:
            KanheError: It cannot be read, or its figures not be computed.
        """
        ...

    def texts(self, name: str, line: Line) -> Texts:
        """Open question and answer. Record first that somebody looks."""
        ...

    def file(self, name: str, file: str) -> bytes | None:
        """Give a file of a run's report; None where there is none of that name."""
        ...

    def planned(self, raw: bytes) -> Planned:
        """Say what a plan comes to; of the disk it sees only banks that are shipped.

        Raises:
            FaultyPlan: Something is wrong with it.
            KanheError: It names a bank that cannot be used here.
        """
        ...

    def comes_to(self, name: str) -> Planned:
        """Say what the plan of a run comes to, by the banks that it was begun with.

        Raises:
            KanheError: They are not there any more, or not the same.
        """
        ...


class AssessServed(Protocol):
    """What the pages on assessments ask of the running system beside `Served`."""

    @property
    def assessments(self) -> Assessments:
        """The runs of this service."""
        ...
