"""Exact intervals and tests, held against scipy and against sums by hand."""

import math
import statistics

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from kanhe.judge.exact import (
    beta_cdf,
    beta_quantile,
    clopper_pearson,
    difference,
    fisher,
    holm,
    mcnemar,
    mean_interval,
    wilson,
)

counts = st.integers(0, 4000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.975, 0.99, 0.999])


@given(st.floats(0.5, 4000), st.floats(0.5, 4000), st.floats(0, 1))
def test_the_incomplete_beta_is_scipys(a, b, x):
    """Oracle: scipy. Planted faults caught: a fraction cut at 20 terms, a front without its a."""
    assert beta_cdf(a, b, x) == pytest.approx(scipy.stats.beta.cdf(x, a, b), rel=1e-8, abs=1e-10)


@given(st.floats(0.001, 0.999), st.floats(0.5, 3000), st.floats(0.5, 3000))
def test_a_quantile_gives_back_its_probability(p, a, b):
    assert beta_cdf(a, b, beta_quantile(p, a, b)) == pytest.approx(p, rel=1e-7, abs=1e-9)


@given(counts, confidences)
def test_clopper_pearson_is_scipys(count, confidence):
    """Oracle: scipy over n 0..4000. Planted fault caught: the tail not halved."""
    hits, n = count
    found = clopper_pearson(hits, n, confidence)
    if n == 0:
        assert (found.low, found.high) == (0.0, 1.0)
        return
    wanted = scipy.stats.binomtest(hits, n).proportion_ci(confidence, "exact")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@given(counts, confidences)
def test_wilson_is_scipys(count, confidence):
    hits, n = count
    if n:
        found = wilson(hits, n, confidence)
        wanted = scipy.stats.binomtest(hits, n).proportion_ci(confidence, "wilson")
        assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_of_no_rows_nothing_is_known():
    assert wilson(0, 0).high - wilson(0, 0).low == 1


@given(counts, confidences)
def test_no_interval_has_zero_width_and_each_holds_its_point(count, confidence):
    hits, n = count
    for found in (clopper_pearson(hits, n, confidence), wilson(hits, n, confidence)):
        assert 0 <= found.low < found.high <= 1
        assert n == 0 or found.low <= hits / n <= found.high


@pytest.mark.parametrize("n", [1, 7, 40])
@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.93])
def test_clopper_pearson_covers_at_least_as_often_as_it_says(n, rate):
    """Oracle: the whole binomial distribution, summed. Wilson's interval would fail here."""
    covered = sum(
        math.comb(n, k) * rate**k * (1 - rate) ** (n - k)
        for k in range(n + 1)
        if (found := clopper_pearson(k, n)).low <= rate <= found.high
    )
    assert covered >= 0.95


@given(counts, counts)
def test_a_difference_holds_the_one_that_was_seen(first, second):
    found = difference(first, second)
    assert -1 <= found.low < found.high <= 1
    if first[1] and second[1]:
        assert found.low <= first[0] / first[1] - second[0] / second[1] <= found.high


@given(counts, counts)
def test_a_difference_has_the_exact_ends_of_both_at_half_the_error(first, second):
    """Oracle: scipy at 97.5 %. Planted fault caught: 95 % for each."""
    if first[1] and second[1]:
        one, other = (
            scipy.stats.binomtest(*count).proportion_ci(0.975, "exact") for count in (first, second)
        )
        found = difference(first, second)
        wanted = one.low - other.high, one.high - other.low
        assert (found.low, found.high) == pytest.approx(wanted, abs=1e-9)


small = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(small, small)
def test_fishers_test_is_scipys(first, second):
    (a, n), (b, m) = first, second
    if n and m:
        wanted = scipy.stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue
        assert fisher(first, second) == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    else:
        assert fisher(first, second) == pytest.approx(1)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_mcnemars_test_is_the_sign_test(gained, lost):
    n = gained + lost
    wanted = scipy.stats.binomtest(gained, n).pvalue if n else 1.0
    assert mcnemar(gained, lost) == pytest.approx(wanted, rel=1e-7, abs=1e-12)


def test_holm_is_the_textbooks_example_in_its_own_order():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()
    assert holm([0.9, 0.8]) == (1.0, 1.0)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=40))
def test_the_interval_of_a_mean_is_students(values):
    found = mean_interval(values)
    mean = sum(values) / len(values)
    assert found.low < found.high
    assert found.low - 1e-12 <= mean <= found.high + 1e-12
    spread = statistics.stdev(values)
    if spread > 1e-9:
        half = scipy.stats.t.ppf(0.975, len(values) - 1) * spread / math.sqrt(len(values))
        assert found.low == pytest.approx(max(-1, mean - half), abs=1e-9)
        assert found.high == pytest.approx(min(1, mean + half), abs=1e-9)


def test_one_value_says_nothing_of_a_mean_and_equal_ones_little():
    assert mean_interval([0.3]).high - mean_interval([0.3]).low == 2
    found = mean_interval([0.0] * 19)
    assert (found.low, found.high) == (-0.05, 0.05)


@pytest.mark.parametrize(("hits", "n", "confidence"), [(2, 1, 0.9), (-1, 1, 0.9), (0, 1, 95)])
def test_what_is_no_count_is_refused(hits, n, confidence):
    with pytest.raises(ValueError, match="is no"):
        clopper_pearson(hits, n, confidence)
    with pytest.raises(ValueError, match="are no counts"):
        mcnemar(-1, 0)
