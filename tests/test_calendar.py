from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import chinese_calendar
import holidays
import pytest

from calendars import china, days, read
from kanhe.errors import NoCalendar
from kanhe.law.calendar import Kind, look, year_of
from kanhe.law.period import Period

CHINA = china()
NOW = date(2026, 11, 22)
NOTICED = range(2023, 2027)


@pytest.mark.parametrize("number", NOTICED)
def test_every_day_is_as_chinesecalendar_has_it(number):
    """Every day of the year. Planted: one make-up day left out; the holiday looked at first."""
    for day in days(date(number, 1, 1), date(number, 12, 31)):
        assert look(CHINA, day, NOW).works is chinese_calendar.is_workday(day), day


def test_chinesecalendar_still_has_no_2027():
    """When this fails, the notice is out: put it into calendar.yaml beside the computed year."""
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2027, 3, 1))


@pytest.mark.parametrize("number", [2024, 2025, 2026, 2027])
def test_a_computed_year_has_the_days_that_the_law_fixes(number):
    """`holidays` computes the same days by rule; what it knows from notices is left out."""
    year = next(one for one in CHINA.years if one.number == number and one.provisional)
    by_rule = {
        day
        for day, name in holidays.China(years=number, language="en_US").items()
        if not name.startswith("Day off")
    }
    # Until November 2024 nobody could know of the two days that the law then added.
    added = {date(2025, 1, 28), date(2025, 5, 2)}
    assert set(year.holidays) == by_rule - added
    assert year.workdays == frozenset()


@pytest.mark.parametrize("number", NOTICED)
def test_a_noticed_year_holds_every_day_that_the_law_fixes(number):
    by_rule = set(holidays.China(years=number, language="en_US"))
    assert by_rule <= set(year_of(CHINA, number, NOW).holidays)


@pytest.mark.parametrize(
    ("day", "kind", "title"),
    [
        (date(2026, 10, 8), Kind.WORKDAY, None),
        (date(2026, 10, 10), Kind.MADE_UP, None),
        (date(2026, 10, 11), Kind.REST, None),
        (date(2026, 10, 4), Kind.HOLIDAY, "国庆节"),
    ],
    ids=["a Thursday", "a Saturday worked", "a Sunday", "a Sunday in a holiday"],
)
def test_a_day_is_told_by_its_kind(day, kind, title):
    found = look(CHINA, day, NOW)
    assert found.kind is kind
    assert (found.title and found.title.zh) == title


def test_the_calendar_is_the_one_that_was_known():
    """Before the notice 2 January 2026 was a working day, and 4 January was not."""
    day_before = date(2025, 11, 3)
    assert look(CHINA, date(2026, 1, 2), day_before).works
    assert not look(CHINA, date(2026, 1, 4), day_before).works
    assert look(CHINA, date(2026, 1, 2), day_before).year.provisional
    notice = date(2025, 11, 4)
    assert not look(CHINA, date(2026, 1, 2), notice).works
    assert look(CHINA, date(2026, 1, 4), notice).works


def test_of_two_that_hold_the_one_known_later_wins():
    computed = next(one for one in CHINA.years if one.number == 2027)
    noticed = replace(computed, notice="n", provisional=False, known=Period(date(2026, 11, 30)))
    # The earlier one was not closed: it stands first, and last, and loses either way.
    for years in ((computed, noticed), (noticed, computed)):
        both = replace(CHINA, years=years)
        assert year_of(both, 2027, date(2026, 11, 29)).provisional
        assert not year_of(both, 2027, date(2026, 11, 30)).provisional


@pytest.mark.parametrize(
    ("number", "known", "said"),
    [(2028, NOW, "has no year 2028"), (2027, date(2024, 11, 9), "as known on 2024-11-09")],
)
def test_a_year_that_is_not_there_is_refused(number, known, said):
    with pytest.raises(NoCalendar, match=said) as raised:
        look(CHINA, date(number, 3, 1), known)
    assert "never guessed" in raised.value.advice


def test_the_data_holds_together():
    """Days lie in their year, worked days are days of rest, and no holiday is worked."""
    for written, year in zip(read("calendar.yaml")["years"], CHINA.years, strict=True):
        assert all(part["from"] <= part["to"] for part in written["holidays"])
        assert {day.year for day in [*year.holidays, *year.workdays]} == {year.number}
        assert all(day.weekday() in CHINA.rest for day in year.workdays)
        assert not year.workdays & set(year.holidays)


def test_every_year_is_known_without_a_gap_from_its_first_day_on():
    for number in range(2023, 2028):
        spans = [one.known for one in CHINA.years if one.number == number]
        assert all(a.end == b.start for a, b in pairwise(spans))
        assert spans[-1].end is None
        assert spans[0].start < date(number, 1, 1) - timedelta(days=20)
