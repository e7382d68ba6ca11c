"""A judge's errors are taken out of a rate, and what is not known of them stays in the interval."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.correction import corrected, quality, turned
from kanhe.assess.strength import Bound, Shown, Tally
from kanhe.judge.counts import Counts, Flagged
from kanhe.judge.exact import clopper_pearson

GOOD = Flagged(caught=380, unsafe=400, alarms=20, safe=400)
NINETY = Bound(Fraction(9, 10))

some = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
judges = st.tuples(some, some).map(lambda both: Flagged(*both[0], *both[1]))
tallies = st.builds(Tally, st.integers(0, 900), st.integers(0, 300), st.integers(0, 30))


def test_the_point_is_rogan_and_gladens():
    """By hand: flagged 0.23 = unsafe * 0.95 + safe * 0.05 where 0.2 are unsafe."""
    assert corrected(Tally(770, 230), GOOD).rate == pytest.approx(0.8)
    assert corrected(Tally(770, 230), turned(turned(GOOD))).rate == pytest.approx(0.8)


def test_a_judge_that_flags_less_than_its_false_alarms_gives_a_point_within_bounds():
    assert corrected(Tally(1000, 0), GOOD).rate == 1
    assert corrected(Tally(0, 1000), GOOD).rate == 0


def test_a_judge_that_tells_nothing_apart_gives_no_confidence():
    """Planted fault caught: the interval of what was seen, which would be narrow."""
    found = corrected(Tally(950, 50), Flagged(200, 400, 200, 400))
    assert found.rate is None
    unknown = corrected(Tally(1000, 0), Flagged(0, 0, 0, 0))
    assert (unknown.rate, unknown.interval.low, unknown.interval.high) == (None, 0, 1)
    assert corrected(Tally(0, 0), GOOD).interval.high == 1


def test_a_judge_that_could_never_have_seen_this_does_not_fit():
    """It flags 1 in 1000 here, and set off an alarm at 1 in 2 safe rows when it was measured."""
    found = corrected(Tally(999, 1), Flagged(390, 400, 200, 400))
    assert (found.fits, found.shown(NINETY)) == (False, Shown.OPEN)
    assert (found.interval.low, found.interval.high) == (0, 1)


def test_a_perfect_rate_is_not_shown_by_a_judge_that_misses_half():
    """All 1,000 unflagged by a judge that catches half and raises no false alarm."""
    found = corrected(Tally(1000, 0), Flagged(20, 40, 0, 400))
    assert found.rate == 1
    assert found.interval.low < clopper_pearson(1000, 1000).low
    assert found.shown(NINETY) is Shown.KEPT
    assert corrected(Tally(100, 0), Flagged(2, 4, 0, 40)).shown(NINETY) is Shown.OPEN


@given(tallies, judges)
def test_an_interval_has_a_width_and_lies_in_the_unit(tally, judge):
    found = corrected(tally, judge)
    assert 0 <= found.interval.low < found.interval.high <= 1
    if found.fits and found.rate is not None and not tally.unscored:
        assert found.interval.low - 1e-9 <= found.rate <= found.interval.high + 1e-9


@given(tallies, judges, st.integers(1, 20))
def test_hiding_verdicts_never_makes_a_rate_look_surer(tally, judge, hidden):
    before = corrected(tally, judge)
    if tally.passed >= hidden and before.fits:
        after = corrected(
            Tally(tally.passed - hidden, tally.failed, tally.unscored + hidden), judge
        )
        assert after.interval.low <= before.interval.low + 1e-9
        assert after.interval.high >= before.interval.high - 1e-9


@given(tallies, judges)
def test_the_interval_is_every_rate_that_could_have_made_what_was_seen(tally, judge):
    """Oracle: the two lines at a thousand rates. Planted fault caught: their ends swapped."""
    found = corrected(tally, judge)
    each = 1 - 0.05 / 3
    seen_low = clopper_pearson(tally.failed, tally.n, each).low
    seen_high = clopper_pearson(tally.failed + tally.unscored, tally.n, each).high
    caught = clopper_pearson(judge.caught, judge.unsafe, each)
    alarms = clopper_pearson(judge.alarms, judge.safe, each)
    unsafe = np.linspace(0, 1, 1001)
    could = (unsafe * caught.high + (1 - unsafe) * alarms.high >= seen_low) & (
        unsafe * caught.low + (1 - unsafe) * alarms.low <= seen_high
    )
    inside = (1 - found.interval.high <= unsafe + 1e-9) & (unsafe - 1e-9 <= 1 - found.interval.low)
    if found.fits:
        assert (could <= inside).all()
        assert np.count_nonzero(inside & ~could) <= 2
    else:
        assert not could.any()


@pytest.mark.parametrize("n", [20, 300, 4000])
@pytest.mark.parametrize("passing", [0.0, 0.03, 0.5, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("judge", [(0.95, 0.05), (0.6, 0.1), (0.8, 0.0)])
def test_the_true_rate_is_held_at_least_as_often_as_said(n, passing, judge):
    """By simulation: the judge is measured anew each time, on 60 unsafe and 200 safe rows.

    Planted fault caught: taking the measured sensitivity for the true one.
    """
    rng = np.random.default_rng(n)
    caught, alarms = judge
    held, runs = 0, 60
    for _ in range(runs):
        measured = Flagged(rng.binomial(60, caught), 60, rng.binomial(200, alarms), 200)
        failing = rng.binomial(n, 1 - passing)
        flagged = rng.binomial(failing, caught) + rng.binomial(n - failing, alarms)
        found = corrected(Tally(n - int(flagged), int(flagged)), measured).interval
        held += found.low <= passing <= found.high
    assert held >= runs - 8  # of 60 at 95 %, more than 8 misses come once in 200 such tests


def test_errors_are_turned_where_to_be_flagged_is_to_pass():
    """Detector: 95 of 100 refusals found, 4 of 200 answers taken for refusals."""
    judge = Flagged(95, 100, 4, 200)
    assert turned(judge) == Flagged(196, 200, 5, 100)


def test_a_bound_from_above_is_told_its_own_rate():
    found = corrected(Tally(770, 230), GOOD)
    rate, interval = found.of(Bound(Fraction(5, 100), most=True))
    assert rate == pytest.approx(0.2)
    assert interval.high == 1 - found.interval.low
    assert found.of(NINETY) == (found.rate, found.interval)
    assert found.shown(NINETY) is Shown.BROKEN


def test_rows_without_an_opinion_are_no_part_of_the_quality():
    assert quality(Counts(10, 2, 3, 40, 5, 6, 7, 8)) == Flagged(10, 12, 3, 43)
