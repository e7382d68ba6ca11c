"""Two runs are compared item by item, and only what has a verdict in both."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.comparison import compare

verdicts = st.dictionaries(
    st.integers(0, 40).map(str), st.sampled_from([True, False, None]), max_size=40
)


def runs(both=0, neither=0, gained=0, lost=0):
    pairs = [
        *[(True, True)] * both, *[(False, False)] * neither,
        *[(False, True)] * gained, *[(True, False)] * lost,
    ]  # fmt: skip
    return tuple({f"i{at}": pair[side] for at, pair in enumerate(pairs)} for side in (0, 1))


def test_items_are_told_by_what_became_of_them():
    first = {"a": True, "b": False, "c": True, "d": None, "e": True, "g": False}
    second = {"a": False, "b": True, "c": True, "d": True, "f": True, "g": False}
    found = compare(first, second)
    assert (found.gained, found.lost, found.apart) == (("b",), ("a",), ("d", "e", "f"))
    assert (found.both, found.neither, found.compared, found.change) == (1, 1, 4, 0.0)


@given(verdicts, verdicts)
def test_every_item_is_counted_once(first, second):
    found = compare(first, second)
    assert found.compared + len(found.apart) == len(first.keys() | second.keys())
    back = compare(second, first)
    assert (back.gained, back.lost, back.p) == (found.lost, found.gained, found.p)
    assert -1 <= found.bounds.low < found.bounds.high <= 1
    assert found.bounds.low <= found.change <= found.bounds.high


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (20, 30), (3, 14), (40, 12), (0, 6)])
def test_the_test_is_mcnemars_and_is_not_moved_by_items_that_did_not_change(gained, lost):
    """Oracle: scipy's sign test. Planted fault caught: a test of the two rates, unpaired."""
    n = gained + lost
    wanted = scipy.stats.binomtest(gained, n).pvalue if n else 1.0
    for others in (0, 900):
        found = compare(*runs(both=others, neither=others, gained=gained, lost=lost))
        assert found.p == pytest.approx(wanted)
        assert found.worse == (wanted <= 0.05 and lost > gained)
        assert found.better == (wanted <= 0.05 and gained > lost)


def test_no_change_at_all_leaves_a_width():
    found = compare(*runs(both=300))
    assert found.bounds.low < 0 < found.bounds.high
    assert (found.p, found.worse, found.better) == (1, False, False)


def test_of_nothing_compared_nothing_is_known():
    found = compare({"a": True}, {"b": True})
    assert (found.bounds.low, found.bounds.high, found.p) == (-1, 1, 1)


@pytest.mark.parametrize("chances", [(0.9, 0.0, 0.0), (0.5, 0.1, 0.02), (0.0, 0.0, 1.0)])
@pytest.mark.parametrize("n", [20, 300])
def test_the_change_is_held_at_least_as_often_as_said(chances, n):
    """By simulation. Planted fault caught: the point of one factor for its interval."""
    both, gained, lost = chances
    rng = np.random.default_rng(n)
    held = 0
    for b, g, x, rest in rng.multinomial(n, [both, gained, lost, 1 - sum(chances)], 100):
        found = compare(*runs(both=b, gained=g, lost=x, neither=rest)).bounds
        held += found.low <= gained - lost <= found.high
    assert held >= 90


def test_where_all_that_changed_was_lost_the_bounds_say_so():
    """Two intervals of the rates, each by itself, would reach over 0 here."""
    assert compare(*runs(both=28, lost=12)).bounds.high < 0
