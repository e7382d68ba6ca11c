"""What a rule is: where it looks, what it looks for, what happens then. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from kanhe.policy.fold import DEFAULT, Folds
from kanhe.terms import Text as Text  # noqa: PLC0414 - rules and their texts are read together

MASK = "＊＊＊"
"""What stands for a finding that is masked, where its rule does not say."""

_UNTITLED = Text("", "")


class Side(StrEnum):
    """Whose words they are."""

    PROMPT = "prompt"
    ANSWER = "answer"


class Action(StrEnum):
    """What a finding does."""

    BLOCK = "block"
    """The exchange ends with a notice."""
    ANSWER = "answer"
    """The exchange ends with a prepared reply in place of the model's."""
    MASK = "mask"
    """The finding is replaced; the exchange goes on."""
    FLAG = "flag"
    """The finding is recorded; the exchange goes on."""


class Mode(StrEnum):
    """Whether a rule acts, or is only tried out."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


class Severity(StrEnum):
    """How bad it is, for those who look at incidents later."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Terms:
    """A rule that looks for any of a list of terms."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule that looks for a bounded regular expression."""

    source: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A rule that looks for a kind of personal data, by the recogniser's name."""

    name: str


Matcher = Terms | Expression | Recognised


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule looks. Empty means everywhere; models and applications are shell patterns."""

    sides: frozenset[Side] = frozenset(Side)
    surfaces: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()

    def covers(self, place: Place) -> bool:
        """Say whether the rule looks at `place`."""
        return (
            place.side in self.sides
            and (not self.surfaces or place.surface in self.surfaces)
            and _one_of(place.model, self.models)
            and _one_of(place.application, self.applications)
        )


def _one_of(name: str, globs: tuple[str, ...]) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs)


@dataclass(frozen=True, slots=True)
class Place:
    """One text to look at: whose words, on which surface, of which model, for which application."""

    side: Side
    surface: str = "content"
    model: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a ruleset."""

    id: str
    category: str
    matcher: Matcher
    title: Text = _UNTITLED
    scope: Scope = Scope()
    folds: Folds = DEFAULT
    fold_min: int = 3
    word: bool = True
    """Latin words only match whole."""
    unless_within: tuple[str, ...] = ()
    action: Action = Action.BLOCK
    mask: str = MASK
    reply: Text | None = None
    severity: Severity = Severity.MEDIUM
    notice: Text | None = None
    mode: Mode = Mode.ENFORCE
    must_match: tuple[str, ...] = field(default=(), compare=False)
    must_miss: tuple[str, ...] = field(default=(), compare=False)

    @property
    def acts(self) -> bool:
        """Say whether a finding changes what anyone receives; only then is text held back."""
        return self.mode is Mode.ENFORCE and self.action is not Action.FLAG


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule matched: the half-open range [start, end) of raw characters of the text examined.

    `folds` names the disguises it took, if any. The matched text itself is not kept.
    """

    rule: Rule
    start: int
    end: int
    folds: tuple[str, ...] = ()
