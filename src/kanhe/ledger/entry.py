"""One entry of the ledger: what happened, when, and the facts, as canonical JSON.

The bytes made here are what is hashed, so equal facts have to give equal bytes for ever: RFC 8785,
narrowed to what needs no judgement. Refused are floats (their text is a trap), integers that a
double cannot hold, keys outside ASCII (RFC 8785 sorts by UTF-16, Python by code point; in ASCII
both agree), and every type that JSON does not have. Personal data does not belong here at all:
see `commitment.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias, Union

import msgspec

from kanhe.errors import LedgerError

Json: TypeAlias = Union[str, int, bool, Sequence["Json"], Mapping[str, "Json"], None]  # noqa: UP007
"""What a fact may hold. A tuple is written as a list; a `bytes` is refused."""

LONGEST = 65_535
"""Bytes in the longest entry: an entry bundle gives its length two bytes."""

DEEPEST = 16
"""Levels of nesting allowed in facts."""

_WIDEST = 2**53 - 1  # RFC 8785 3.2.2.3: beyond this a double, and with it JavaScript, miscounts
_TAG = re.compile(r"[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*")
_ENCODER = msgspec.json.Encoder(order="sorted")
_AT_ONCE = frozenset((str, bool, type(None)))
_NO_OFFSET = timedelta(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry read back: `tag` is `source:subject:action`, `at` is an aware instant in UTC."""

    at: datetime
    facts: dict[str, Any]
    tag: str


_DECODER = msgspec.json.Decoder(Entry)


def encode(tag: str, at: datetime, facts: Mapping[str, Json]) -> bytes:
    """Write an entry down.

    Args:
        tag: `source:subject:action`, each a lower-case word of letters, digits, `_` and `-` that
            begins with a letter, e.g. `gateway:answer:stopped`.
        at: The instant, in UTC; written to the millisecond, cut, not rounded.
        facts: What is to be remembered, with ASCII keys.

    Raises:
        ValueError: The tag, the instant or a fact is none that the ledger can hold.
    """
    name = _tag(tag)
    if at.utcoffset() != _NO_OFFSET:
        raise ValueError(f"at is {at.isoformat()}, not in UTC")
    plain = facts if type(facts) is dict else dict(facts)
    _check_object(plain, DEEPEST)
    moment = at.isoformat(timespec="milliseconds")[:23].encode()
    # "at" < "facts" < "tag": the outer object is in order without sorting.
    try:
        body = _ENCODER.encode(plain)
    except UnicodeEncodeError as error:
        raise ValueError(f"a fact of {tag} is no text: {error}") from error
    entry = b'{"at":"' + moment + b'Z","facts":' + body + b',"tag":"' + name + b'"}'
    if len(entry) > LONGEST:
        raise ValueError(f"entry {tag} has {len(entry)} bytes, more than {LONGEST}")
    return entry


def decode(entry: bytes) -> Entry:
    """Read an entry.

    Raises:
        LedgerError: These bytes are no entry of ours; a foreign log was opened, perhaps.
    """
    try:
        read = _DECODER.decode(entry)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LedgerError(
            f"an entry is not in the form of this ledger: {error}",
            advice="Check that the directory holds a ledger written by kanhe.",
        ) from error
    return Entry(read.at.astimezone(UTC), read.facts, read.tag)


@lru_cache(maxsize=1024)
def _tag(tag: str) -> bytes:
    if not _TAG.fullmatch(tag):
        raise ValueError(f"tag {tag!r} is not source:subject:action in lower-case words")
    return tag.encode()


def _check_object(facts: Mapping[Any, Any], depth: int) -> None:
    for key, value in facts.items():
        if type(key) is not str or not key.isascii():
            raise ValueError(f"key {key!r} of a fact is not ASCII text")
        if type(value) not in _AT_ONCE:
            _check(value, key, depth)


def _check(value: object, key: str, depth: int) -> None:
    # Exact types: msgspec would also write datetimes, enums and bytes, each in a form of its own.
    if type(value) is int:
        if not -_WIDEST <= value <= _WIDEST:
            raise ValueError(f"fact {key!r} is {value}, beyond 53 bits; write it as text")
    elif depth == 0:
        raise ValueError(f"fact {key!r} nests deeper than {DEEPEST} levels")
    elif type(value) is dict:
        _check_object(value, depth - 1)
    elif type(value) is list or type(value) is tuple:
        for item in value:
            if type(item) not in _AT_ONCE:
                _check(item, key, depth - 1)
    else:
        raise ValueError(f"fact {key!r} is a {type(value).__name__}; the ledger has no such type")
