"""What is taken from another tool's record, and what its reader has to know beside the figures.

Counts alone are taken, made anew from single verdicts where the record holds them; another tool's
intervals are not. A record that contradicts itself is refused: nobody could say which half is true.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kanhe.assess.head import Evidence
from kanhe.errors import AssessError
from kanhe.terms import Text

BYTES = 512 << 20
"""The most that a record may have, unpacked."""

ROWS = 2_000
"""The most rows that are taken from one record; more would hide what a report is about."""

_TITLE = 200

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | bool | None"
"""What JSON can say, `NaN` too."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Evidence, and what was noticed while it was read; `notes` are told and not kept."""

    evidence: Evidence
    notes: tuple[Text, ...] = ()


def refused(file: str, what: str, advice: str) -> AssessError:
    """Give the error that says why a record is not taken."""
    return AssessError(f"{file} {what}", advice=advice)


def parsed(raw: bytes, file: str) -> Plain:
    """Read JSON as these tools write it.

    Raises:
        AssessError: It is none, or too deep.
    """
    try:
        found: Plain = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise refused(
            file, f"is no JSON: {error}", "Hand in the file as it was written."
        ) from error
    return found


def section(given: Plain, key: str) -> dict[str, Plain]:
    """Give the object under a key; an empty one where there is none."""
    inner = given.get(key) if isinstance(given, dict) else None
    return inner if isinstance(inner, dict) else {}


def text(given: Plain, key: str) -> str:
    """Give the text under a key, on one line and not endless; empty where there is none."""
    inner = given.get(key) if isinstance(given, dict) else None
    return shown(inner) if isinstance(inner, str) else ""


def shown(given: str) -> str:
    """Make a foreign text fit for a report's line: no control characters, at most 200."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in given).split())
    return plain if len(plain) <= _TITLE else plain[: _TITLE - 1] + "…"


def count(given: Plain, key: str) -> int | None:
    """Give the count under a key; None where there is none, or it is no count."""
    inner = given.get(key) if isinstance(given, dict) else None
    # `True` is an int in Python, and no count.
    return inner if type(inner) is int and inner >= 0 else None


def limited(rows: Sequence[tuple[str, int, int]], file: str) -> tuple[tuple[str, int, int], ...]:
    """Give the rows; at least one and not too many.

    Raises:
        AssessError: There is none to take, or there are too many.
    """
    if not any(judged for _, _, judged in rows):
        raise refused(
            file, "holds no verdict that can be counted",
            "Hand in a record of a run that was scored as passed or failed, item by item.",
        )  # fmt: skip
    if len(rows) > ROWS:
        raise refused(file, f"has {len(rows):,} rows", f"Split it: at most {ROWS:,} are taken.")
    return tuple(rows)
