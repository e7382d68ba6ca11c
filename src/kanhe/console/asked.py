"""The question about another day, read from an address: `?at=…&known=…&as_if=…`.

What cannot be read is told at its field, and nothing is computed in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from kanhe.console.served import Asked
from kanhe.law.regime import Regime
from kanhe.terms import Text

_FIRST_YEAR, _LAST_YEAR = 1900, 2999
"""Years that a question can mean."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form, and what to write there."""

    field: str
    what: Text


def read_asked(query: Mapping[str, str], regime: Regime) -> tuple[Asked, tuple[Fault, ...]]:
    """Read the question; with a fault, the part of it that could be read."""
    faults: list[Fault] = []
    days: dict[str, date] = {}
    for field in ("at", "known"):
        if written := query.get(field, "").strip():
            if day := read_day(written):
                days[field] = day
            else:
                faults.append(Fault(field, _no_day(written)))
    asked = Asked(days.get("at"), days.get("known"))
    if draft := query.get("as_if", "").strip():
        source = regime.sources.get(draft)
        if source is None or source.force.binds:
            faults.append(Fault("as_if", _no_draft(draft, regime)))
        else:
            asked = replace(asked, as_if=draft)
    return asked, tuple(faults)


def read_day(written: str) -> date | None:
    """Read a day as 2026-11-22; None where it is none, or centuries away."""
    # fromisoformat also takes 20261122 and 2026-W47-7, which no form of ours writes.
    if not _DAY.fullmatch(written):
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    # The end of the day is looked at in other zones: on the first and last days there is none.
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def drafts(regime: Regime) -> list[str]:
    """Give the drafts and plans that a question may take for law, by id."""
    return [source.id for source in regime.sources.values() if not source.force.binds]


def _no_day(written: str) -> Text:
    shown = written[:40]
    return Text(f"“{shown}”不是日期。请按 2026-11-22 的形式填写。",
                f"“{shown}” is no day. Write it like 2026-11-22.")  # fmt: skip


def _no_draft(draft: str, regime: Regime) -> Text:
    known = drafts(regime)
    listed = ", ".join(known) or "-"
    return Text(f"“{draft[:40]}”不是草案。可选：{listed}。",
                f"“{draft[:40]}” is no draft. There are: {listed}.")  # fmt: skip
