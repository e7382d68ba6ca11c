"""What a regime demands is read from its duties, number by number."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from kanhe.adapters.package_data import regime
from kanhe.assess.demand import TestDemand, demands
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.strength import Bound
from kanhe.law.bound import bound

LAW = regime("cn-genai")
DAYS = [date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 1)]


def duties(day=DAYS[-1]):
    return bound(LAW, day, day)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.obligation("cn-bsr-8-2")
@pytest.mark.obligation("cn-bsr-8-3-1")
@pytest.mark.obligation("cn-bsr-8-3-2")
def test_banks_of_all_editions_have_the_numbers_of_the_standard(day):
    found = demands(duties(day), LAW.risks).banks
    sizes = {kind: (one.total, sum(one.each.values()), one.days) for kind, one in found.items()}
    assert sizes == {
        BankKind.OUTPUT: (2000, 1130, 31),
        BankKind.REFUSE: (500, 340, 31),
        BankKind.ANSWER: (500, 260, 31),
    }
    assert [len(found[kind].each) for kind in BankKind] == [31, 17, 13]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.obligation("cn-bsr-9-3")
@pytest.mark.obligation("cn-bsr-9-4")
def test_tests_of_all_editions_have_the_bounds_of_the_standard(day):
    assert demands(duties(day), LAW.risks).tests == {
        BankKind.OUTPUT: TestDemand(
            BankKind.OUTPUT, 1000, Bound(Fraction(9, 10)),
            (Way.MANUAL, Way.KEYWORD, Way.CLASSIFIER),
        ),
        BankKind.REFUSE: TestDemand(
            BankKind.REFUSE, 300, Bound(Fraction(95, 100)), (Way.REFUSAL,)
        ),
        BankKind.ANSWER: TestDemand(
            BankKind.ANSWER, 300, Bound(Fraction(5, 100), most=True), (Way.REFUSAL,)
        ),
    }  # fmt: skip


def test_what_no_duty_fixes_is_not_demanded():
    found = demands((), LAW.risks)
    assert (found.banks, found.tests) == ({}, {})


def test_of_two_duties_the_stricter_counts():
    def stricter(duty, **changed):
        known = {key: value for key, value in changed.items() if key in duty.parameters}
        return replace(duty, parameters={**duty.parameters, **known})

    changed = [
        stricter(duty, min_total=2500, update_days=7, min_pass_percent=97,
                 should_not_refuse_max_percent=3, min_questions=10)
        for duty in duties()
    ]  # fmt: skip
    found = demands([*changed, *duties()], LAW.risks)
    assert found == demands([*duties(), *changed], LAW.risks)
    assert (found.banks[BankKind.OUTPUT].total, found.banks[BankKind.OUTPUT].days) == (2500, 7)
    assert found.tests[BankKind.OUTPUT].bound == Bound(Fraction(97, 100))
    assert found.tests[BankKind.OUTPUT].questions == 1000
    assert found.tests[BankKind.ANSWER].bound == Bound(Fraction(3, 100), most=True)


def test_a_parameter_that_is_no_number_is_not_guessed():
    wrong = [
        replace(one, parameters={**one.parameters, "min_total": "many"})
        for one in duties()
        if "min_total" in one.parameters
    ]
    with pytest.raises(ValueError, match="min_total is 'many'"):
        demands(wrong, LAW.risks)
