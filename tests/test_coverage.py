"""Intervals hold the truth at least as often as they say: by exact sums, for every rate there is.

The oracle is scipy's distributions, summed over all that could have been counted; nothing here is
drawn at random. Where a whole sum would be too large, what is left out counts as a miss.
"""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import scipy.stats

from kanhe.assess.comparison import _bounds, compare
from kanhe.assess.correction import corrected
from kanhe.assess.strength import Bound, Tally, strength
from kanhe.judge.counts import Flagged
from kanhe.judge.exact import clopper_pearson, wilson

CLOSE = 1e-9
LEFT_OUT = 1e-7

binom = scipy.stats.binom


def least_coverage(low, high):
    """Give the least coverage over every rate in [0, 1], and the rate.

    Between two ends of intervals the same counts hold the rate, and its chance has no minimum
    inside: it is enough to look at both sides of each end.
    """
    n = len(low) - 1
    ends = np.unique(np.concatenate([low, high]))
    rates = np.unique(np.clip([ends, ends - 1e-12, ends + 1e-12], 0, 1))
    first = np.searchsorted(high, rates, side="left")  # the fewest counted that reach up to it
    last = np.searchsorted(low, rates, side="right") - 1  # the most that reach down to it
    held = binom.cdf(last, n, rates) - np.where(first > 0, binom.cdf(first - 1, n, rates), 0)
    worst = int(held.argmin())
    return held[worst], rates[worst]


def ends(interval, n, confidence=0.95):
    found = [interval(hits, n, confidence) for hits in range(n + 1)]
    return np.array([one.low for one in found]), np.array([one.high for one in found])


@pytest.mark.parametrize("n", [*range(1, 60), 100, 137, 300, 500, 1000, 2000, 4000])
def test_the_exact_interval_covers_every_rate(n):
    """Planted fault caught: 0.51 of the error in each tail in place of half."""
    low, high = ends(clopper_pearson, n)
    assert least_coverage(low, high)[0] >= 0.95 - CLOSE


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.975, 0.99])
def test_it_does_so_at_other_confidences(confidence):
    for n in (20, 300):
        assert least_coverage(*ends(clopper_pearson, n, confidence))[0] >= confidence - CLOSE


@pytest.mark.parametrize("n", [20, 300, 1000])
def test_the_sum_sees_an_interval_that_covers_too_little(n):
    """What the oracle is worth: Wilson's, right on the average, is caught, and so is the normal."""
    assert least_coverage(*ends(wilson, n))[0] < 0.94
    rate = np.arange(n + 1) / n
    half = 1.96 * np.sqrt(rate * (1 - rate) / n)
    assert least_coverage(rate - half, rate + half)[0] < 0.05


@pytest.mark.parametrize("most", [False, True])
@pytest.mark.parametrize("n", [20, 300])
def test_unscored_items_take_nothing_from_the_coverage(n, most):
    """The worst that can be hidden: of the passed ones, of the failed ones, one in ten of both."""
    bound = Bound(Fraction(5, 100), most=most)
    for hide in ("passed", "failed", "both"):
        found = []
        for hits in range(n + 1):
            passed = hits - (hits // 10 if hide != "failed" else 0)
            failed = n - hits - ((n - hits) // 10 if hide != "passed" else 0)
            found.append(strength(Tally(passed, failed, n - passed - failed), bound).interval)
        low = np.array([1 - one.high if most else one.low for one in found])
        high = np.array([1 - one.low if most else one.high for one in found])
        for rate in (0, 0.001, 0.05, 0.5, 0.9, 0.95, 0.999, 1):
            held = (low <= rate) & (rate <= high)
            assert binom.pmf(np.flatnonzero(held), n, rate).sum() >= 0.95 - CLOSE


@pytest.mark.parametrize("judge", [(0.95, 0.05), (0.6, 0.1), (0.8, 0.0), (1.0, 0.0), (0.5, 0.5)])
@pytest.mark.parametrize("passing", [0.0, 0.5, 0.9, 0.95, 1.0])
def test_the_corrected_interval_covers_whatever_the_judge(passing, judge):
    """Every outcome of a small study: 12 unsafe and 15 safe rows measured, 20 items judged.

    Planted fault caught: taking the measured sensitivity and specificity for the true ones.
    """
    chances, held = _corrected_cells(20, passing, judge, (12, 15))
    assert (chances * held).sum() >= 0.95 - CLOSE


def _corrected_cells(n, passing, judge, rows):
    caught, alarms = judge
    flagging = (1 - passing) * caught + passing * alarms
    unsafe, safe = rows
    seen = binom.pmf(np.arange(n + 1), n, flagging)
    caughts = binom.pmf(np.arange(unsafe + 1), unsafe, caught)
    alarmed = binom.pmf(np.arange(safe + 1), safe, alarms)
    cells = [(seen[f] * caughts[c] * alarmed[a], f, c, a)
             for f, c, a in product(range(n + 1), range(unsafe + 1), range(safe + 1))]  # fmt: skip
    likely = [cell for cell in cells if cell[0] > LEFT_OUT / len(cells)]
    held = []
    for _, f, c, a in likely:
        found = corrected(Tally(n - f, f), Flagged(c, unsafe, a, safe)).interval
        held.append(found.low - CLOSE <= passing <= found.high + CLOSE)
    return np.array([chance for chance, *_ in likely]), np.array(held)


@pytest.mark.parametrize("n", [20, 300, 1000, 4000])
@pytest.mark.parametrize("passing", [0.0, 0.03, 0.5, 0.9, 0.97, 1.0])
@pytest.mark.parametrize("judge", [(0.95, 0.05), (0.6, 0.1), (0.8, 0.0)])
def test_it_does_so_in_studies_of_any_size(n, passing, judge):
    """60 unsafe and 200 safe rows: a rate is held if the two lines meet what was flagged.

    That this is what `corrected` does, tests/test_correction.py shows at a thousand rates.
    """
    caught, alarms = judge
    unsafe, each = 1 - passing, 1 - 0.05 / 3
    seen = ends(clopper_pearson, n, each)
    catching, alarming = ends(clopper_pearson, 60, each), ends(clopper_pearson, 200, each)
    most = unsafe * catching[1][:, None] + passing * alarming[1][None, :]
    fewest = unsafe * catching[0][:, None] + passing * alarming[0][None, :]
    flagging = unsafe * caught + passing * alarms
    last = np.searchsorted(seen[0], most + CLOSE, side="right") - 1
    first = np.searchsorted(seen[1], fewest - CLOSE, side="left")
    held = binom.cdf(last, n, flagging) - binom.cdf(first - 1, n, flagging)
    chances = (binom.pmf(np.arange(61), 60, caught)[:, None]
               * binom.pmf(np.arange(201), 200, alarms)[None, :])  # fmt: skip
    assert (chances * np.clip(held, 0, 1)).sum() >= 0.95 - CLOSE


CHANGES = [(0.0, 0.0), (0.5, 0.5), (0.1, 0.3), (0.0, 0.2), (0.01, 0.0), (1.0, 0.0), (0.05, 0.05)]


@pytest.mark.parametrize("change", CHANGES)
def test_the_bounds_of_a_comparison_cover_the_change(change):
    """Every way in which 20 items can come out twice."""
    gained, lost = change
    assert _change_held(20, gained, lost, _compared) >= 0.95 - CLOSE


@pytest.mark.parametrize("n", [60, 300, 1000, 4000])
@pytest.mark.parametrize("change", [(0.0, 0.0), (0.005, 0.01), (0.0, 0.02), (0.004, 0.004)])
def test_they_do_so_in_runs_of_any_size(n, change):
    """Directly, as pairing 4,000 items thousands of times would take minutes."""
    gained, lost = change
    assert _change_held(n, gained, lost, lambda g, x: _bounds(g, x, n, 0.95)) >= 0.95 - CLOSE


def _compared(gained, lost):
    pairs = [(False, True)] * gained + [(True, False)] * lost + [(True, True)] * 20
    first, second = ({str(at): one[side] for at, one in enumerate(pairs[:20])} for side in (0, 1))
    return compare(first, second).bounds


def _change_held(n, gained, lost, bounds):
    """Sum over how many were gained, and how many of the rest were lost."""
    law = binom(n, gained)
    total = 0.0
    for g in range(n + 1):
        if (chance := law.pmf(g)) < LEFT_OUT / 1000:
            continue
        rest = binom(n - g, min(1.0, lost / (1 - gained)) if gained < 1 else 0.0)
        for x in range(n - g + 1):
            if (both := chance * rest.pmf(x)) < LEFT_OUT / 1000:
                if x > rest.mean():
                    break
                continue
            found = bounds(g, x)
            total += both * (found.low - CLOSE <= gained - lost <= found.high + CLOSE)
    return total
