"""Calendars and clocks as they are written.

Refuses working days outside their year or on days that are working days anyway, holidays that end
before they begin or lie elsewhere, and two states of one year that were known on the same day.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kanhe.law.calendar import Calendar, Year
from kanhe.law.clock import ClockRule
from kanhe.law.period import ALWAYS
from kanhe.law.regime_source import (
    Reading,
    as_day,
    confidence,
    day,
    listed,
    opened,
    period,
    text,
    whole,
    word,
)
from kanhe.law.scope import Question
from kanhe.terms import Text
from kanhe.yaml_source import Section

_YEAR = ("year", "notice", "provisional", "known", "holidays", "workdays")
_CLOCK = ("id", "title", "clause", "starts", "amount", "unit", "confidence")
_LONGEST_HOLIDAY = 31


class Weekday(StrEnum):
    """Days of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Unit(StrEnum):
    """What a clock counts."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


def zone(section: Section, key: str = "zone") -> str:
    """Give the name of a time zone that has to be there."""
    name = section.text(key, needed=True) or ""
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        section.fault(key, f"there is no time zone {name!r}", "Write one like `Asia/Shanghai`.")
        return ""


def read_calendar(reading: Reading) -> Calendar | None:
    """Read calendar.yaml; None where there is none."""
    top = opened(reading, "calendar.yaml")
    if top is None:
        return None
    name = reading.begin("calendar", top, ("id", "zone", "rest", "years"))
    order = list(Weekday)
    rest = frozenset(order.index(one) for one in top.choices("rest", Weekday))
    where = zone(top)
    years: list[Year] = []
    for section in top.sections("years", instead="years: `- year: 2026`"):
        year = _year(section, reading, rest)
        if any(year.number == had.number and year.known.overlaps(had.known) for had in years):
            what = f"the year {year.number} stands twice for days on which both were known"
            section.fault("known", what, "End what was known before where the new notice begins.")
        years.append(year)
    return Calendar(name, where, rest, tuple(years))


def _year(section: Section, reading: Reading, rest: frozenset[int]) -> Year:
    reading.faults.kind, reading.faults.rule = "year", ""
    section.allow(_YEAR)
    number = whole(section, "year", least=1900, most=2199)
    reading.faults.rule = str(number)
    if "provisional" not in section:
        section.fault("provisional", "`provisional` is missing", "Say `provisional: false`.")
    holidays = _holidays(section, number)
    return Year(
        number=number,
        holidays=holidays,
        workdays=_workdays(section, number, holidays, rest),
        notice=section.text("notice", needed=True) or "",
        provisional=section.flag("provisional"),
        known=period(section, "known", ALWAYS),
    )


def _holidays(section: Section, year: int) -> dict[date, Text]:
    found: dict[date, Text] = {}
    instead = "holidays: `- {from: …, to: …, title: …}`"
    for part in section.sections("holidays", instead=instead):
        part.allow(("from", "to", "title"))
        title = text(part, "title")
        for one in _span(part, year):
            if one in found:
                what = f"{one} is a holiday already, by {found[one].en!r}"
                part.fault("from", what, "Let each day stand once.")
            found[one] = title
    return found


def _span(part: Section, year: int) -> list[date]:
    """Give the days of one holiday, both ends included."""
    start, end = day(part, "from", needed=True), day(part, "to", needed=True)
    if start is None or end is None:
        return []
    days = (end - start).days + 1
    if days < 1:
        part.fault("to", f"it ends on {end}, before it begins on {start}", "Compare the two days.")
    elif days > _LONGEST_HOLIDAY:
        part.fault("to", f"it lasts {days} days", f"{_LONGEST_HOLIDAY} are the most.")
    elif year not in {start.year, end.year}:
        part.fault("from", f"it lies outside the year {year}", "Put it where it belongs.")
    else:
        return [start + timedelta(days=n) for n in range(days)]
    return []


def _workdays(
    section: Section, year: int, holidays: dict[date, Text], rest: frozenset[int]
) -> frozenset[date]:
    found: set[date] = set()
    for line in section.texts("workdays"):
        one = as_day(line.text)
        if one is None:
            what, advice = f"{line.text!r} is no day", "Write it as 2026-11-22."
        elif one.year != year:
            what, advice = f"{one} lies outside the year {year}", "Put it where it belongs."
        elif one in holidays:
            what, advice = f"{one} is a holiday as well", "Decide."
        elif one in found:
            what, advice = f"{one} stands twice", "Keep one."
        elif one.weekday() not in rest:
            what, advice = f"{one} is a working day anyway", "Compare it with the notice."
        else:
            found.add(one)
            continue
        section.faults.add(line.number, what, advice)
    return frozenset(found)


def read_clocks(reading: Reading, questions: dict[str, Question]) -> dict[str, ClockRule]:
    """Read clocks.yaml."""
    sections = listed(reading, "clocks.yaml", "clocks: `- id: …`")
    return {rule.id: rule for rule in (_clock(one, reading, questions) for one in sections)}


def _clock(section: Section, reading: Reading, questions: dict[str, Question]) -> ClockRule:
    name = reading.begin("clock", section, _CLOCK)
    reading.declare(section, name)
    return ClockRule(
        id=name,
        title=text(section, "title"),
        clause=reading.refer(section, "clause", "obligation", needed=True),
        starts=_starts(section, questions, reading),
        amount=whole(section, "amount", least=1, most=99_999),
        unit=word(section, "unit", Unit, Unit.HOURS).value,
        confidence=confidence(section).value,
    )


def _starts(section: Section, questions: dict[str, Question], reading: Reading) -> str:
    event = section.text("starts", needed=True) or ""
    subject, colon, name = event.partition(":")
    if event and not (subject and colon and name):
        section.fault("starts", f"{event!r} is no event", "Write one like `incident:detected`.")
    elif subject == "answer" and "questions.yaml" in reading.lost:
        reading.wanted.append(("question", name, reading.mark(section, "starts")))
    elif subject == "answer" and (name not in questions or questions[name].kind != "day"):
        what = f"there is no question {name!r} of kind `day`"
        section.fault("starts", what, "A clock starts with the day that somebody answers.")
    return event
