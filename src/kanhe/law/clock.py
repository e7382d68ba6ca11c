"""Deadlines: `(event, rule, calendar) -> deadline + explanation`. Pure; the rules are data.

Hours are exact and begin with the event. Days, working days and months are whole days: the day of
the event does not count, and the deadline ends with the last second of its last day in the
regime's zone. A last day on a day of rest is not moved, unless the unit is working days: the
earlier of two readings is the one that nobody can be blamed for.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from kanhe.errors import NoCalendar
from kanhe.law.calendar import Calendar, Day, look
from kanhe.law.clock_text import days_told, hours_told, months_told, working_days_told
from kanhe.terms import Text

_LAST = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """How long somebody has: `amount` of `unit` after the event `starts`."""

    id: str
    title: Text
    clause: str
    starts: str
    """Name of the event, e.g. `incident:detected`."""
    amount: int
    unit: Literal["hours", "days", "working_days", "months"]
    confidence: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due, and how that was computed, sentence by sentence.

    `at` is the last instant at which one is in time, on the clock of the regime's zone.
    `provisional`: it rests on a year whose notice was not known, and may still move.
    """

    at: datetime
    steps: tuple[Text, ...]
    provisional: bool


def due(event: datetime, rule: ClockRule, calendar: Calendar | None, known: date) -> Deadline:
    """Compute when what `event` started is due.

    Args:
        event: An aware instant.
        rule: Its `amount` is at least 1.
        calendar: Gives the zone, and the working days. Without one the event's own zone counts.
        known: The calendar as one knew it on this day. A deadline is asked for again when a notice
            arrives: the same event then gives what the notice says.

    Raises:
        NoCalendar: Working days without a calendar, or of a year that it does not have.
    """
    if event.tzinfo is None:
        raise RuntimeError("a deadline needs an instant with a zone: give the event its zone")
    if rule.amount < 1:
        raise RuntimeError(f"{rule.id}: {rule.amount} {rule.unit} is no time to do anything in")
    local = event.astimezone(ZoneInfo(calendar.zone) if calendar else event.tzinfo)
    match rule.unit:
        case "hours":
            # Over UTC: on a zone's own clock an hour can be missing, or come twice.
            end = (local.astimezone(UTC) + timedelta(hours=rule.amount)).astimezone(local.tzinfo)
            return Deadline(end, hours_told(local, rule.amount, end), provisional=False)
        case "days":
            last = local.date() + timedelta(days=rule.amount)
            steps = days_told(local, rule.amount, last)
            return Deadline(_end_of(last, local.tzinfo), steps, provisional=False)
        case "months":
            last = _months_after(local.date(), rule.amount)
            steps = months_told(local, rule.amount, last)
            return Deadline(_end_of(last, local.tzinfo), steps, provisional=False)
        case "working_days":
            if calendar is None:
                raise NoCalendar(
                    f"clock {rule.id} counts working days, and its regime has no calendar",
                    advice="Add a calendar.yaml to the regime's folder.",
                )
            return _working_days(local, rule.amount, calendar, known)


def _working_days(local: datetime, amount: int, calendar: Calendar, known: date) -> Deadline:
    walked = _walk(local.date(), amount, calendar, known)
    return Deadline(
        _end_of(walked[-1].date, local.tzinfo),
        working_days_told(local, amount, walked),
        provisional=any(day.year.provisional for day in walked),
    )


def _walk(event: date, amount: int, calendar: Calendar, known: date) -> list[Day]:
    """Give every day after `event` up to the `amount`-th working day, those of rest too."""
    walked: list[Day] = []
    left = amount
    while left:
        day = look(calendar, event + timedelta(days=len(walked) + 1), known)
        walked.append(day)
        left -= day.works
    return walked


def _months_after(day: date, months: int) -> date:
    """Give the same day of a later month, or its last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of(day: date, zone: tzinfo | None) -> datetime:
    # 23:59:59 and not the next midnight: that would be written with the date of a day that is late.
    return datetime.combine(day, _LAST, zone)
