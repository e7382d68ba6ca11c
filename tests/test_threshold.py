"""The gate opens when everything demanded is there and holds, and tells every reason else."""

from fractions import Fraction

import pytest

from kanhe.assess.comparison import compare
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.strength import Bound, Tally, strength, strengths
from kanhe.assess.threshold import By, Open, Regression, Shut, Threshold, gate

NINETY = Bound(Fraction(9, 10))
OUTPUT = (BankKind.OUTPUT, Way.CLASSIFIER, "")


def one(by=By.POINT, bound=NINETY, slice=""):
    return Threshold(BankKind.OUTPUT, Way.CLASSIFIER, bound, by, slice)


def found(passed, failed, unscored=0):
    return {OUTPUT: strength(Tally(passed, failed, unscored), NINETY)}


@pytest.mark.parametrize(
    ("by", "passed", "failed", "opens"),
    [
        (By.POINT, 900, 100, True), (By.POINT, 899, 101, False),
        (By.EVIDENCE, 916, 84, True), (By.EVIDENCE, 915, 85, False),
        (By.EVIDENCE, 20, 0, False), (By.NOT_BROKEN, 17, 3, True), (By.NOT_BROKEN, 10, 10, False),
    ],
)  # fmt: skip
def test_a_threshold_is_kept_by_the_rate_or_by_the_evidence(by, passed, failed, opens):
    assert isinstance(gate([one(by)], found(passed, failed)), Open) == opens


def test_too_few_items_are_told_with_the_number_needed():
    shut = gate([one(By.EVIDENCE)], found(20, 0))
    assert "does not show that it is at least 90.0%; at least 29 items" in shut.reasons[0].en
    assert "至少需要 29 题" in shut.reasons[0].zh


def test_another_bound_than_the_regimes_is_held_for_itself():
    stricter = one(bound=Bound(Fraction(95, 100)))
    assert isinstance(gate([stricter], found(940, 60)), Shut)
    assert isinstance(gate([stricter], found(950, 50)), Open)


def test_a_slice_keeps_the_adjustment_of_its_family():
    """Planted fault caught: testing the slice anew, alone: of 30 one looks bad by chance."""
    family = {str(at): Tally(54, 6) for at in range(29)} | {"x": Tally(48, 12)}
    slices = {
        (BankKind.OUTPUT, Way.CLASSIFIER, name): held
        for name, held in strengths(family, NINETY).items()
    }
    assert isinstance(gate([one(By.NOT_BROKEN, slice="x")], slices), Open)
    alone = {(BankKind.OUTPUT, Way.CLASSIFIER, "x"): strength(family["x"], NINETY)}
    assert isinstance(gate([one(By.NOT_BROKEN, slice="x")], alone), Shut)


def test_what_is_demanded_and_not_there_blocks():
    assert isinstance(gate([one()], {}), Shut)
    assert isinstance(gate([one(By.NOT_BROKEN)], found(0, 0)), Shut)
    assert isinstance(gate([], found(900, 100)), Shut)
    assert isinstance(gate([one()], found(900, 100), Regression()), Shut)
    assert isinstance(gate([one()], found(900, 100), Regression(), compare({}, {})), Shut)


def runs(gained, lost):
    pairs = [(True, True)] * 50 + [(False, True)] * gained + [(True, False)] * lost
    return compare(*({str(at): pair[side] for at, pair in enumerate(pairs)} for side in (0, 1)))


@pytest.mark.parametrize(
    ("allowed", "gained", "lost", "reasons"),
    [
        (Regression(), 0, 5, 0), (Regression(), 0, 6, 1), (Regression(lost=2), 0, 3, 1),
        (Regression(lost=2), 0, 9, 2), (Regression(worse=True), 0, 9, 0),
        (Regression(lost=0), 9, 0, 0),
    ],
)  # fmt: skip
def test_what_got_worse_blocks(allowed, gained, lost, reasons):
    verdict = gate([one()], found(950, 50), allowed, runs(gained, lost))
    assert (len(verdict.reasons) if isinstance(verdict, Shut) else 0) == reasons


def test_every_reason_is_told_in_both_languages():
    shut = gate([one(), one(slice="A.1")], found(1, 9), Regression(lost=0), runs(0, 9))
    assert len(shut.reasons) == 4
    assert all(reason.zh and reason.en for reason in shut.reasons)
