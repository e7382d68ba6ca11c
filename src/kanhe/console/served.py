"""What the pages ask of the running system: a port, and the values that go through it.

Pages never see a path, a key or a connection. What they write goes onto the ledger, by `record`
and `attest`, under the account's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kanhe.adapters.judge_records import Kept
from kanhe.adapters.label_store import LabelStore
from kanhe.adapters.live_rules import Rules
from kanhe.judge.port import JudgeId
from kanhe.law.regime import Control, Regime
from kanhe.law.scope import Answers
from kanhe.ledger.entry import Json
from kanhe.status.picture import Seen
from kanhe.status.status import Status


@dataclass(frozen=True, slots=True)
class Head:
    """The published end of the ledger. `witnessed`: somebody else has cosigned it."""

    size: int
    root: bytes
    witnessed: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """The ruleset in force."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What bound on day `at`, as one knew on day `known`, with the draft `as_if` taken for law.

    None: today, what is known today, no draft.
    """

    at: date | None = None
    known: date | None = None
    as_if: str | None = None

    @property
    def now(self) -> bool:
        """Say whether this is the question about now."""
        return self == Asked()


@dataclass(frozen=True, slots=True)
class Span:
    """What the gateway did in a span of time that begins at `start`: numbers of decisions.

    `counts` is by their kind: released, stopped, refused, open … (`gateway.decision.Kind`).
    """

    start: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody attests: of which control, until when, whether it is done, by which papers.

    `evidence` are SHA-256 hashes of documents, in hexadecimal; the documents are not kept.
    """

    control: Control
    done: bool
    valid_until: date
    evidence: tuple[str, ...]
    by: str
    role: str


@dataclass(frozen=True, slots=True)
class JudgeSeen:
    """A judge of the settings, as it runs: which it is, and how it fares behind its queue.

    `figures` are counts since the start, and what waits now (`JudgeQueue.figures`).
    """

    id: JudgeId
    default: bool
    ready: bool
    categories: frozenset[str]
    figures: Mapping[str, int]


class JudgesServed(Protocol):
    """What the page on judges asks of the running system beside `Served`."""

    @property
    def rules(self) -> Rules:
        """The rules in force, and those that were."""
        ...

    @property
    def known_judges(self) -> Sequence[JudgeSeen]:
        """The judges of the settings, in their order."""
        ...

    async def records(self) -> Kept:
        """Give what was measured of judges, as far as the ledger commits to it."""
        ...


class LabelsServed(Protocol):
    """What the pages on labelling ask of the running system beside `Served`."""

    @property
    def labels(self) -> LabelStore:
        """What people label."""
        ...


class Served(Protocol):
    """The running system, as the console sees it."""

    @property
    def name(self) -> str:
        """The name the ledger signs under."""
        ...

    @property
    def regime(self) -> Regime:
        """The law it runs under."""
        ...

    @property
    def ruleset(self) -> Loaded:
        """The ruleset in force."""
        ...

    def head(self) -> Head:
        """Give the published end of the ledger."""
        ...

    async def status(self, asked: Asked) -> Status:
        """Give the status; that of now is kept until the ledger or the day changes."""
        ...

    async def supposed(self, answers: Answers, by: str) -> Status:
        """Give the status of now as it would be if these answers were recorded."""
        ...

    async def kept(self, tag: str) -> Sequence[Seen]:
        """Give the entries with a tag of the operator's or the service's, oldest first."""
        ...

    async def recent(self, count: int, minutes: int) -> Sequence[Span]:
        """Give what the gateway did in the last `count` spans of `minutes`, oldest first."""
        ...

    def related(self, regime: str) -> Regime | None:
        """Give another regime, for its titles; None where it is not shipped."""
        ...

    def determination(self, answers: Answers, by: str) -> Mapping[str, Json]:
        """Give the facts that record these answers."""
        ...

    async def record(self, tag: str, facts: Mapping[str, Json]) -> int:
        """Record an entry and give its number; it returns once the entry is durable."""
        ...

    async def attest(self, signed: Signed) -> int:
        """Sign a statement with the attester's key, record it, and give the entry's number."""
        ...
