"""The calendar and clocks that are shipped, read without the loader: for tests of arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import yaml

import kanhe
from kanhe.law.calendar import Calendar, Year
from kanhe.law.clock import ClockRule
from kanhe.law.period import Period
from kanhe.terms import Text

CN = Path(kanhe.__file__).parent / "regimes" / "cn-genai"
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def read(name: str):
    return yaml.safe_load((CN / name).read_text(encoding="utf-8"))


def days(first: date, last: date):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def year(written) -> Year:
    holidays = {
        day: Text(**part["title"])
        for part in written["holidays"]
        for day in days(part["from"], part["to"])
    }
    known = Period(written["known"].get("from"), written["known"].get("until"))
    workdays = frozenset(written["workdays"])
    return Year(
        written["year"], holidays, workdays, written["notice"], written["provisional"], known
    )


def china() -> Calendar:
    written = read("calendar.yaml")
    rest = frozenset(map(WEEK.index, written["rest"]))
    return Calendar(written["id"], written["zone"], rest, tuple(map(year, written["years"])))


def clocks() -> dict[str, ClockRule]:
    rules = [ClockRule(**one | {"title": Text(**one["title"])}) for one in read("clocks.yaml")]
    return {rule.id: rule for rule in rules}
