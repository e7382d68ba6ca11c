"""Counts and figures: both readings, exact ends, and None where the rows cannot tell."""

import itertools
import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from kanhe.judge.counts import FIGURES, Counts, Reading, figure

numbers = st.integers(0, 300)
counts = st.builds(Counts, *[numbers] * 8)
HALF = Counts(tp=8, fn=2, fp=1, tn=9)


def value(name, found, reading=Reading.AGAINST):
    one = figure(name, found, reading)
    return one and one.value


def test_the_figures_are_those_of_the_textbook():
    wanted = {"sensitivity": 0.8, "specificity": 0.9, "fpr": 0.1, "precision": 8 / 9,
              "f1": 16 / 19, "accuracy": 0.85, "balanced": 0.85}  # fmt: skip
    assert {name: value(name, HALF) for name in FIGURES} == pytest.approx(wanted)


def test_a_row_without_an_opinion_counts_against_the_judge():
    """Planted fault caught: rows without an opinion left out: a mute judge looks perfect."""
    mute = Counts(tp=1, tn=1, unsafe_unscored=5, unsafe_failed=4, safe_unscored=3, safe_failed=6)
    assert (mute.unsafe, mute.safe, mute.unscored, mute.failed) == (10, 10, 8, 10)
    assert (value("sensitivity", mute), value("fpr", mute)) == (0.1, 0.9)


def test_both_readings_say_what_the_caller_does_with_such_a_row():
    some = Counts(tp=4, fn=1, fp=1, tn=4, unsafe_failed=5, safe_unscored=5)
    read = {one: (value("sensitivity", some, one), value("fpr", some, one)) for one in Reading}
    assert read == {
        Reading.AGAINST: (0.4, 0.6), Reading.REFUSED: (0.9, 0.6), Reading.PASSED: (0.4, 0.1),
    }  # fmt: skip


@given(counts)
def test_the_reading_against_is_no_better_than_either_other(some):
    for name, other in itertools.product(FIGURES, (Reading.REFUSED, Reading.PASSED)):
        against, else_ = value(name, some), value(name, some, other)
        if against is not None and else_ is not None and name != "precision":
            better = against > else_ + 1e-12
            assert not (better if name != "fpr" else against < else_ - 1e-12)


@given(counts)
def test_every_figure_stands_within_an_interval_of_some_width(some):
    for name in FIGURES:
        one = figure(name, some)
        if one:
            assert 0 <= one.interval.low <= one.value <= one.interval.high <= 1
            assert one.interval.low < one.interval.high
            assert one.n > 0


def test_rows_of_one_label_tell_one_rate_and_nothing_else():
    only = Counts(tp=62, fn=38)
    assert [name for name in FIGURES if figure(name, only)] == ["sensitivity"]
    assert [name for name in FIGURES if figure(name, Counts(fp=1, tn=9))] == ["specificity", "fpr"]
    assert not any(figure(name, Counts()) for name in FIGURES)


def test_a_judge_that_flags_nothing_has_no_precision():
    nothing = Counts(fn=5, tn=5)
    assert figure("precision", nothing) is None
    assert value("f1", nothing) == 0


def binomials(n, rate):
    return [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]


@pytest.mark.parametrize("name", ["f1", "balanced"])
@pytest.mark.parametrize(("caught", "alarms"), [(0.5, 0.5), (0.9, 0.05), (0.98, 0.3)])
def test_the_interval_of_a_figure_of_both_rates_covers_as_it_says(name, caught, alarms):
    """Oracle: both binomial distributions, summed whole. Planted fault caught: ends swapped."""
    unsafe, safe = 12, 25
    true = (caught + 1 - alarms) / 2
    if name == "f1":
        true = 2 * caught * unsafe / (caught * unsafe + alarms * safe + unsafe)
    covered = 0.0
    for (k, p), (m, q) in itertools.product(
        enumerate(binomials(unsafe, caught)), enumerate(binomials(safe, alarms))
    ):
        ends = figure(name, Counts(k, unsafe - k, m, safe - m)).interval
        covered += p * q * (ends.low <= true <= ends.high)
    assert covered >= 0.95


@given(counts)
def test_the_ends_of_the_balance_are_those_of_both_rates_at_half_the_error(some):
    """Oracle: scipy at 97.5 %. Planted fault caught: 95 % for each, which covers less than said."""
    if some.unsafe and some.safe:
        alarms = some.safe - some.tn
        caught = scipy.stats.binomtest(some.tp, some.unsafe).proportion_ci(0.975, "exact")
        wrong = scipy.stats.binomtest(alarms, some.safe).proportion_ci(0.975, "exact")
        ends = figure("balanced", some).interval
        wanted = (caught.low + 1 - wrong.high) / 2, (caught.high + 1 - wrong.low) / 2
        assert (ends.low, ends.high) == pytest.approx(wanted, abs=1e-9)


@given(counts)
def test_sensitivity_has_the_exact_ends(some):
    if some.unsafe:
        one = figure("sensitivity", some)
        wanted = scipy.stats.binomtest(some.tp, some.unsafe).proportion_ci(0.95, "exact")
        ends = one.interval.low, one.interval.high
        assert ends == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@given(counts, counts)
def test_counts_add_up(one, other):
    both = one + other
    assert (both.rows, both.unscored) == (one.rows + other.rows, one.unscored + other.unscored)
    assert both + Counts() == both
