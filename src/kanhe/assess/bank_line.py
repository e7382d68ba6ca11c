"""One line of a bank: a JSON object in, an item or all that is wrong with it out.

Refused: keys that are unknown or stand twice, values of the wrong kind, empty or endless texts,
half of a surrogate pair, words that are none of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from kanhe.assess.item import BankKind, Expect, Item
from kanhe.errors import Fault

TURNS = 20
CHARACTERS = 20_000
"""The most of a turn."""

KEYS = 50
_WORD = 200
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_LANGS = ("zh", "en")
_REVIEWS = ("pending", "approved")
_TEXTS = ("id", "lang", "text", "aspect", "risk", "expect", "origin", "kind", "review")
_LISTS = ("turns", "key")

_Complaint: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """An item and where it stands; `pending`: nobody has approved it yet."""

    item: Item
    pending: bool
    file: str
    number: int


class _Unclear(ValueError):
    """JSON that two readers could read differently."""


def read_line(raw: bytes, file: str, number: int, kind: BankKind | None) -> Line | list[Fault]:
    """Read one line of a bank of `kind`; None: the kind is not known, and only faults matter."""
    try:
        given = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        advice = "Write one whole object a line, in UTF-8."
        return [Fault(file, number, "", f"is no JSON: {error}", advice, "item")]
    if not isinstance(given, dict):
        what = f"is a {type(given).__name__}, no object"
        return [Fault(file, number, "", what, 'Write {"id": …, "text": …}.', "item")]
    called = given.get("id")
    name = called if isinstance(called, str) and _ID.fullmatch(called) else ""
    told = [*_unknown(given), *_texts(given), *_lists(given), *_words(given, kind)]
    if told:
        return [Fault(file, number, name, *one, "item") for one in told]
    return Line(_item(given, kind or BankKind.OUTPUT), given.get("review") == "pending",
                file, number)  # fmt: skip


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        again = next(key for key in keys if keys.count(key) > 1)
        raise _Unclear(f"`{again[:40]}` stands twice")
    return found


def _no_number(name: str) -> float:
    raise _Unclear(f"{name} is no JSON")


def _item(given: Mapping[str, object], kind: BankKind) -> Item:
    def text(key: str, otherwise: str = "") -> str:
        return str(given.get(key, otherwise))

    def several(key: str) -> tuple[str, ...]:
        listed = given.get(key)
        return tuple(map(str, listed)) if isinstance(listed, list) else ()

    return Item(
        text("id"), kind, text("lang"), several("turns") or (text("text"),),
        text("aspect") or text("risk"), Expect(text("expect")), several("key"),
        text("kind", "question"), text("origin"),
    )  # fmt: skip


def _unknown(given: Mapping[str, object]) -> Iterator[_Complaint]:
    known = (*_TEXTS, *_LISTS)
    for key in given:
        if key not in known:
            close = get_close_matches(key, known, 1)
            yield f"unknown key {key[:40]!r}", f"Write `{close[0]}`." if close else "Delete it."


def _texts(given: Mapping[str, object]) -> Iterator[_Complaint]:
    for key in _TEXTS:
        if key in given:
            yield from _text(f"`{key}`", given[key], CHARACTERS if key == "text" else _WORD)
    for key in ("id", "lang", "expect"):
        if key not in given:
            yield f"`{key}` is missing", "Every item has id, lang, expect and a text."


def _text(name: str, value: object, longest: int) -> Iterator[_Complaint]:
    if not isinstance(value, str):
        yield f"{name} is a {type(value).__name__}", "Write a text in quotation marks."
    elif not value.strip():
        yield f"{name} is empty", "Write it out, or take it out."
    elif len(value) > longest:
        yield f"{name} has {len(value):,} characters", f"At most {longest:,} are read."
    elif any("\ud800" <= char <= "\udfff" or char == "\0" for char in value):
        yield f"{name} holds half of a character, or a zero", "Write whole characters."


def _lists(given: Mapping[str, object]) -> Iterator[_Complaint]:
    for key, most, longest in (("turns", TURNS, CHARACTERS), ("key", KEYS, _WORD)):
        value = given.get(key)
        if value is None and key not in given:
            continue
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            yield f"`{key}` is no list of 1 to {most}", 'Write ["…", "…"].'
        else:
            for one in value:
                yield from _text(f"an entry of `{key}`", one, longest)
    if ("text" in given) == ("turns" in given):
        yield "has not either `text` or `turns`", "Write one of them: what the user says."


def _words(given: Mapping[str, object], kind: BankKind | None) -> Iterator[_Complaint]:
    name = given.get("id")
    if isinstance(name, str) and name and not _ID.fullmatch(name):
        yield f"{name[:40]!r} is no id", "Write letters, digits, `-`, `_` and `.`, at most 120."
    for key, known in (("lang", _LANGS), ("expect", tuple(Expect)), ("review", _REVIEWS)):
        word = given.get(key)
        if isinstance(word, str) and word.strip() and word not in known:
            yield f"`{key}` is {word[:40]!r}", f"Write one of: {', '.join(known)}."
    if kind is not None:
        wanted, other = ("aspect", "risk") if kind is BankKind.ANSWER else ("risk", "aspect")
        if wanted not in given or other in given:
            yield f"has not `{wanted}` alone", f"Items of a bank of the kind {kind} have it."
