"""One rule as it is written in a ruleset file, turned into a `Rule`.

Every key is checked against what is known: folds, sides, surfaces, categories, recognisers. A word
that nobody knows is a fault and never a rule that silently looks nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Protocol

from kanhe.errors import RulesetError
from kanhe.policy.fold import ALL, DEFAULT, Fold, Folds, char_table
from kanhe.policy.judged_file import JUDGED_KEYS, PROSE, Judges, read_judged
from kanhe.policy.pattern import compile_pattern
from kanhe.policy.recogniser import Recogniser
from kanhe.policy.rule import (
    MASK,
    Action,
    Expression,
    Judged,
    Matcher,
    Mode,
    Recognised,
    Rule,
    Scope,
    Severity,
    Side,
    Terms,
    Text,
)
from kanhe.policy.ruleset import (
    PATTERN_FOLDS,
)
from kanhe.policy.term_file import distinct, lines_of, usable
from kanhe.yaml_source import TEXT, Faults, Line, Section, meant

NAME = re.compile("[a-z0-9][a-z0-9-]{0,63}")
_RULE = (
    "id", "category", "title", "on", "surfaces", "models", "applications", "match", "folds",
    "fold_min", "boundary", "unless_within", "action", "reply", "mask", "severity", "notice",
    "mode", "examples",
)  # fmt: skip
_FOR_TERMS = ("fold_min",)
_NOT_FOR_RECOGNISERS = ("folds",)
_NOT_FOR_JUDGES = ("folds", "boundary", "unless_within", "mask", "examples")
_MATCHERS = ("terms", "pattern", "recogniser", "judge")


_ONE_OF = "terms, a pattern, a recogniser or a judge"


class Files(Protocol):
    """The folder of one ruleset."""

    def read(self, name: str) -> bytes:
        """Give the content of the file `name`, relative to the folder.

        Raises:
            OSError: It is not there, cannot be read, or lies outside the folder.
        """
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One ruleset: its folder, its file in there, and what faults call the file."""

    files: Files
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a ruleset may refer to.

    The regime's categories, recognisers, the gateway's surfaces, the judges of the settings.
    """

    categories: Collection[str]
    recognisers: Mapping[str, Recogniser]
    surfaces: Collection[str]
    judges: Judges = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a rule must, or must not, find something in, and where it is written."""

    rule: Rule
    text: str
    must_match: bool
    file: str
    line: int


class _Boundary(StrEnum):
    WORD = "word"
    NONE = "none"


@dataclass(slots=True)
class Reading:
    """What has been read so far, over all files."""

    known: Known
    source: Source
    faults: Faults
    warnings: Faults
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    categories: dict[str, Text] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)


def read(reading: Reading, name: str, line: int) -> bytes | None:
    """Read a file of the ruleset, named in `line`; None, and a fault, where that fails."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        advice = "Name a file in the ruleset's folder or below it."
        reading.faults.add(line, f"{name!r} leads out of the ruleset's folder", advice)
        return None
    try:
        raw = reading.source.files.read(name)
    except OSError as error:
        what = f"cannot read {name!r}: {error.strerror or error}"
        reading.faults.add(line, what, "Check the name; it is relative to the ruleset file.")
        return None
    reading.pieces += [name.encode(), raw]
    return raw


def read_rule(section: Section, reading: Reading) -> None:
    """Read one rule, and its examples, into `reading`."""
    name = section.text("id", needed=True) or ""
    reading.faults.rule = reading.warnings.rule = name
    section.allow(_RULE)
    _check_name(section, name, reading)
    action = section.choice("action", Action, Action.BLOCK)
    reply = section.pair("reply")
    if action is Action.ANSWER and "reply" not in section:
        section.fault("action", "`action: answer` needs a reply", f"Add `reply: {TEXT}`.")
    matcher, folds = _matcher(section, reading)
    if matcher is None:
        return
    rule = Rule(
        id=name,
        category=_category(section, reading),
        matcher=matcher,
        title=section.pair("title") or Text(name, name),
        scope=_scope(section, matcher, reading.known.surfaces),
        folds=folds,
        fold_min=section.number("fold_min", 3, least=1, most=20),
        word=_is_word(section, matcher),
        unless_within=tuple(line.text for line in _phrases(section)),
        action=action,
        mask=section.text("mask") or _mask(matcher, reading),
        reply=reply,
        severity=section.choice("severity", Severity, Severity.MEDIUM),
        notice=section.pair("notice"),
        mode=section.choice("mode", Mode, Mode.ENFORCE),
    )
    reading.rules.append(rule)
    reading.examples += _examples(section, rule, reading)


def _check_name(section: Section, name: str, reading: Reading) -> None:
    here = f"{reading.source.shown}:{section.line_of('id')}"
    if name and not NAME.fullmatch(name):
        section.fault("id", f"{name!r} is no id of a rule", "Use a-z, 0-9 and hyphens.")
    elif reading.places.setdefault(name, here) != here:
        what = f"the id stands twice, first in {reading.places[name]}"
        section.fault("id", what, "Ids are unique over all rulesets in force; choose another.")


def _category(section: Section, reading: Reading) -> str:
    category = section.text("category", needed=True) or ""
    known = [*reading.known.categories, *reading.categories]
    if category and category not in known:
        advice = meant(category, known) + " Or declare your own under `categories` at the top."
        section.fault("category", f"there is no category {category!r}", advice)
    return category


def _matcher(section: Section, reading: Reading) -> tuple[Matcher | None, Folds]:
    match = section.section("match", instead=_ONE_OF)
    if match is None:
        if "match" not in section:
            section.fault("match", "`match` is missing", f"Add {_ONE_OF}.")
        return None, DEFAULT
    given = [key for key in _MATCHERS if key in match]
    asks = "judge" in given or not given
    match.allow((*_MATCHERS, *JUDGED_KEYS) if asks else _MATCHERS)
    if len(given) != 1:
        what = f"`match` has {' and '.join(given) or 'nothing to look for'}"
        match.fault(
            given[-1] if given else "", what, f"Write exactly one of {', '.join(_MATCHERS)}."
        )
        return None, DEFAULT
    if given[0] == "terms":
        folds = _folds(section, ALL)
        return _terms(match, folds, reading), folds
    _refuse(section, _FOR_TERMS, "terms")
    if given[0] == "judge":
        return _judged(section, match, reading), frozenset()
    if given[0] == "pattern":
        folds = _folds(section, PATTERN_FOLDS)
        return _expression(match, folds), folds
    _refuse(section, _NOT_FOR_RECOGNISERS, "terms and patterns; a recogniser brings its own")
    return _recognised(match, reading), frozenset()


def _judged(section: Section, match: Section, reading: Reading) -> Judged | None:
    if section.text("action") == Action.MASK:
        what = "what a judge finds is a sentence, and cannot be masked"
        section.fault("action", what, "Write block, answer or flag.")
    _refuse(section, _NOT_FOR_JUDGES, "rules that match characters; judges are measured instead")
    if "needs" in match:
        reading.needs[reading.faults.rule] = match.line_of("needs")
    return read_judged(match, reading.known.judges)


def _refuse(section: Section, keys: Collection[str], whose: str) -> None:
    for key in keys:
        if key in section:
            section.fault(key, f"`{key}` is for {whose}", f"Delete `{key}`.")


def _folds(section: Section, possible: Folds) -> Folds:
    if "folds" not in section:
        return DEFAULT & possible
    words = section.texts("folds")
    named = {"default": DEFAULT, "all": ALL}
    if len(words) == 1 and words[0].text in named:
        return named[words[0].text] & possible
    folds = frozenset(section.choices("folds", Fold))
    for fold in Fold:
        if fold in folds - possible:
            can = ", ".join(each.value for each in Fold if each in possible)
            section.fault(
                "folds", f"a pattern cannot have the fold `{fold}`", f"It can have {can}."
            )
    return folds & possible


def _terms(match: Section, folds: Folds, reading: Reading) -> Terms | None:
    section = match.section("terms", instead="{files: […], list: […]}")
    if section is None:
        return None
    section.allow(("files", "list"))
    before = len(reading.faults.found)
    found: list[str] = []
    for name in section.texts("files"):
        found += _terms_of_file(name, folds, reading)
    lines = distinct(section.texts("list"), reading.warnings)
    found += [line.text.strip() for line in usable(lines, folds, reading.faults)]
    if not found and len(reading.faults.found) == before:
        match.fault("terms", "there is no term to look for", "Add `files` or a `list` of terms.")
    return Terms(tuple(dict.fromkeys(found)))


def _terms_of_file(name: Line, folds: Folds, reading: Reading) -> list[str]:
    raw = read(reading, name.text, name.number)
    if raw is None:
        return []
    shown = str(PurePosixPath(reading.source.shown).parent / name.text)
    faults, warnings = reading.faults, reading.warnings
    faults.file = warnings.file = shown
    lines = distinct(lines_of(raw, faults), warnings)
    found = [line.text for line in usable(lines, folds, faults)]
    faults.file = warnings.file = reading.source.shown
    return found


def _expression(match: Section, folds: Folds) -> Expression | None:
    source = match.text("pattern")
    if source is None:
        return None
    try:
        compile_pattern(source, char_table(folds).fold)
    except RulesetError as error:
        match.fault("pattern", str(error), error.advice)
    return Expression(source)


def _recognised(match: Section, reading: Reading) -> Recognised | None:
    name = match.text("recogniser")
    if name and name not in reading.known.recognisers:
        advice = meant(name, list(reading.known.recognisers))
        match.fault("recogniser", f"there is no recogniser {name!r}", advice)
        return None
    return Recognised(name) if name else None


def _is_word(section: Section, matcher: Matcher) -> bool:
    if isinstance(matcher, Judged):
        return False
    if not isinstance(matcher, Recognised):
        return section.choice("boundary", _Boundary, _Boundary.WORD) is _Boundary.WORD
    if section.choice("boundary", _Boundary, _Boundary.NONE) is _Boundary.WORD:
        what = "a recogniser names the neighbours it does not stand beside"
        section.fault("boundary", what, "Delete `boundary`, or write none.")
    return False


def _mask(matcher: Matcher, reading: Reading) -> str:
    if isinstance(matcher, Recognised):
        return reading.known.recognisers[matcher.name].masked
    return MASK


def _phrases(section: Section) -> Iterator[Line]:
    for line in section.texts("unless_within"):
        if line.text.strip():
            yield line
        else:
            section.fault("unless_within", "an exception is empty", "Delete it.")


def _scope(section: Section, matcher: Matcher, known: Collection[str]) -> Scope:
    sides = section.choices("on", Side)
    surfaces = [line.text for line in section.texts("surfaces")]
    for surface in surfaces:
        if surface not in known:
            section.fault("surfaces", f"there is no surface {surface!r}", meant(surface, known))
        elif isinstance(matcher, Judged) and surface not in PROSE:
            what = f"a judge reads sentences, and there are none on {surface!r}"
            section.fault("surfaces", what, f"It can look at {', '.join(sorted(PROSE))}.")
    if "on" in section and not sides:
        section.fault("on", "`on` names no side", "Write prompt, answer or both, or delete it.")
    return Scope(
        frozenset(sides or Side),
        frozenset(surfaces),
        tuple(line.text for line in section.texts("models")),
        tuple(line.text for line in section.texts("applications")),
    )


def _examples(section: Section, rule: Rule, reading: Reading) -> Iterator[Example]:
    examples = section.section("examples", instead="{match: […], miss: […]}")
    if examples is None:
        return
    examples.allow(("match", "miss"))
    for key, must_match in (("match", True), ("miss", False)):
        for line in examples.texts(key):
            yield Example(rule, line.text, must_match, reading.source.shown, line.number)
