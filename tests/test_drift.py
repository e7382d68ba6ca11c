"""Drift: a planted change is found, chance is not, and other rows are not compared."""

import random

import pytest
import scipy.stats

from fakes_judge import FakeJudge, labelled, measured, row, said
from kanhe.errors import RequestError
from kanhe.judge.drift import compare
from kanhe.judge.port import Unscored

SETS = (
    labelled("a", *(row(f"a{n} 0.9", True) for n in range(60)),
             *(row(f"a{n} 0.1", False) for n in range(60))),
    labelled("b", *(row(f"b{n} 0.9", True) for n in range(60))),
)  # fmt: skip
ROWS = {one.sha256: one.rows for one in SETS}
BEFORE = measured(FakeJudge(said), *SETS)


def after(flips, version="2"):
    """Measure again; each row comes out otherwise where `flips(question)` says so."""

    def thinks(question):
        p = said(question)
        return 1 - p if flips(question) else p

    return measured(FakeJudge(thinks, version=version), *SETS)


def test_a_judge_that_did_not_change_did_not_move():
    found = compare(BEFORE, measured(FakeJudge(said), *SETS), ROWS)
    assert found.moved == ()
    assert found.same_hash
    assert {(one.figure, one.set, one.n) for one in found.moves} == {
        ("sensitivity", "a", 60), ("fpr", "a", 60), ("sensitivity", "b", 60),
        ("sensitivity", "", 120), ("fpr", "", 60),
    }  # fmt: skip


def test_a_planted_loss_is_found_where_it_is():
    found = compare(BEFORE, after(lambda one: one.text.startswith("b1")), ROWS)
    assert [one.name for one in found.moved] == ["sensitivity of b", "sensitivity of all sets"]
    one = found.moved[0]
    assert (one.before, one.after, one.gained, one.lost) == (60, 49, 0, 11)
    assert one.p == pytest.approx(scipy.stats.binomtest(0, 11).pvalue * 5)
    assert not found.same_hash


def test_rows_that_change_places_are_told_although_no_figure_moves():
    """Planted: half of the rows change places with the other half."""
    half = labelled("h", *(row(f"h{n} 0.{9 if n % 2 else 1}", True) for n in range(80)))
    first, rows = measured(FakeJudge(said), half), {half.sha256: half.rows}
    for version, broken in (("2", False), ("1", True)):
        swapped = FakeJudge(lambda one: 1 - said(one), version=version)
        found = compare(first, measured(swapped, half), rows)
        (one,) = found.moves
        assert (one.before, one.after, one.gained, one.lost) == (40, 40, 40, 40)
        assert (found.moved, found.changed, found.broken) == ((), 80, broken)


def test_one_row_of_noise_is_no_drift():
    assert compare(BEFORE, after(lambda one: one.text == "a1 0.9"), ROWS).moved == ()


def test_chance_is_hardly_ever_taken_for_a_drift():
    """A judge that rolls dice over 5 % of rows, twice."""
    wrong = 0
    rng = random.Random(3)  # noqa: S311 # planted, not secret
    texts = [one.text for some in SETS for one in some.rows]
    for _ in range(60):
        then, now = ({text for text in texts if rng.random() < 0.05} for _ in range(2))
        first = after(lambda one, some=then: one.text in some)
        second = after(lambda one, some=now: one.text in some)
        wrong += bool(compare(first, second, ROWS).moved)
    assert wrong <= 5


def test_a_judge_that_falls_silent_has_moved():
    mute = FakeJudge(lambda _: Unscored("off"))
    found = compare(BEFORE, measured(mute, *SETS), ROWS)
    assert {one.name for one in found.moved} >= {"sensitivity of a", "fpr of a"}


def test_what_was_not_measured_on_the_same_rows_is_not_compared():
    other = {"unsafe": 400_000}
    with pytest.raises(RequestError, match="different thresholds"):
        compare(BEFORE, measured(FakeJudge(said), *SETS, thresholds=other), ROWS)
    with pytest.raises(RequestError, match="different rows"):
        compare(BEFORE, measured(FakeJudge(said), SETS[0]), ROWS)
    with pytest.raises(RequestError, match="at hand"):
        compare(BEFORE, BEFORE, {SETS[0].sha256: SETS[0].rows})
