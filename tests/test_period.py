"""Spans of days and the two times of law, against counting the days one by one.

Planted faults that these were seen to catch: `until` taken for the last day; an open end taken for
one that overlaps nothing; versions compared by one of their two times alone.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.law.period import ALWAYS, Period, Validity

FIRST = date(2026, 1, 1)
WINDOW = [FIRST + timedelta(days=n) for n in range(-3, 12)]
"""Longer than any bounded span below by days on both sides, so that open ends show."""

bounds = st.none() | st.integers(0, 8)


@st.composite
def periods(draw):
    start = draw(bounds)
    end = draw(st.none() | st.integers((start or 0) + 1, 9))
    return Period(*(None if n is None else FIRST + timedelta(days=n) for n in (start, end)))


def days_of(period):
    """Say it with ordinals: which days of the window are in it."""
    low = period.start.toordinal() if period.start else 0
    high = period.end.toordinal() if period.end else 10**9
    return {day for day in WINDOW if day.toordinal() in range(low, high)}


@given(periods())
def test_a_span_holds_from_its_start_on_and_before_its_end(period):
    assert {day for day in WINDOW if period.holds(day)} == days_of(period)


@given(periods(), periods())
def test_spans_overlap_if_a_day_is_in_both(one, other):
    assert one.overlaps(other) is other.overlaps(one) is bool(days_of(one) & days_of(other))


@given(periods(), periods(), periods(), periods())
def test_versions_overlap_if_one_question_has_two_answers(force, known, other, later):
    one, two = Validity(force, known), Validity(other, later)
    both = [(d, k) for d in WINDOW for k in WINDOW if one.holds(d, k) and two.holds(d, k)]
    assert one.overlaps(two) is bool(both)


def test_spans_that_follow_each_other_share_no_day_and_leave_none_between():
    turn = date(2026, 7, 24)
    before, after = Period(end=turn), Period(turn)
    assert not before.overlaps(after)
    assert [before.holds(turn - timedelta(days=1)), after.holds(turn)] == [True, True]
    assert [before.holds(turn), after.holds(turn - timedelta(days=1))] == [False, False]


@pytest.mark.parametrize("days", [0, -1])
def test_a_span_without_a_day_is_refused(days):
    with pytest.raises(ValueError, match="not after its start"):
        Period(FIRST, FIRST + timedelta(days=days))


def test_every_day_is_in_always():
    assert all(map(ALWAYS.holds, WINDOW))
    assert Validity().holds(date.min, date.max)
