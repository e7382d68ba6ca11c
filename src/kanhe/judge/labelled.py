"""Labelled sets: rows of which people said whether they are unsafe, one JSON object a line.

A set is taken whole or not at all: every fault is told with its line, because a row that drops out
silently changes every figure. Rows that stand twice are no fault (public sets have them) but are
reported, and so are those that were labelled both ways.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from kanhe.errors import Fault, FaultySet
from kanhe.judge.category import CATEGORIES, is_category
from kanhe.terms import counted

Kind: TypeAlias = Literal["prompt", "response", "post"]

BYTES = 256 << 20
"""The largest file that is read."""

ROWS = 1_000_000
CHARACTERS = 1_000_000
"""The longest text of a row, and its longest context."""

_NEEDED = ("text", "lang", "kind", "label", "category")
_EVERY = (
    f"Every row of a labelled set has {', '.join(_NEEDED)}; one that is to be labelled needs "
    f"{', '.join(_NEEDED[:3])} only."
)
_FURTHER = (
    "id", "source", "license", "context", "group", "orig_split", "type", "labels", "same",
)  # fmt: skip
_COUNTS = ("labels", "same")
_LANGUAGES = ("zh", "en")
_WORDS = {"kind": ("prompt", "response", "post"), "label": ("unsafe", "safe")}
_MOST_FAULTS = 200
_MOST_NAMED = 8
_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text, as the set has it.

    Attributes:
        kind: `response`: it answers `context`.
        category: As the authors name it; `part/identity` where the row names a group of people.
        group: What it shares with its variants and its twin; empty: it stands for itself.
        line: Of the file, counted from 1.
    """

    text: str
    lang: str
    kind: Kind
    unsafe: bool
    category: str
    context: str = ""
    group: str = ""
    source: str = ""
    orig_split: str = ""
    line: int = 0

    @property
    def head(self) -> str:
        """The category without what stands behind its first stroke."""
        return self.category.partition("/")[0].strip()


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A set, whole.

    Attributes:
        name: Of its file, without what follows the first dot.
        sha256: Of the file's bytes, in hex.
        notes: Rows that stand twice, were labelled both ways, or have names we do not know; for
            people.
    """

    name: str
    sha256: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_sets(files: Mapping[str, bytes]) -> tuple[LabelledSet, ...]:
    """Read sets by the names of their files.

    Raises:
        FaultySet: Something is wrong; it names all of it, up to 200 places.
    """
    faults: list[Fault] = []
    found = tuple(_read(file, raw, faults) for file, raw in files.items())
    if len({one.sha256 for one in found}) < len(found):
        faults.append(Fault(list(files)[-1], 1, "", "is the same file as another", "Give it once."))
    if len({one.name for one in found}) < len(found):
        # Figures are told by set: two sets of one name could not be told apart.
        advice = "Rename one of the files."
        faults.append(Fault(list(files)[-1], 1, "", "has the name of another set", advice))
    if faults:
        raise FaultySet(faults[:_MOST_FAULTS])
    return found


def _read(file: str, raw: bytes, faults: list[Fault]) -> LabelledSet:
    rows = []
    if len(raw) > BYTES:
        faults.append(Fault(file, 1, "", f"has {len(raw):,} bytes", f"Split it below {BYTES:,}."))
    else:
        rows = list(_rows(file, raw, faults))
    name = file.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    return LabelledSet(name, sha256(raw).hexdigest(), tuple(rows), (*_twice(rows), *_strange(rows)))


def _rows(file: str, raw: bytes, faults: list[Fault]) -> Iterator[Row]:
    before = len(faults)
    count = 0
    if (fault := _not_utf8(file, raw)) is not None:
        faults.append(fault)
        return
    # Of bytes: text would also be parted at U+2028 and form feeds, which JSON allows in a string.
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            found = _row(line, number)
            count += 1
            if isinstance(found, Row):
                yield found
            else:
                faults += (Fault(file, number, "", what, advice) for what, advice in found)
        if count > ROWS or len(faults) - before > _MOST_FAULTS:
            if count > ROWS:
                faults.append(Fault(file, number, "", f"more than {ROWS:,} rows", "Split the set."))
            return
    if count == 0:
        faults.append(Fault(file, 1, "", "has no rows", "Write one JSON object a line."))


def _not_utf8(file: str, raw: bytes) -> Fault | None:
    """Tell of a file in another encoding once, and not once a line."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        what = f"is not UTF-8: byte 0x{raw[error.start]:02x}"
        advice = "Save the file as UTF-8; this may be UTF-16, GBK or Latin-1."
        return Fault(file, raw.count(b"\n", 0, error.start) + 1, "", what, advice)
    return None


def _row(line: bytes, number: int) -> Row | list[tuple[str, str]]:
    twice: list[str] = []
    hook = partial(_once, twice)
    try:
        # As text: of bytes the reader would guess an encoding by their zeros.
        given = json.loads(line.decode(), parse_constant=_no_number, object_pairs_hook=hook)
    except (ValueError, RecursionError) as error:
        return [(f"is no JSON: {error}", "Write one whole object a line, in UTF-8.")]
    if not isinstance(given, dict):
        return [(f"is a {type(given).__name__}, no object", 'Write {"text": …, "label": …, …}.')]
    again = ((f"`{key[:40]}` stands twice", "Leave one of them.") for key in dict.fromkeys(twice))
    faults = [*again, *_keys(given), *_values(given)]
    if faults:
        return faults
    return Row(
        given["text"], given["lang"], given["kind"], given["label"] == "unsafe", given["category"],
        given.get("context", ""), given.get("group", ""), given.get("source", ""),
        given.get("orig_split", ""), number,
    )  # fmt: skip


def _once(twice: list[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, and note the keys that stand in it twice: the first would be lost unseen."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            twice.append(key)
        found[key] = value
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _keys(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = (*_NEEDED, *_FURTHER)
    for key in given:
        if key not in known:
            close = get_close_matches(key, known, 1)
            meant = f"Write `{close[0]}`." if close else "Delete it."
            yield f"unknown key {key[:40]!r}", meant
    for key in _NEEDED:
        if key not in given:
            yield f"`{key}` is missing", _EVERY


def _values(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in given.items():
        if key not in (*_NEEDED, *_FURTHER) or _is_count(key, value):
            continue
        longest = CHARACTERS if key in ("text", "context") else _LONGEST_WORD
        if not isinstance(value, str):
            yield f"`{key}` is a {type(value).__name__}", "Write a text in quotation marks."
        elif len(value) > longest:
            yield f"`{key}` has {len(value):,} characters", f"At most {longest:,} are read."
        elif key in _NEEDED and not value.strip():
            yield f"`{key}` is empty", "Write it out, or take the row out."
        elif key not in ("text", "context") and not value.isprintable():
            # They are shown on terminals and pages, and what is no text cannot be written down.
            yield f"`{key}` holds control characters", "Write words only."
        elif key in _WORDS and value not in _WORDS[key]:
            yield f"`{key}` is {value!r}", f"Write one of: {', '.join(_WORDS[key])}."


def _is_count(key: str, value: object) -> bool:
    return key in _COUNTS and type(value) is int and value >= 0


def _strange(rows: Sequence[Row]) -> Iterator[str]:
    """Tell of categories and languages that are none we know: they may be meant, or misspelt."""
    heads = Counter(row.head for row in rows if row.unsafe)
    strange = [name for name in heads if name != "none" and not is_category(name)]
    if strange:
        n = counted(sum(heads[name] for name in strange), "unsafe row has", "unsafe rows have")
        named = ", ".join(_nearly(name) for name in strange[:_MOST_NAMED])
        more = f" and {len(strange) - _MOST_NAMED} more" if len(strange) > _MOST_NAMED else ""
        yield f"{n} categories that are none of Kanhe's, told by their own names: {named}{more}"
    langs = Counter(row.lang for row in rows)
    other = [name for name in langs if name not in _LANGUAGES]
    if other:
        n = counted(sum(langs[name] for name in other), "row is", "rows are")
        named = ", ".join(repr(name) for name in other[:_MOST_NAMED])
        yield f"{n} in a language other than {' and '.join(_LANGUAGES)}: {named}"


def _nearly(name: str) -> str:
    close = get_close_matches(name, CATEGORIES, 1, 0.75)
    return f"{name!r} (did you mean {close[0]}?)" if close else repr(name)


def _twice(rows: Sequence[Row]) -> Iterator[str]:
    """Tell of rows with the same text and context: how many, and the first of them."""
    seen: dict[tuple[str, str, str], Row] = {}
    again, contrary = [], []
    for row in rows:
        first = seen.setdefault((row.text, row.context, row.kind), row)
        if first is not row:
            again.append(row)
            if first.unsafe != row.unsafe:
                contrary.append(row)
    if again:
        stand = "stands" if len(again) == 1 else "stand"
        yield f"{len(again)} of {len(rows)} rows {stand} twice, first in line {again[0].line}"
    if contrary:
        n = counted(len(contrary), "row is", "rows are")
        yield f"{n} labelled both ways, first in line {contrary[0].line}"
