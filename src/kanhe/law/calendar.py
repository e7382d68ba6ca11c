"""Working days: a calendar that comes as data, year by year, each with the notice that set it.

A day is a working day if a notice says so, or else if it is none of the weekly days of rest and no
notice makes it a holiday. A year without a notice is *provisional*: it is computed from the days
that the law itself fixes, and every answer that rests on it says so. A year that is not there is
refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kanhe.errors import NoCalendar
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


class Kind(StrEnum):
    """What a day is for those who count working days."""

    WORKDAY = "workday"
    MADE_UP = "made-up"
    """A weekly day of rest on which people work (调休)."""
    REST = "rest"
    """A weekly day of rest."""
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Day:
    """One day as the calendar has it; `year` says by which notice, `title` names the holiday."""

    date: date
    kind: Kind
    year: Year
    title: Text | None = None

    @property
    def works(self) -> bool:
        """Say whether it counts as a working day."""
        return self.kind in {Kind.WORKDAY, Kind.MADE_UP}


def year_of(calendar: Calendar, number: int, known: date) -> Year:
    """Give the year as one knew it on `known`; of several versions the one known latest wins.

    Raises:
        NoCalendar: The year is not there, or nothing was known of it yet.
    """
    versions = [year for year in calendar.years if year.number == number]
    holding = [year for year in versions if year.known.holds(known)]
    if not holding:
        raise _no_year(calendar, number, known if versions else None)
    return max(holding, key=lambda year: year.known.start or date.min)


def _no_year(calendar: Calendar, number: int, known: date | None) -> NoCalendar:
    """Say that a year is not in the data, or that nothing was known of it yet on `known`."""
    if known:
        what = f"calendar {calendar.id} has no year {number} as known on {known}"
        return NoCalendar(what, advice="Ask with a later --known; a year is never guessed.")
    held = sorted({year.number for year in calendar.years})
    years = f"{held[0]} to {held[-1]}" if held else "none"
    return NoCalendar(
        f"calendar {calendar.id} has no year {number}; in the data: {years}",
        advice=f"Once {number} is announced, add it to `years` of the regime's calendar.yaml "
        "(docs/regime-format.md), and check it with `kanhe regime check`; a year is never guessed.",
    )


def look(calendar: Calendar, day: date, known: date) -> Day:
    """Say what `day` is, as one knew on `known`.

    Raises:
        NoCalendar: Its year is not there.
    """
    year = year_of(calendar, day.year, known)
    resting = day.weekday() in calendar.rest
    if day in year.workdays:
        return Day(day, Kind.MADE_UP if resting else Kind.WORKDAY, year)
    if day in year.holidays:
        return Day(day, Kind.HOLIDAY, year, year.holidays[day])
    return Day(day, Kind.REST if resting else Kind.WORKDAY, year)
