"""Strikes: what becomes of an end user whose exchanges break rules again and again.

Arithmetic over instants: no clock, no storage, no name. The numbers come from the regime, with
their clause. A user stands here as a keyed pseudonym; who that is, nothing here can tell.

* So many violations in a row, or so many on one calendar day, suspend.
* A clean exchange ends the row; the day's count stays until the day is over.
* A suspension ends the row too: it has been answered. It does not end the day.
* A violation during a suspension (an answer that was still running) neither counts nor prolongs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class StrikeRule:
    """The terms: counts of at least 1, how long a suspension lasts, whose calendar days count."""

    in_a_row: int
    in_a_day: int
    suspension: timedelta
    zone: str
    clause: str


@dataclass(frozen=True, slots=True)
class Strikes:
    """What is remembered of one user: the row, the latest day with its count, a suspension."""

    row: int = 0
    day: date | None = None
    on_day: int = 0
    until: datetime | None = None


NONE = Strikes()
"""A user of whom nothing is remembered."""


def suspended_until(record: Strikes, now: datetime) -> datetime | None:
    """Give the end of the suspension in force at `now`, an aware instant; None if there is none."""
    return record.until if record.until is not None and now < record.until else None


def struck(record: Strikes, rule: StrikeRule, now: datetime) -> Strikes:
    """Give the record after a violation at `now`, an aware instant."""
    if suspended_until(record, now):
        return record
    today = now.astimezone(ZoneInfo(rule.zone)).date()
    # A clock that was set back must not open a new day, in which the count would begin again.
    day = today if record.day is None else max(today, record.day)
    row, on_day = record.row + 1, record.on_day + 1 if day == record.day else 1
    if row >= rule.in_a_row or on_day >= rule.in_a_day:
        return Strikes(0, day, on_day, now + rule.suspension)
    return Strikes(row, day, on_day, None)


def clean(record: Strikes) -> Strikes:
    """Give the record after an exchange without a violation."""
    return replace(record, row=0) if record.row else record


def stale(record: Strikes, rule: StrikeRule, now: datetime) -> bool:
    """Say whether nothing in the record can matter from `now` on."""
    today = now.astimezone(ZoneInfo(rule.zone)).date()
    over = record.day is None or record.day < today
    return not record.row and over and suspended_until(record, now) is None
