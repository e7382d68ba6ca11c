from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from calendars import china, clocks
from kanhe.errors import NoCalendar
from kanhe.law.calendar import look
from kanhe.law.clock import due
from needs import absent

CHINA = china()
CLOCKS = clocks()
FACTS = Path(__file__).parents[2] / "shared" / "regime" / "obligations.yaml"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = date(2026, 11, 22)
FILING = CLOCKS["algorithm-filing"]


def rule(unit, amount):
    return replace(FILING, unit=unit, amount=amount)


def at(*parts):
    return datetime(*parts, tzinfo=ZONE)


def end(*day):
    return datetime(*day, 23, 59, 59, tzinfo=ZONE)


def asked(event, unit, amount, known=NOW):
    return due(event, rule(unit, amount), CHINA, known)


@pytest.mark.parametrize(
    ("event", "unit", "amount", "expected"),
    [
        (at(2026, 9, 30, 15), "hours", 4, at(2026, 9, 30, 19)),
        (at(2026, 9, 30, 22), "hours", 4, at(2026, 10, 1, 2)),
        (at(2026, 9, 30, 15), "days", 30, end(2026, 10, 30)),
        (at(2026, 9, 30, 0, 0, 1), "days", 1, end(2026, 10, 1)),
        # Seven days of National Day, then the Saturday that makes up for one of them.
        (at(2026, 9, 30, 15), "working_days", 1, end(2026, 10, 8)),
        (at(2026, 9, 30, 15), "working_days", 3, end(2026, 10, 10)),
        (at(2026, 9, 30, 15), "working_days", 10, end(2026, 10, 20)),
        (at(2026, 10, 3, 9), "working_days", 1, end(2026, 10, 8)),
        # The event on a day that is worked itself does not count it.
        (at(2026, 10, 10, 9), "working_days", 1, end(2026, 10, 12)),
        (at(2026, 1, 31, 9), "months", 1, end(2026, 2, 28)),
        (at(2024, 1, 31, 9), "months", 1, end(2024, 2, 29)),
        (at(2025, 11, 30, 9), "months", 3, end(2026, 2, 28)),
        (at(2026, 11, 5, 9), "months", 2, end(2027, 1, 5)),
        (at(2026, 3, 31, 9), "months", 12, end(2027, 3, 31)),
    ],
)
def test_a_deadline_is_where_a_hand_count_puts_it(event, unit, amount, expected):
    assert asked(event, unit, amount).at == expected


def test_the_day_is_that_of_the_regime_and_not_of_the_server():
    """17:00 UTC on the 29th is already the 30th in Shanghai. Planted: the event's own date."""
    assert asked(datetime(2026, 9, 29, 17, tzinfo=UTC), "days", 1).at == end(2026, 10, 1)


def test_an_hour_is_an_hour_where_clocks_are_moved():
    """Berlin, the night in which 2:00 to 3:00 is missing. Planted: addition on the local clock."""
    berlin = replace(CHINA, zone="Europe/Berlin")
    event = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    found = due(event, rule("hours", 2), berlin, NOW)
    assert found.at.astimezone(UTC) - event.astimezone(UTC) == timedelta(hours=2)
    assert found.at.hour == 4


def test_without_a_calendar_the_events_own_zone_counts():
    event = datetime(2026, 9, 29, 17, tzinfo=UTC)
    assert due(event, rule("days", 2), None, NOW).at == datetime(
        2026, 10, 1, 23, 59, 59, tzinfo=UTC
    )
    with pytest.raises(NoCalendar, match="no calendar"):
        due(event, rule("working_days", 2), None, NOW)


def test_an_event_without_a_zone_and_no_time_at_all_are_misuse():
    with pytest.raises(RuntimeError, match="zone"):
        asked(datetime(2026, 9, 29, 17), "days", 2)  # that is the misuse
    with pytest.raises(RuntimeError, match="no time"):
        asked(at(2026, 9, 29), "days", 0)


def test_a_year_that_is_not_there_is_an_error_and_no_guess():
    with pytest.raises(NoCalendar, match="2028"):
        asked(at(2027, 12, 20), "working_days", 30)


def test_how_it_was_counted_is_told_with_the_days_and_the_notice():
    found = asked(at(2026, 9, 30, 15), "working_days", 10)
    assert [step.zh for step in found.steps] == [
        "起算事件发生于2026年9月30日（周三）15:00（Asia/Shanghai）。",
        "当日不计入，自次日起算。",
        "2026年10月1日至7日国庆节放假，不计入（国办发明电〔2025〕7号）。",
        "2026年10月10日为调休上班日，计入（国办发明电〔2025〕7号）。",
        "2026年10月11日、17日至18日为休息日，不计入。",
        "计入的10个工作日：2026年10月8日至10日、12日至16日、19日至20日。",
        "最后一日为2026年10月20日（周二），至当日24:00届满。",
    ]
    assert [step.en for step in found.steps][2:5] == [
        "1 to 7 October 2026: National Day, not counted (notice 国办发明电〔2025〕7号).",
        "10 October 2026: day of rest worked to make up for a holiday, counted "
        "(notice 国办发明电〔2025〕7号).",
        "11 October, 17 to 18 October 2026: weekly rest, not counted.",
    ]
    assert not found.provisional


@pytest.mark.parametrize(
    ("event", "unit", "amount", "zh", "en"),
    [
        (at(2026, 1, 31, 9), "months", 1, "没有31日", "no day 31"),
        (at(2026, 1, 30, 9), "months", 2, "对应日", "same day"),
        (at(2026, 1, 31, 9), "days", 1, "1个自然日", "1 calendar day after"),
        (
            at(2026, 1, 31, 23),
            "hours",
            4,
            "2026年2月1日（周日）03:00届满",
            "1 February 2026, 03:00",
        ),
    ],
)
def test_each_unit_tells_its_own_arithmetic(event, unit, amount, zh, en):
    steps = asked(event, unit, amount).steps
    assert zh in "".join(step.zh for step in steps)
    assert en in " ".join(step.en for step in steps)


def test_a_deadline_moves_when_the_notice_arrives_and_says_that_it_was_provisional():
    """Before 4 November 2025 only 1 January was off; the notice took 2 January and gave the 4th."""
    event = at(2025, 12, 30, 10)
    before = asked(event, "working_days", 3, known=date(2025, 11, 3))
    after = asked(event, "working_days", 3, known=date(2025, 11, 4))
    assert (before.at, before.provisional) == (end(2026, 1, 5), True)
    assert (after.at, after.provisional) == (end(2026, 1, 5), False)
    before = asked(event, "working_days", 2, known=date(2025, 11, 3))
    after = asked(event, "working_days", 2, known=date(2025, 11, 4))
    assert (before.at, after.at) == (end(2026, 1, 2), end(2026, 1, 4))
    assert "须重新计算" in before.steps[-1].zh
    assert "provisional" in before.steps[-1].en
    assert "2026年1月4日为调休上班日" in "".join(step.zh for step in after.steps)


# The event may lie anywhere in the years with notices, 60 working days before their end.
instants = st.datetimes(datetime(2023, 1, 1), datetime(2026, 9, 1)).map(
    lambda found: found.replace(microsecond=0, tzinfo=ZONE)
)
units = st.sampled_from(["hours", "days", "working_days", "months"])
amounts = st.integers(1, 30)


# Short gaps: a fault of order shows between neighbours, and longer gaps follow from them.
@given(instants, st.integers(1, 72), units, st.integers(1, 12))
@example(at(2026, 1, 31, 9), 24, "months", 1)
def test_a_later_event_is_never_due_sooner(event, hours, unit, amount):
    """Planted: months that spill over: 31 January gives 3 March, and 1 February 1 March.

    That pair is pinned: a random search meets it too rarely.
    """
    later = event + timedelta(hours=hours)
    assert asked(event, unit, amount).at <= asked(later, unit, amount).at


@given(instants, units, st.integers(1, 12))
def test_asking_again_gives_the_same(event, unit, amount):
    """Also from another zone's clock. Planted: the day taken from the clock of the event."""
    again = event.astimezone(ZoneInfo("America/New_York"))
    assert asked(event, unit, amount) == asked(again, unit, amount)


@given(instants, st.sampled_from(["hours", "days", "working_days"]), amounts, amounts)
def test_two_clocks_in_a_row_are_one_clock(event, unit, one, other):
    """Planted: an end at the next midnight, whose own day is then not counted: one day too many."""
    first = asked(event, unit, one).at
    assert asked(first, unit, other).at == asked(event, unit, one + other).at


@given(instants, amounts)
def test_a_deadline_in_working_days_lies_on_one_and_counts_as_many(event, amount):
    """The oracle is another's calendar. Planted: make-up days not counted; the event's day counted.

    Exactly `amount` working days lie after the event's day, up to and with the last.
    """
    last = asked(event, "working_days", amount).at.date()
    assert chinese_calendar.is_workday(last)
    between = (last - event.date()).days
    days = [event.date() + timedelta(days=n + 1) for n in range(between)]
    assert sum(map(chinese_calendar.is_workday, days)) == amount


@given(instants, amounts)
def test_every_day_of_rest_and_every_holiday_is_told(event, amount):
    """Each day walked stands in one sentence. Planted: the first of a run left out."""
    found = asked(event, "working_days", amount)
    walked = (found.at.date() - event.date()).days
    told = " ".join(step.zh for step in found.steps[2:-1])
    for n in range(walked):
        day = look(CHINA, event.date() + timedelta(days=n + 1), NOW)
        if day.title is not None:
            assert f"{day.title.zh}放假" in told
            assert day.year.notice in told
    assert ("为休息日" in told) == any(
        look(CHINA, event.date() + timedelta(days=n + 1), NOW).kind == "rest" for n in range(walked)
    )


def test_every_clock_says_what_its_clause_says():
    """The amounts stand in the facts beside the checkout: no number here was made up."""
    if not FACTS.is_file():
        absent("no ../shared/regime beside the checkout", "Lay the shared folder there.")
    known = {one["id"]: one for one in yaml.safe_load(FACTS.read_text(encoding="utf-8"))}
    for clock in CLOCKS.values():
        numbers = set(_numbers(known[clock.clause]["parameters"]))
        years = {12 * number for number in numbers}
        assert clock.amount in (numbers | years if clock.unit == "months" else numbers), clock.id
        assert clock.confidence == known[clock.clause]["confidence"], clock.id


def _numbers(value):
    match value:
        case bool():
            return
        case int() | float():
            yield value
        case dict():
            for one in value.values():
                yield from _numbers(one)
        case list():
            for one in value:
                yield from _numbers(one)
