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


class Unit(StrEnum):
    """What a judge is shown at a time."""

    SENTENCE = "sentence"
    """Each sentence by itself."""
    WINDOW = "window"
    """Each sentence with what stands before it, some hundred characters."""


class Leave(StrEnum):
    """When text that a judge has to see may leave."""

    HOLD = "hold"
    """Nothing of a sentence leaves before its verdict."""
    TRAIL = "trail"
    """It leaves at once; the verdict stops what comes after."""


class Otherwise(StrEnum):
    """What happens where a judge gives no opinion in time."""

    REFUSE = "refuse"
    PASS = "pass"  # noqa: S105 # no password
    """The exchange goes on, and the record says that this was not looked at."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the measured record of a judge must show before a rule may rely on it.

    Rates in [0, 1]; the interval's unfavourable end counts, unless `point`. Nothing is needed of
    what is None.
    """

    sensitivity: float | None = None
    false_positives: float | None = None
    f1: float | None = None
    rows: int = 0
    days: int | None = None
    point: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule that asks a judge: it finds what is over one of its thresholds.

    `judge` is the name in the settings, empty for their default. `over` are categories and
    thresholds in (0, 1].
    """

    judge: str
    over: tuple[tuple[str, float], ...]
    unit: Unit = Unit.SENTENCE
    leave: Leave = Leave.HOLD
    wait_s: float = 2.0
    otherwise: Otherwise = Otherwise.REFUSE
    needs: Needs | None = None


Matcher = Terms | Expression | Recognised | Judged


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


JudgedRule = tuple[Rule, Judged]
"""A rule that asks a judge, and what it asks."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge said that a rule found, or `why` it said nothing (then the rest is empty)."""

    judge: str
    category: str = ""
    probability: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule matched: the half-open range [start, end) of raw characters of the text examined.

    `folds` names the disguises it took, if any; `judged` is the opinion behind it, if a judge's.
    The matched text itself is not kept.
    """

    rule: Rule
    start: int
    end: int
    folds: tuple[str, ...] = ()
    judged: Judgement | None = None

    @property
    def is_unchecked(self) -> bool:
        """Whether nothing was found, but nobody could look: no violation of anyone's."""
        return bool(self.judged and self.judged.why)
