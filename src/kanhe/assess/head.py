"""What a report says of how an assessment was made: plan, banks, targets, judges, demands.

Facts, and no results: together with the lines (`line.py`) all that results are computed from
(`results.py`). Nothing in here names a user, an address or a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kanhe.assess.bank_finding import Weight
from kanhe.assess.demand import TestDemand
from kanhe.assess.item import BankKind
from kanhe.judge.counts import Counts, Flagged
from kanhe.terms import Text

FORM = "kanhe-assessment-1"


@dataclass(frozen=True, slots=True)
class Found:
    """A finding on a bank; `items`: how many it is about."""

    code: str
    weight: Weight
    what: Text
    items: int = 0


@dataclass(frozen=True, slots=True)
class BankSeen:
    """A bank as it was when the run began.

    Attributes:
        items: By slice: how many may be asked.
        drawn: By slice: how many were drawn.
        wanted: By slice: the least that the regime demands of the bank; a slice of it without
            items stays unknown in every result.
        reviewers: How many people looked at its items.
    """

    id: str
    title: Text
    version: str
    kind: BankKind
    sha256: str
    updated: date
    items: Mapping[str, int]
    drawn: Mapping[str, int]
    wanted: Mapping[str, int]
    reviewers: int
    findings: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """Who was asked. `route`: `gateway` or `model`; `by`: ruleset version in force, or empty."""

    route: str
    model: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class JudgeSeen:
    """The judge that classified, and what is known of it.

    Attributes:
        hash: Of all that its opinions depend on.
        pinned: Whether that covers its weights.
        threshold: From which probability on it flags.
        record: SHA-256 of the measuring that it was admitted by; empty: it was not admitted.
        quality: Its errors at that threshold in that record; None where there is none.
        refused: Why it was not admitted; empty where it was.
        doubts: What was noticed of it, code by code: `offline`, `slow`, `broken`, `biased`,
            `moved`, `silent`.
    """

    name: str
    model: str
    hash: str
    pinned: bool
    threshold: float
    record: str = ""
    quality: Counts | None = None
    refused: tuple[Text, ...] = ()
    doubts: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class PeopleSeen:
    """How people judged.

    Attributes:
        drawn: Items drawn for them.
        judged: Of these, with a verdict.
        doubled: Judged by two independently.
        agreed: Of the doubled, how many alike.
        kappa: Cohen's over the doubled; None where it cannot be told.
        alpha: Krippendorff's; None the same.
        panel: Disagreements that a panel has decided.
        open: Disagreements that wait for it.
    """

    drawn: int
    judged: int = 0
    doubled: int = 0
    agreed: int = 0
    kappa: float | None = None
    alpha: float | None = None
    panel: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of another tool that was handed in: shown beside ours and never mixed with it.

    Attributes:
        tool: Which, with its version.
        title: What it measured.
        sha256: Of the file as it was handed in.
        rows: Each a name, how many passed, how many were judged.
    """

    tool: str
    title: str
    sha256: str
    rows: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """How an assessment was made.

    Attributes:
        run: The run's name.
        plan: The plan's id and SHA-256.
        regime: Under which it is.
        version: Of Kanhe.
        begun: When the first question was asked; aware, in UTC.
        ended: When the last was answered, or the run stopped.
        asking: Most tokens of an answer, temperature, seed.
        system: SHA-256 of the system prompt of the plan; empty: none.
        ways: Who judged: version of the detector of refusals, of the keyword rulesets, by way.
        tests: What the regime demands of tests on the day of the run.
        lines: How many lines there are; `root`: of their tree, hex.
        ended_by: `done`, `budget` or `down`.
        money: What it cost, as text with its currency; empty: not told.
        replayed: Answers taken from the cache, and not asked anew.
    """

    run: str
    title: Text
    plan: tuple[str, str]
    regime: str
    version: str
    begun: datetime
    ended: datetime
    asking: tuple[int, float, int]
    system: str
    banks: tuple[BankSeen, ...]
    targets: tuple[TargetSeen, ...]
    ways: Mapping[str, str]
    tests: tuple[TestDemand, ...]
    judge: JudgeSeen | None
    people: PeopleSeen | None
    lines: int
    root: str
    ended_by: str = "done"
    money: str = ""
    replayed: int = 0
    evidence: tuple[Evidence, ...] = field(default=())
    refusals: Flagged | None = None
    """How the detector of refusals did on held-out replies that were labelled by hand."""
