"""JSON pointers (RFC 6901): where in an answer a value stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_POINTER = re.compile(r"(?:/(?:[^~/]|~0|~1){0,200}){1,20}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def is_pointer(text: str) -> bool:
    """Say whether `text` is a pointer to a part; the empty one, to the whole, is none here."""
    return bool(_POINTER.fullmatch(text))


def at(pointer: str, value: object) -> object | None:
    """Give what stands there; None where nothing does."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        match value:
            case Mapping():
                value = value.get(name)
            case str():
                return None
            case Sequence() if _INDEX.fullmatch(name) and int(name) < len(value):
                value = value[int(name)]
            case _:
                return None
    return value
