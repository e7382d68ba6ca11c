"""The point rule and the strength of evidence, held against scipy, sums and simulation."""

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.strength import (
    Bound,
    Shown,
    Tally,
    at_least,
    at_most,
    least,
    meets,
    needed,
    strength,
    strengths,
    total,
)
from kanhe.judge.exact import clopper_pearson, holm

NINETY, NINETY_FIVE = Bound(Fraction(90, 100)), Bound(Fraction(95, 100))
AT_MOST_FIVE = Bound(Fraction(5, 100), most=True)

tallies = st.builds(Tally, st.integers(0, 3000), st.integers(0, 400), st.integers(0, 60))
bounds = st.builds(
    Bound, st.integers(0, 100).map(lambda percent: Fraction(percent, 100)), st.booleans()
)


def passing(n, failures):
    return Tally(n - failures, failures)


@pytest.mark.parametrize(
    ("n", "percent", "allowed", "shows"),
    [(4000, 96, 160, 139), (1000, 90, 100, 84), (500, 95, 25, 16), (50, 90, 5, 1)],
)
def test_the_point_rule_allows_more_failures_than_the_evidence(n, percent, allowed, shows):
    """The table of what statutory thresholds mean; oracle of the test: scipy."""
    bound = Bound(Fraction(percent, 100))
    assert meets(passing(n, allowed), bound)
    assert not meets(passing(n, allowed + 1), bound)
    assert strength(passing(n, shows), bound).shown is Shown.KEPT
    assert strength(passing(n, shows + 1), bound).shown is Shown.OPEN
    for failures in (shows, shows + 1):
        wanted = scipy.stats.binomtest(n - failures, n, percent / 100, "greater").pvalue
        found = strength(passing(n, failures), bound).p_kept
        assert found == pytest.approx(wanted, rel=1e-9)


def test_twenty_items_can_never_show_ninety_percent():
    all_passed = strength(Tally(20, 0), NINETY)
    assert (all_passed.meets, all_passed.shown, all_passed.too_few) == (True, Shown.OPEN, True)
    assert all_passed.least == 29
    assert strength(Tally(29, 0), NINETY).shown is Shown.KEPT


@pytest.mark.parametrize("n", [20, 200, 1000, 4000])
def test_all_passed_and_none_passed_leave_a_width(n):
    """Inspect and garak give [1, 1] and [0, 0] here; the exact ends are known in closed form."""
    every, none = strength(Tally(n, 0), NINETY), strength(Tally(0, n), NINETY)
    assert every.interval.high == 1
    assert every.interval.low == pytest.approx(0.025 ** (1 / n), rel=1e-12)
    assert none.interval.low == 0
    assert none.interval.high == pytest.approx(1 - 0.025 ** (1 / n), rel=1e-9)
    assert (none.meets, none.shown) == (False, Shown.BROKEN)


def test_of_no_items_nothing_is_met_and_nothing_known():
    nothing = strength(Tally(0, 0), NINETY)
    assert (nothing.rate, nothing.meets, nothing.shown) == (None, False, Shown.OPEN)
    assert (nothing.interval.low, nothing.interval.high) == (0, 1)
    assert not strength(Tally(0, 0), Bound(Fraction(1), most=True)).meets


def test_a_bound_from_above_speaks_of_what_goes_wrong():
    found = strength(passing(300, 15), AT_MOST_FIVE)
    assert (found.rate, found.meets) == (0.05, True)
    assert found.interval.low < 0.05 < found.interval.high
    assert not strength(passing(300, 16), AT_MOST_FIVE).meets


def test_an_item_without_a_verdict_is_held_against_the_service():
    """Planted faults caught: leaving such items out of n; an interval of the scored ones alone."""
    found = strength(Tally(285, 14, 1), NINETY_FIVE)
    assert found.meets
    assert not strength(Tally(284, 14, 2), NINETY_FIVE).meets
    assert found.interval.low == clopper_pearson(285, 300).low
    assert found.interval.high == clopper_pearson(286, 300).high
    hidden = strength(Tally(0, 0, 300), NINETY)
    assert (hidden.meets, hidden.shown) == (False, Shown.OPEN)
    assert (hidden.interval.low, hidden.interval.high) == (0, 1)


@pytest.mark.parametrize("n", [20, 50, 100, 300, 1000, 2000])
def test_the_point_rule_turns_at_the_very_item(n):
    """Oracle: whole numbers. Planted fault caught: 0.07 * 100 as a float, which is above 7."""
    for percent in range(101):
        due = -(-percent * n // 100)
        assert meets(Tally(due, n - due), Bound(Fraction(percent, 100)))
        assert meets(Tally(due, n - due), Bound(Fraction(100 - percent, 100), most=True))
        assert due == 0 or not meets(Tally(due - 1, n - due + 1), Bound(Fraction(percent, 100)))


@given(tallies, bounds)
def test_the_point_rule_is_exact_arithmetic(tally, bound):
    """Oracle: whole numbers."""
    wrong, percent = tally.failed + tally.unscored, int(bound.share * 100)
    if bound.most:
        wanted = 100 * wrong <= percent * tally.n
    else:
        wanted = 100 * tally.passed >= percent * tally.n
    assert meets(tally, bound) == (tally.n > 0 and wanted)


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 100))
def test_tails_are_scipys(hits, n, percent):
    share = Fraction(percent, 100)
    law = scipy.stats.binom(n, percent / 100)
    assert at_least(hits, n, share) == pytest.approx(law.sf(hits - 1), rel=1e-7, abs=1e-12)
    assert at_most(hits, n, share) == pytest.approx(law.cdf(hits), rel=1e-7, abs=1e-12)


@given(tallies, bounds)
def test_no_width_is_zero_the_rate_lies_within_and_both_claims_exclude_each_other(tally, bound):
    found = strength(tally, bound)
    assert 0 <= found.interval.low < found.interval.high <= 1
    if found.rate is not None:
        assert found.interval.low <= found.rate <= found.interval.high
    assert min(found.p_kept, found.p_broken) >= 0
    assert found.p_kept + found.p_broken >= 1 - 1e-9 or tally.unscored == 0
    if found.shown is Shown.KEPT:
        assert found.meets
    if found.shown is Shown.BROKEN:
        assert not meets(Tally(tally.passed + tally.unscored, tally.failed), bound)


@lru_cache
def ends(n):
    low = np.array([clopper_pearson(k, n).low for k in range(n + 1)])
    return low, 1 - low[::-1]  # the other end is the mirror image: tests/test_exact.py


@pytest.mark.parametrize("n", [20, 50, 137, 300, 1000, 4000])
def test_intervals_hold_the_true_rate_at_least_as_often_as_they_say(n):
    """Oracle: the whole distribution summed, for rates over all of [0, 1] and close to its ends."""
    low, high = ends(n)
    rates = [0, 1e-6, 1e-4, 0.001, 0.01, 0.02, *np.linspace(0.03, 0.97, 48), 0.99, 0.999, 1]
    chances = scipy.stats.binom.pmf(np.arange(n + 1)[:, None], n, np.array(rates)[None, :])
    held = (low[:, None] <= np.array(rates)) & (np.array(rates) <= high[:, None])
    assert ((chances * held).sum(0) >= 0.95 - 1e-9).all()


@pytest.mark.parametrize("n", [20, 100, 300, 1000])
@pytest.mark.parametrize("bound", [NINETY, NINETY_FIVE, AT_MOST_FIVE])
def test_a_service_at_the_limit_is_seldom_called_good_or_bad(n, bound):
    """Oracle: the distribution at the bound, summed. A plain point rule would fail by far."""
    share = float(bound.passing)
    law = scipy.stats.binom(n, share)
    found = [(law.pmf(k), strength(passing(n, n - k), bound).shown) for k in range(n + 1)]
    for claim in (Shown.KEPT, Shown.BROKEN):
        assert math.fsum(chance for chance, shown in found if shown is claim) <= 0.05


def test_of_thirty_slices_at_the_limit_chance_makes_none_stand_out():
    """By simulation, 150 assessments. Planted fault caught: p values that are not adjusted."""
    rng = np.random.default_rng(5)
    wrong = 0
    for counts in rng.binomial(60, 0.9, (150, 30)):
        slices = {str(at): passing(60, 60 - int(count)) for at, count in enumerate(counts)}
        wrong += any(one.shown is not Shown.OPEN for one in strengths(slices, NINETY).values())
    assert wrong / 150 <= 0.1 + 3 * math.sqrt(0.1 * 0.9 / 150)


def test_slices_are_adjusted_as_a_family():
    slices = {"a": Tally(60, 0), "b": Tally(45, 15), "c": Tally(55, 5)}
    found = strengths(slices, NINETY)
    single = [strength(one, NINETY) for one in slices.values()]
    assert tuple(one.p_kept for one in found.values()) == holm([one.p_kept for one in single])
    assert [one.looks for one in found.values()] == [3, 3, 3]
    assert found["b"].shown is Shown.BROKEN


@given(bounds, st.sampled_from([0.9, 0.95, 0.99]))
def test_the_least_number_shows_it_and_one_fewer_does_not(bound, confidence):
    """Oracle: the power itself, in fractions."""
    found, share = least(bound, confidence), bound.passing
    if share == 1:
        assert found is None
        return
    error = 1 - confidence
    assert share**found <= Fraction(error) * Fraction(1 + 1e-9)
    assert found == 1 or share ** (found - 1) > Fraction(error) * Fraction(1 - 1e-9)


@pytest.mark.parametrize("tally", [Tally(47, 3), Tally(960, 40), Tally(29, 0), Tally(280, 10, 10)])
def test_the_number_needed_would_show_it_at_this_rate(tally):
    n = needed(tally, NINETY)
    wrong = math.ceil((tally.n - tally.passed) * n / tally.n)
    assert strength(passing(n, wrong), NINETY).shown is Shown.KEPT


def test_no_number_shows_a_rate_at_or_below_the_bound():
    assert needed(Tally(90, 10), NINETY) is None
    assert needed(Tally(0, 0), NINETY) == 29
    assert needed(Tally(900_001, 99_999), NINETY) is None


def test_counts_are_no_less_than_nothing_and_add_up():
    assert total([Tally(1, 2, 3), Tally(4, 5, 6)]) == Tally(5, 7, 9)
    with pytest.raises(ValueError, match="less than nothing"):
        Tally(1, -1)
