"""What all files of a regime are read with: days, spans, ids, parameters, and who refers to whom.

Nothing here knows a duty or a control. A value that is wrong is noted with its place and given as
if it were not there, so that all faults are told at once; what was read is only used if there are
none. References are noted too, and looked up when every file has been read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

import yaml

from kanhe.errors import Fault
from kanhe.law.period import Period, Validity
from kanhe.law.regime import Confidence
from kanhe.ledger.entry import Json
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, meant, parse, parse_list, shown

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEARS = range(1900, 2200)
_READ_AT_A_GLANCE = 12
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")
# What YAML 1.1 reads as a truth, as nothing, or as a number in some other way of writing.
_TRAP = re.compile(
    r"yes|no|on|off|y|n|true|false|null|~|"
    r"[-+]?(\.?\d[\d_]*\.?[\d_]*(e[-+]?\d+)?|0[xob][\da-f_]+|\d+(:[0-5]?\d)+)|[-+]?\.(inf|nan)",
    re.I,
)

Word = TypeVar("Word", bound=StrEnum)


class Files(Protocol):
    """The folder of a regime."""

    def names(self) -> Sequence[str]:
        """Give the names of all files, those in folders as `folder/file`."""
        ...

    def read(self, name: str) -> bytes:
        """Give the content of a file.

        Raises:
            OSError: It cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, kept so that a fault that is found later can be told there."""

    file: str
    line: int
    entry: str
    kind: str


@dataclass(slots=True)
class Reading:
    """What was read so far of one regime.

    `ids` are those of each kind of entry, with their places, faulty entries too: one fault does not
    make all that refer to it faulty. `wanted` are the references. `lost`: files of which nothing
    could be read, so that nobody can tell what is in them.
    """

    files: Files
    name: str
    faults: Faults
    pieces: dict[str, bytes] = field(default_factory=dict)
    ids: dict[str, dict[str, Mark]] = field(default_factory=dict)
    wanted: list[tuple[str, str, Mark]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def begin(self, kind: str, section: Section, known: Collection[str], key: str = "id") -> str:
        """Begin an entry: give its id, and complain about keys that it cannot have."""
        self.faults.kind, self.faults.rule = kind, ""
        name = section.text(key, needed=True) or ""
        if name and not _ID.fullmatch(name):
            section.fault(key, f"{name!r} is no id", "Use letters, digits, `.`, `-` and `_`.")
        self.faults.rule = name
        section.allow(known)
        return name

    def declare(self, section: Section, name: str, *, again: bool = False) -> None:
        """Note that there is such an entry; `again`: there may be several of one id."""
        known = self.ids.setdefault(self.faults.kind, {})
        if name and name in known and not again:
            first = known[name]
            what = f"there is a {self.faults.kind} {name!r} already, in {first.file}:{first.line}"
            section.fault("id", what, "Give it another id.")
        elif name:
            known.setdefault(name, self.mark(section, "id"))

    def mark(self, section: Section, key: str) -> Mark:
        """Give the place of a key."""
        faults = self.faults
        return Mark(faults.file, section.line_of(key), faults.rule, faults.kind)

    def add(self, mark: Mark, what: str, advice: str) -> None:
        """Note a fault at a place that was kept."""
        fault = Fault(mark.file, mark.line, mark.entry, what, advice, mark.kind)
        self.faults.found.append(fault)

    def refer(self, section: Section, key: str, kind: str, *, needed: bool = False) -> str:
        """Give the id that stands at `key`, and note that there has to be such an entry."""
        name = section.text(key, needed=needed) or ""
        if name:
            self.wanted.append((kind, name, self.mark(section, key)))
        return name

    def refer_all(self, section: Section, key: str, kind: str) -> tuple[str, ...]:
        """Give the ids in the list at `key`, and note that there have to be such entries."""
        lines = section.texts(key)
        seen = set()
        for line in lines:
            mark = Mark(self.faults.file, line.number, self.faults.rule, self.faults.kind)
            self.wanted.append((kind, line.text, mark))
            if line.text in seen:
                self.add(mark, f"`{key}` names {line.text!r} twice", "Name it once.")
            seen.add(line.text)
        return tuple(line.text for line in lines)


def opened(reading: Reading, name: str) -> Section | None:
    """Read a file that is a mapping; None where it is missing or cannot be read."""
    raw = _raw(reading, name)
    found = None if raw is None else parse(raw, reading.faults, aliases=0)
    if raw is not None and found is None:
        reading.lost.append(name)
    return found


def listed(reading: Reading, name: str, instead: str) -> list[Section]:
    """Read a file that is a list of mappings."""
    raw, before = _raw(reading, name), len(reading.faults.found)
    found = [] if raw is None else parse_list(raw, reading.faults, aliases=0, instead=instead)
    if raw is not None and not found and len(reading.faults.found) > before:
        reading.lost.append(name)
    return found


def _raw(reading: Reading, name: str) -> bytes | None:
    faults = reading.faults
    faults.file, faults.rule = f"{reading.name}/{name}", ""
    if name not in reading.files.names():
        return None
    try:
        raw = reading.files.read(name)
    except OSError as error:
        faults.add(1, f"cannot be read: {error.strerror or error}", "Check its permissions.")
        reading.lost.append(name)
        return None
    reading.pieces[name] = raw
    return raw


NO_TEXT = Text("", "")
"""Stands where a text is missing, in what is never used."""


def text(section: Section, key: str) -> Text:
    """Give a text in two languages that has to be there."""
    return section.pair(key, needed=True) or NO_TEXT


def word(section: Section, key: str, kind: type[Word], otherwise: Word) -> Word:
    """Give one word of a kind that has to be there."""
    if key not in section:
        known = ", ".join(choice.value for choice in kind)
        section.fault(key, f"`{key}` is missing", f"Add one of: {known}.")
    return section.choice(key, kind, otherwise)


def confidence(section: Section) -> Confidence:
    """Give how well the source of an entry was seen."""
    return word(section, "confidence", Confidence, Confidence.UNCERTAIN)


def whole(section: Section, key: str, *, least: int, most: int) -> int:
    """Give a whole number that has to be there."""
    if key not in section:
        section.fault(key, f"`{key}` is missing", f"Add `{key}: {least}`, or more, here.")
    return section.number(key, least, least=least, most=most)


def day(section: Section, key: str, *, needed: bool = False) -> date | None:
    """Give a day; None if there is none."""
    node = section.node(key)
    if node is None:
        if needed:
            section.fault(key, f"`{key}` is missing", f"Add `{key}: 2026-11-22` here.")
        return None
    found = as_day(node.value) if isinstance(node, yaml.ScalarNode) else None
    if found is None:
        section.fault(key, f"`{key}` is {shown(node)}, which is no day", "Write it as 2026-11-22.")
    return found


def as_day(written: str) -> date | None:
    """Read `2026-11-22`; None where it is anything else, or no day of our times."""
    try:
        found = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None
    return found if found and found.year in _YEARS else None


def period(section: Section, key: str, otherwise: Period) -> Period:
    """Give a span, `otherwise` where none is written."""
    span = section.section(key, instead=f"`{key}: {{from: 2026-01-01, until: 2027-01-01}}`")
    if span is None:
        return otherwise
    span.allow(("from", "until"))
    start, end = day(span, "from"), day(span, "until")
    try:
        return Period(start, end)
    except ValueError as error:
        span.fault("until", str(error), "`until` is the first day on which it no longer holds.")
        return otherwise


def validity(section: Section, otherwise: Validity) -> Validity:
    """Give the two times of an entry; what it does not say is `otherwise`."""
    in_force = period(section, "in_force", otherwise.in_force)
    known = period(section, "known", otherwise.known)
    if known.start is None and otherwise.known.start:
        start = otherwise.known.start
        if known.end and known.end <= start:
            what = f"it is known until {known.end}, and known at all only from {start} on"
            section.fault("known", what, "Compare it with the days of its source.")
        else:
            known = Period(start, known.end)
    return Validity(in_force, known)


def plain(node: yaml.Node, section: Section, key: str) -> Json:
    """Give what stands at `key` as text, whole number, truth, list or mapping of these."""
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return tuple(plain(item, section, key) for item in node.value)
    if isinstance(node, yaml.MappingNode):
        inner = Section(node, section.faults)
        return {name: plain(value, inner, name) for name, value in inner.items()}
    if not isinstance(node, yaml.ScalarNode) or not node.tag.startswith("tag:yaml.org,2002:"):
        section.faults.add(line, f"`{key}` has the tag {node.tag!r}", "Write the value alone.")
        return ""
    return str(node.value) if node.style else _unquoted(str(node.value), section, key, line)


def _unquoted(written: str, section: Section, key: str, line: int) -> Json:
    if written in {"true", "false"}:
        return written == "true"
    if _WHOLE.fullmatch(written):
        return int(written)
    dated = bool(re.match(r"\d{4}-\d", written)) and as_day(written) is None
    if not written or dated or _TRAP.fullmatch(written):
        what = f"`{key}` is {written!r}: neither a text nor a whole number, day, true or false"
        section.faults.add(line, what, f'Put quotes around a text: "{written}".')
    return written


def unknown(name: str, known: Collection[str]) -> str:
    """Say what could have been meant by an id that does not exist."""
    guess = meant(name, known) if known else ""
    short = len(known) <= _READ_AT_A_GLANCE or guess.startswith("Did you")
    return guess if known and short else "Compare it with the others."
