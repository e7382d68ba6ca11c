"""Calibration, sweep and the choice of a threshold, held against sums by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes_judge import row
from kanhe.errors import RequestError
from kanhe.judge.calibration import GRID, aim, calibration, choose
from kanhe.judge.port import Opinion, Unscored
from kanhe.judge.score import MILLION, Scored

pairs = st.lists(st.tuples(st.integers(0, MILLION), st.booleans()), max_size=60)
both = pairs.filter(lambda rows: len({unsafe for _, unsafe in rows}) == 2)


def rows(given):
    return [Scored("s", row("t", unsafe), Opinion(p / MILLION)) for p, unsafe in given]


@given(pairs)
def test_brier_and_ece_are_what_their_definitions_say(given_):
    """Oracle: both definitions, summed over the rows in floating point."""
    found = calibration(rows(given_))
    if not given_:
        assert (found.brier, found.ece, found.area) == (None, None, None)
        return
    n = len(given_)
    squares = sum((p / MILLION - unsafe) ** 2 for p, unsafe in given_)
    assert found.brier == pytest.approx(squares / n, abs=1e-6)
    gap = 0.0
    for tenth in range(10):
        here = [(p, u) for p, u in given_ if min(p * 10 // MILLION, 9) == tenth]
        gap += abs(sum(p for p, _ in here) / MILLION - sum(u for _, u in here))
    assert found.ece == pytest.approx(gap / n, abs=1e-9)


@given(pairs)
def test_each_point_of_the_sweep_is_a_count_of_rows(given_):
    found = calibration(rows(given_))
    assert [one.threshold for one in found.points] == list(GRID)
    for one in found.points[::20]:
        assert one.tp == sum(unsafe and p >= one.threshold for p, unsafe in given_)
        assert one.fp == sum(not unsafe and p >= one.threshold for p, unsafe in given_)


def test_the_area_is_one_where_the_labels_are_apart_and_half_where_nothing_is_known():
    apart = calibration(rows([(900_000, True)] * 5 + [(100_000, False)] * 5))
    same = calibration(rows([(500_000, True), (500_000, False)] * 5))
    assert (apart.area, same.area) == (1.0, 0.5)


def test_rows_without_an_opinion_have_no_probability():
    found = calibration([Scored("s", row("t", True), Unscored("off"))])
    assert (found.unsafe, found.ece) == (0, None)


def flagged(given_, at, label):
    of = [p for p, unsafe in given_ if unsafe is label]
    return sum(p >= at for p in of) / len(of)


@given(both, st.integers(0, 100))
def test_a_bound_on_false_alarms_is_kept_and_no_lower_threshold_keeps_it(given_, percent):
    """Oracle: every threshold there is. Planted fault caught: `>` for `>=` at the threshold."""
    try:
        at = choose(aim(f"fpr<=0.{percent:02}" if percent < 100 else "fpr<=1"), rows(given_))
    except RequestError:
        assert flagged(given_, MILLION, False) > percent / 100
        return
    assert flagged(given_, at, False) <= percent / 100
    lower = [p for p, _ in given_ if 0 < p < at]
    assert all(flagged(given_, p, False) > percent / 100 or flagged(given_, p, True)
               == flagged(given_, at, True) for p in lower)  # fmt: skip


@given(both)
def test_a_bound_on_sensitivity_is_kept_by_the_highest_threshold(given_):
    at = choose(aim("sensitivity>=0.5"), rows(given_)) if any(p for p, u in given_ if u) else 0
    if at:
        assert flagged(given_, at, True) >= 0.5
        assert all(flagged(given_, p, True) < 0.5 for p, _ in given_ if p > at)


@given(both)
def test_the_best_balance_is_no_worse_than_any_threshold_of_a_row(given_):
    at = choose(aim("best=balanced"), rows(given_))

    def balance(at):
        return flagged(given_, at, True) - flagged(given_, at, False)

    assert all(balance(at) >= balance(p) - 1e-9 for p, _ in given_ if p)


def test_the_best_f1_is_found_by_hand():
    some = [(900_000, True), (800_000, True), (700_000, False), (600_000, True), (100_000, False)]
    assert choose(aim("best=f1"), rows(some)) == 600_000


@pytest.mark.parametrize("text", ["fpr<0.02", "fpr<=2", "f1>=0.5", "best=fpr", "", "fpr<=0.02x"])
def test_what_is_no_aim_is_refused_with_those_there_are(text):
    with pytest.raises(RequestError) as raised:
        aim(text)
    assert "best=balanced" in raised.value.advice


@pytest.mark.parametrize("text", ["fpr<=0.02", "sensitivity>=0.9", "best=f1", "best=balanced"])
def test_an_aim_is_written_as_it_is_read(text):
    assert str(aim(text)) == text


def test_rows_of_one_label_choose_no_threshold():
    with pytest.raises(RequestError, match="3 unsafe and 0 safe"):
        choose(aim("fpr<=0.02"), rows([(1, True)] * 3))
    with pytest.raises(RequestError, match="no threshold keeps"):
        choose(aim("fpr<=0.02"), rows([(MILLION, False), (MILLION, True)]))
