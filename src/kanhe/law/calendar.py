"""Working days: a calendar that comes as data, year by year, each with the notice that set it.

A day is a working day if a notice says so, or else if it is none of the weekly days of rest and no
notice makes it a holiday. A year without a notice is *provisional*: it is computed from the days
that the law itself fixes, and every answer that rests on it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kanhe.law.period import Period
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Year:
    """One year: days off beside the weekly rest, and days of rest on which people work (调休).

    `known`: from when to when this was the state of knowledge; the same year may stand several
    times, once computed and once as noticed.
    """

    number: int
    holidays: Mapping[date, Text]
    workdays: frozenset[date]
    notice: str
    provisional: bool
    known: Period


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one regime. `rest`: the weekly days of rest, Monday is 0."""

    id: str
    zone: str
    rest: frozenset[int]
    years: tuple[Year, ...]
