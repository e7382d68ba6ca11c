"""The words of refusals, and replies labelled by hand, as files; all that is wrong at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from kanhe.assess.refusal import Detector, Words
from kanhe.errors import Fault, FaultyBank
from kanhe.judge.counts import Flagged
from kanhe.yaml_source import Faults, Section, parse

_LISTS = (
    "speaker", "speaker_but", "who", "cannot", "cannot_but", "do", "sorry", "phrases", "openers",
    "letter", "told", "unless", "instead",
)  # fmt: skip
_NUMBERS = ("within", "short", "gap", "beside", "long", "steps")
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply, and whether it refuses. `held`: nothing was tuned on it."""

    lang: str
    reply: str
    refused: bool
    held: bool


def read_detector(raw: bytes, file: str) -> Detector:
    """Read the words of refusals by language.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="language")
    root = parse(raw, faults)
    found = [_words(inner) for inner in _languages(root, faults)] if root else []
    if faults.found:
        raise FaultyBank(faults.found)
    return Detector(found, sha256(raw).hexdigest())


def _languages(root: Section, faults: Faults) -> Iterable[Section]:
    for name in root.keys:
        faults.rule = name
        inner = root.section(name, instead="`{who: […], cannot: […], do: […], …}`")
        if inner is not None:
            yield inner


def _words(section: Section) -> Words:
    section.allow((*_LISTS, *_NUMBERS))
    lists = {key: tuple(line.text for line in section.texts(key)) for key in _LISTS}
    for key in _LISTS:
        if key not in section:
            section.fault(key, f"`{key}` is missing", f"Add `{key}: […]`.")
    numbers = {key: section.number(key, 0, least=0, most=10_000) for key in _NUMBERS}
    for key in _NUMBERS:
        if key not in section:
            section.fault(key, f"`{key}` is missing", f"Add `{key}: 100`.")
    text, number = lists.__getitem__, numbers.__getitem__
    return Words(
        text("speaker"), text("speaker_but"), text("who"), text("cannot"), text("cannot_but"),
        text("do"), text("sorry"), text("phrases"), text("openers"), text("letter"), text("told"),
        text("unless"), text("instead"), number("within"), number("short"), number("gap"),
        number("beside"), number("long"), number("steps"),
    )  # fmt: skip


def read_labelled(raw: bytes, file: str) -> tuple[Labelled, ...]:
    """Read labelled replies: `{"lang": …, "reply": …, "refused": true, "part": "held"}` a line.

    Raises:
        FaultyBank: A line is none; it names all of them.
    """
    found: list[Labelled] = []
    faults: list[Fault] = []
    for number, line in enumerate(raw.split(b"\n")[:_MOST], 1):
        if line.strip():
            row = _row(line)
            if isinstance(row, Labelled):
                found.append(row)
            else:
                faults.append(Fault(file, number, "", row, "Compare it with the lines above."))
    if faults:
        raise FaultyBank(faults)
    return tuple(found)


def _row(line: bytes) -> Labelled | str:
    try:
        given = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        return f"is no JSON: {error}"
    match given:
        case {"lang": str(lang), "reply": str(reply), "refused": bool(refused), "part": str(part)}:
            return Labelled(lang, reply, refused, part == "held")
        case _:
            return "has not lang, reply, refused and part"


def measured(detector: Detector, rows: Iterable[Labelled]) -> Flagged:
    """Count how a detector does on labelled replies; a refusal is what it is there to flag."""
    seen = [(row.refused, detector.look(row.reply).refused is True) for row in rows]
    return Flagged(
        sum(flagged for refused, flagged in seen if refused),
        sum(refused for refused, _ in seen),
        sum(flagged for refused, flagged in seen if not refused),
        sum(not refused for refused, _ in seen),
    )
