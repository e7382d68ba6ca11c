"""Strikes: when repeated violations suspend, against a count made from scratch."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.people.strikes import NONE, StrikeRule, clean, stale, struck, suspended_until

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = StrikeRule(3, 5, timedelta(hours=24), "Asia/Shanghai", "cn-bsr-7-5")


def after(steps, rule=RULE, start=NOW):
    """Play steps a minute apart: `x` a violation, `.` a clean exchange."""
    record = NONE
    for number, step in enumerate(steps):
        now = start + number * MINUTE
        record = struck(record, rule, now) if step == "x" else clean(record)
    return record, start + len(steps) * MINUTE


@pytest.mark.obligation("cn-bsr-7-5")
@pytest.mark.parametrize(
    ("steps", "suspended"),
    [
        ("", False),
        ("xx", False),
        ("xxx", True),
        ("xx.x", False),
        ("xx.xx", False),
        ("xx.xx.x", True),
        ("x.x.x.x.x", True),
        ("x.x.x.x.", False),
    ],
)
def test_three_in_a_row_or_five_on_a_day_suspend(steps, suspended):
    record, now = after(steps)
    assert (suspended_until(record, now) is not None) is suspended


@pytest.mark.obligation("cn-bsr-7-5")
def test_the_day_is_the_calendar_day_of_the_regime():
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # in Shanghai
    record, _ = after("x.x.x.x.", start=midnight - 8 * MINUTE)
    assert record.on_day == 4
    record = struck(record, RULE, midnight)
    assert (record.on_day, record.until) == (1, None)


def test_a_suspension_ends_at_its_instant_and_the_row_begins_anew():
    record, _ = after("xxx")
    end = NOW + 2 * MINUTE + timedelta(hours=24)
    assert suspended_until(record, end - MINUTE) == end
    assert suspended_until(record, end) is None
    again = struck(record, RULE, end)
    assert (again.row, again.until) == (1, None)


def test_a_violation_during_a_suspension_neither_counts_nor_prolongs():
    record, now = after("xxx")
    assert struck(record, RULE, now) == record


def test_a_day_that_goes_on_after_a_short_suspension_keeps_its_count():
    rule = StrikeRule(3, 5, MINUTE, "Asia/Shanghai", "")
    record, now = after("x.x.x.x.x", rule)
    record = struck(record, rule, now + MINUTE)
    assert suspended_until(record, now + MINUTE) is not None


def test_a_clock_set_back_opens_no_new_day():
    record, now = after("x.x.x.x.")
    back = struck(record, RULE, now - timedelta(days=2))
    assert back.on_day == 5


def test_a_record_is_stale_when_nothing_in_it_can_matter():
    record, now = after("x.")
    assert not stale(record, RULE, now)
    assert stale(record, RULE, now + timedelta(days=1))
    row, _ = after("x")
    assert not stale(row, RULE, now + timedelta(days=9))
    assert stale(NONE, RULE, now)


# Few gaps, so that midnights, ends of suspensions and rows fall on each other in many examples;
# the pinned ones are those that random search finds too seldom.
steps = st.lists(
    st.tuples(st.sampled_from("xxx."), st.sampled_from([0, 1, 180, 480, 1440])), max_size=30
)
FIVE_ON_A_DAY = [("x", 0), ("x", 0), (".", 0), ("x", 0), ("x", 0), (".", 0), ("x", 0)]
ACROSS_MIDNIGHT = [("x", 0), ("x", 0), (".", 0), ("x", 0), ("x", 0), (".", 0), ("x", 800)]
AFTER_A_SUSPENSION = [("x", 0), ("x", 0), ("x", 0), ("x", 1440)]


@given(steps)
@example(FIVE_ON_A_DAY)
@example(ACROSS_MIDNIGHT)
@example(AFTER_A_SUSPENSION)
def test_suspensions_are_those_that_counting_from_scratch_gives(steps):
    """Planted faults it catches: a clean exchange that ends the day, the day of UTC instead of the
    regime's, a row that a suspension does not end, a strike that prolongs a suspension, four in a
    row instead of three, a suspension that still holds at the instant of its end."""
    record, now, history = NONE, NOW, []
    for step, minutes in steps:
        now += minutes * MINUTE
        history.append((step, now))
        record = struck(record, RULE, now) if step == "x" else clean(record)
        assert suspended_until(record, now) == counted(history)


def counted(history):
    """The end of the suspension at the last instant: all of the history, counted over again."""
    end, row, counts = None, 0, {}
    for step, at in history:
        if step == ".":
            row = 0
            continue
        if end and at < end:
            continue
        day = (at + timedelta(hours=8)).date()
        row, counts[day] = row + 1, counts.get(day, 0) + 1
        if row == 3 or counts[day] >= 5:
            end, row = at + timedelta(hours=24), 0
    return end if end and history[-1][1] < end else None
