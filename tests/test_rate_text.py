from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.assess.strength import Bound, Tally, strength
from kanhe.judge.exact import Interval
from kanhe.report.rate_text import bound, chance, points_span, rate, share, span

BOUND = Fraction(9, 10)
counts = st.integers(1, 4000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def said(text):
    return Fraction(text.rstrip("%")) / 100


@given(counts)
@example((2249, 2500))
@example((2251, 2500))
def test_no_rounding_carries_a_rate_over_its_bound(pair):
    """Planted: one digit always; 89.96 % then reads as 90.0 %, which keeps the bound."""
    value = Fraction(*pair)
    told = said(share(value, BOUND))
    assert (told < BOUND, told > BOUND) == (value < BOUND, value > BOUND)


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_interval_is_never_told_narrower_than_it_is(one, other):
    """Planted: ends rounded to the nearest."""
    low, high = min(one, other), max(one, other)
    first, last = (said(end) for end in span(Interval(low, high)).split("–"))
    assert float(first) <= low + 1e-9
    assert float(last) >= high - 1e-9


@pytest.mark.parametrize(
    ("p", "told"),
    [(0.00001, "p < 0.0001"), (0.0412, "p = 0.042"), (0.0501, "p = 0.051"), (1.0, "p = 1.00")],
)
def test_a_chance_is_rounded_upwards(p, told):
    assert chance(p) == told


def test_a_bound_from_above_speaks_of_what_went_wrong():
    most = Bound(Fraction(5, 100), most=True)
    assert bound(most) == "≤ 5%"
    assert rate(strength(Tally(57, 3), most)) == "5.0%"
    assert rate(strength(Tally(0, 0), most)) == "—"


def test_changes_have_a_true_minus_sign():
    assert points_span(Interval(-0.0301, 0.01)) == "−3.1 … +1.0"
