"""A regime as values: sources, obligations, controls, relations, and all else that is data.

What the files of a regime say, after the loader has checked them whole (`regime_file.py`; the
format: docs/regime-format.md). No rule is written here and none is applied: `bound` asks what
binds, `scope` whom, `clock` until when, and the room `status` whether it is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from kanhe.law.calendar import Calendar
from kanhe.law.clock import ClockRule
from kanhe.law.period import Validity
from kanhe.law.risk import Risk
from kanhe.law.scope import Condition, Question, Route
from kanhe.law.service import ServiceRules
from kanhe.ledger.entry import Json
from kanhe.terms import Text

Parameters: TypeAlias = Mapping[str, Json]
"""Numbers and words that the law fixes, by name; what the code computes with."""


class Confidence(StrEnum):
    """How well the source of an entry was seen."""

    VERIFIED = "verified"
    FROM_MEMORY = "from_memory"
    UNCERTAIN = "uncertain"
    OURS = "ours"
    """A choice that the clause leaves open, made by us."""


class Force(StrEnum):
    """What weight a source has."""

    LAW = "law"
    MANDATORY_STANDARD = "mandatory_standard"
    RECOMMENDED_STANDARD = "recommended_standard"
    GUIDELINE = "guideline"
    POLICY = "policy"
    PRACTICE = "practice"
    DRAFT = "draft"
    """Published for comment; it never bound."""
    REPORT = "report"
    """A plan that the press reported; it never bound."""

    @property
    def binds(self) -> bool:
        """Say whether a duty of this source counts in the status; drafts are asked for by name."""
        return self not in {Force.DRAFT, Force.REPORT}


class Party(StrEnum):
    """Whom a duty binds."""

    PROVIDER = "provider"
    PLATFORM = "platform"
    USER = "user"
    AUTHORITY = "authority"


class Relation(StrEnum):
    """How two duties of different regimes stand to each other: OSCAL's mapping words."""

    EQUIVALENT = "equivalent-to"
    EQUAL = "equal-to"
    SUBSET = "subset-of"
    SUPERSET = "superset-of"
    INTERSECTS = "intersects-with"
    NONE = "no-relationship"


@dataclass(frozen=True, slots=True)
class Source:
    """A law, measure, standard or notice. `replaces` names the sources that it follows.

    `chapters`: titles by the first part of a clause, in the order of the source; empty where
    nobody wrote them down.
    """

    id: str
    title: Text
    issuer: Text
    force: Force
    published: date | None
    validity: Validity
    replaces: tuple[str, ...]
    confidence: Confidence
    note: Text | None
    chapters: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the board on which obligations are shown together."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Obligation:
    """One duty in one version. Versions of a duty share the `id`, never a question (`Validity`).

    `title` and `text` are our own words. `applies`: on which answers of the questionnaire it
    depends; None: on none. `controls`: what shows whether it is met, at least one.
    `changed_in`: the duty that a draft's duty became.
    """

    id: str
    source: str
    clause: str
    area: str
    bound: tuple[Party, ...]
    validity: Validity
    title: Text
    text: Text
    parameters: Parameters
    confidence: Confidence
    applies: Condition | None
    controls: tuple[str, ...]
    changed_in: str | None


@dataclass(frozen=True, slots=True)
class Of:
    """A parameter that is taken from the obligation that fixes it, in the version that binds."""

    obligation: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Control:
    """What is looked at to say whether duties are met.

    `check` names the function that looks (room `status`). Two names are no functions of a
    capability: `attested`, a duty of people that only people can confirm, and `awaits`, a duty
    whose capability Kanhe does not have yet; the parameters say which. `applies`: where there is
    something for it to look at; None: everywhere.
    """

    id: str
    title: Text
    check: str
    parameters: Mapping[str, Json | Of]
    confidence: Confidence
    applies: Condition | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """`here` (an obligation of this regime) stands in `relation` to `there` in `regime`."""

    here: str
    relation: Relation
    regime: str
    there: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of content for which a duty wants a classifier, and who speaks for it.

    What judges look for has neutral names that know no country. `by`: those that speak for this
    kind, every one of which is needed, each with our confidence: `ours` where it speaks for its
    share whole, `uncertain` where it does so in part; then `lacks` says what none of them sees.
    `none`: why no category speaks for it at all, there if and only if `by` is empty.
    """

    id: str
    """Within its list; of a risk its code."""
    title: Text
    by: Mapping[str, Confidence]
    lacks: Text | None = None
    none: Text | None = None


RISKS = "risks"
"""The list of kinds that are the regime's risks; each of them stands in it."""


@dataclass(frozen=True, slots=True)
class Regime:
    """Everything that one regime's folder says. `version` is the hash of its files."""

    id: str
    title: Text
    version: str
    researched: date
    """Until when sources were read; a question about a later day is answered from this state."""
    zone: str
    """The time zone of its days and hours, e.g. `Asia/Shanghai`."""
    areas: tuple[Area, ...]
    sources: Mapping[str, Source]
    obligations: tuple[Obligation, ...]
    """All versions, in the order of the files."""
    controls: Mapping[str, Control]
    questions: Mapping[str, Question]
    routes: tuple[Route, ...]
    """What the service has to file for, first fit first."""
    answers_valid_days: int
    """After so many days the answers to the questionnaire are asked again."""
    risks: Mapping[str, Risk]
    judging: Mapping[str, Mapping[str, Kind]]
    """Kinds of content that duties want classifiers for, by the name of their list and by id."""
    calendar: Calendar | None
    clocks: Mapping[str, ClockRule]
    relations: tuple[Related, ...]
    service: ServiceRules | None
    """What a running service needs; None in a regime that no service runs under yet."""

    def versions(self, obligation: str) -> Iterator[Obligation]:
        """Give the versions of an obligation."""
        return (one for one in self.obligations if one.id == obligation)
