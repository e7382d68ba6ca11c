"""Values of an assessment as JSON and back, and where two of them differ.

What is read has to come out the same when it is written again: a key that nothing knows, a number
in another spelling or a value that is left out is refused, not passed over. A fraction is written
as text, like `9/10`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from kanhe.errors import AssessError
from kanhe.ledger.entry import Json

Value = TypeVar("Value")

CLOSE = 1e-9
"""So far apart, relatively, two computers may get one figure: their logarithms differ."""

_ABSENT = object()
_FRACTION = re.compile(r"[0-9]{1,9}(/[1-9][0-9]{0,8})?", re.ASCII)


def told(value: object) -> Json:
    """Give a value as JSON holds it: mappings, lists, texts, numbers."""
    json: Json = msgspec.to_builtins(value, enc_hook=_written, str_keys=True)
    return json


def taken(json: object, kind: type[Value], what: str) -> Value:
    """Give the value that JSON tells; `what`: how an error calls it.

    Raises:
        AssessError: It tells none, or something else as well.
    """
    try:
        value: Value = msgspec.convert(json, kind, dec_hook=_read)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise unreadable(what, str(error)) from error
    for path, _, _ in differences(json, told(value)):
        raise unreadable(what, f"`{path}` is nothing that this version writes")
    return value


def decoded(raw: bytes, what: str) -> object:
    """Give the JSON of some bytes.

    Raises:
        AssessError: They are none.
    """
    try:
        json: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise unreadable(what, str(error)) from error
    return json


def unreadable(what: str, why: str) -> AssessError:
    """Say that something cannot be read."""
    return AssessError(
        f"{what} cannot be read: {why}",
        advice="Take it anew from where it was made, unchanged, or read it with that version.",
    )


def differences(one: object, other: object, path: str = "") -> Iterator[tuple[str, object, object]]:
    """Give every place in which two pieces of JSON differ, with both values.

    Numbers are the same if no computer's arithmetic could tell them apart; what is only in one of
    them stands against None.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys((*one, *other)):
            yield from _inside(one.get(key, _ABSENT), other.get(key, _ABSENT), f"{path}.{key}")
    elif _is_list(one) and _is_list(other):
        some, others = list(one), list(other)  # type: ignore[call-overload]  # `_is_list` says so
        for at in range(max(len(some), len(others))):
            first = some[at] if at < len(some) else _ABSENT
            second = others[at] if at < len(others) else _ABSENT
            yield from _inside(first, second, f"{path}[{at}]")
    elif not _same(one, other):
        yield path.removeprefix("."), one, other


def _inside(one: object, other: object, path: str) -> Iterator[tuple[str, object, object]]:
    if one is _ABSENT or other is _ABSENT:
        there = [None if value is _ABSENT else value for value in (one, other)]
        yield path.removeprefix("."), there[0], there[1]
    else:
        yield from differences(one, other, path)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _same(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= CLOSE * max(abs(one), abs(other))
    return type(one) is type(other) and one == other


def _written(value: object) -> Json:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} is no JSON")


def _read(kind: type[Any], value: object) -> object:
    if kind is not Fraction:
        raise NotImplementedError(f"{kind.__name__} is no JSON")
    if not isinstance(value, str) or not _FRACTION.fullmatch(value):
        raise ValueError(f"{str(value)[:20]!r} is no fraction")
    return Fraction(value)
