"""How instants, days, numbers and hashes are written in each language. Pure.

Dates are written out, never as digits and slashes: who reads 03/04 under pressure reads it wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta

from kanhe.console.language import Language
from kanhe.ledger.entry import Json

HASH_SHOWN = 8
"""Characters of a hash that are shown; the whole of it stands behind them."""

_DAY = {"zh": "y年M月d日", "en": "d MMMM y"}
_PAUSE = {"zh": " ", "en": ", "}


def day(one: date, language: Language) -> str:
    """Write a day: 2026年11月22日, or 22 November 2026."""
    return format_date(one, _DAY[language], locale=language)


def moment(at: datetime, language: Language, zone: ZoneInfo) -> str:
    """Write an instant to the minute, in the zone of the regime.

    Args:
        at: An aware instant.
        language: In which it is written.
        zone: Whose clock it is told by.
    """
    local = at.astimezone(zone)
    return f"{day(local.date(), language)}{_PAUSE[language]}{local:%H:%M}"


def zone_name(at: datetime, zone: ZoneInfo) -> str:
    """Name the zone by its distance from UTC, e.g. `UTC+8`: abbreviations mean several places."""
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    sign = "-" if offset < timedelta(0) else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def ago(at: datetime, now: datetime, language: Language) -> str:
    """Write how long ago an instant was, or in how long it will be: `3 days ago`, `3天后`."""
    # A threshold of 1 keeps the larger unit only once it is full: 23 hours are not "a day".
    return format_timedelta(at - now, add_direction=True, threshold=1, locale=language)


def number(count: int) -> str:
    """Write a number with its thousands apart; both languages write them alike."""
    return f"{count:,}"


def short(digest: str) -> str:
    """Give as much of a hash as is shown."""
    return digest[:HASH_SHOWN]


def plain(value: Json) -> str:
    """Write a value of JSON for people: a list with commas, a number with its thousands apart."""
    match value:
        case bool() | None:
            return json.dumps(value)
        case int():
            return number(value)
        case str():
            return value
        case Mapping():
            return json.dumps(value, ensure_ascii=False, default=dict)
        case _:
            return ", ".join(map(plain, value))
