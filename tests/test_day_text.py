from datetime import UTC, date, datetime

import pytest

from kanhe.law.day_text import day_text, instant_text, runs, runs_text


def test_a_day_is_written_as_people_write_it():
    assert day_text(date(2026, 11, 22)).zh == "2026年11月22日（周日）"
    assert day_text(date(2026, 11, 22)).en == "Sunday 22 November 2026"


def test_an_instant_has_seconds_only_where_there_are_some():
    assert instant_text(datetime(2026, 11, 22, 9, 5, tzinfo=UTC)).zh.endswith("09:05")
    assert instant_text(datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)).en.endswith("09:05:07")


def test_days_that_follow_each_other_are_one_run():
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 3)]
    assert list(runs(days)) == [(days[0], days[1]), (days[2], days[2])]
    assert list(runs([])) == []


@pytest.mark.parametrize(
    ("spans", "zh", "en"),
    [
        ([((2026, 5, 1), (2026, 5, 1))], "2026年5月1日", "1 May 2026"),
        ([((2026, 5, 1), (2026, 5, 5))], "2026年5月1日至5日", "1 to 5 May 2026"),
        (
            [((2026, 4, 30), (2026, 5, 2)), ((2026, 5, 4), (2026, 5, 4))],
            "2026年4月30日至5月2日、4日",
            "30 April to 2 May, 4 May 2026",
        ),
        (
            [((2026, 12, 30), (2027, 1, 2)), ((2027, 1, 4), (2027, 1, 5))],
            "2026年12月30日至2027年1月2日、4日至5日",
            "30 December 2026 to 2 January, 4 to 5 January 2027",
        ),
        (
            [((2026, 12, 30), (2026, 12, 31)), ((2027, 1, 4), (2027, 1, 5))],
            "2026年12月30日至31日、2027年1月4日至5日",
            "30 to 31 December 2026, 4 to 5 January 2027",
        ),
    ],
)
def test_runs_say_month_and_year_once(spans, zh, en):
    written = runs_text([(date(*first), date(*last)) for first, last in spans])
    assert (written.zh, written.en) == (zh, en)
