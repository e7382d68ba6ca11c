"""Which trials an assessment has: all of them follow from plan, banks and seed."""

from __future__ import annotations

from collections import Counter

import pytest

import courses
from banks import bank as bank_of
from banks import item
from courses import ANSWER, BOTH, OUT, REFUSE, plan
from kanhe.adapters import bank_store
from kanhe.assess.course import CHOICES, PROBES, SWAPS, Material, first, samples, second
from kanhe.assess.line import Part
from kanhe.assess.outcome import Trial
from kanhe.assess.plan_file import read_plan
from kanhe.assess.robustness import variants

BANKS = tuple(
    bank_of([item(n, kind, courses.SLICES[kind][n % 2]) for n in range(number)], kind)
    for kind, number in ((OUT, 30), (REFUSE, 10), (ANSWER, 10))
)


def material(banks=BANKS):
    return Material(banks, bank_store.frames(), bank_store.choices(), bank_store.probes(1),
                    bank_store.swaps())  # fmt: skip


def of(*questions, more="", targets=courses.MODEL, seed=1, each=0):
    drawn = "".join(
        f"  - {{bank: {bank.id}, questions: {number}, each: {each}}}\n"
        for bank, number in zip(BANKS, questions, strict=True)
    )
    raw = plan(targets=targets, more=more).replace(b"banks:\n", b"banks:\n" + drawn.encode())
    return read_plan(raw + f"seed: {seed}\n".encode(), "plan.yaml")


ALL = """\
fairness: 20
privacy: 6
reliability: {items: 4, repeats: 3}
robustness: {passed: 3, variants: [spaced, novel]}
judging: {people: {questions: 8, double: 0.5}}
"""


def test_every_part_is_asked_as_often_as_the_plan_says_on_every_route():
    found = first(of(20, 5, 5, more=ALL, targets=BOTH), material())
    counts = Counter((one.part, one.trial.target) for one in found)
    for route in ("gateway", "model"):
        assert counts[Part.BANK, route] == 30
        assert counts[Part.CHOICE, route] == 20
        assert counts[Part.LEAK, route] == 6
        assert counts[Part.RELIABLE, route] == 4 * 2, "the first asking is that of the bank"
        assert counts[Part.SWAP, route] >= 1
        assert counts[Part.ROBUST, route] == 0
    assert len({one.trial for one in found}) == len(found)
    assert {one.bank for one in found} == {*(bank.id for bank in BANKS), CHOICES, PROBES, SWAPS}


def test_a_plan_that_wants_nothing_beside_the_banks_asks_nothing_beside_them():
    found = first(of(20, 5, 5), material())
    assert {one.part for one in found} == {Part.BANK}
    assert not any(one.people for one in found)


def test_the_same_plan_asks_the_same_and_another_seed_asks_something_else():
    one, same, other = (first(of(20, 5, 5, more=ALL, seed=n), material()) for n in (1, 1, 2))
    assert one == same
    assert {asked.trial for asked in one} != {asked.trial for asked in other}


def test_a_bank_is_drawn_with_at_least_so_many_of_each_slice():
    (out, *_) = samples(of(6, 5, 5, each=3), BANKS)
    assert Counter(one.slice for one in out.items) == {"A.1.f": 3, "A.2.a": 3}


def test_people_judge_some_of_the_output_bank_on_the_route_that_users_have():
    found = first(of(20, 5, 5, more=ALL, targets=BOTH), material())
    people = [one for one in found if one.people]
    assert len(people) == 8
    assert {(one.trial.target, one.item.bank, one.part) for one in people} == {
        ("gateway", OUT, Part.BANK)
    }


def test_routes_are_plain_names_that_a_ledger_knows():
    found = first(of(1, 1, 1, targets=BOTH), material())
    assert {type(one.trial.target) for one in found} == {str}


def disguised(found, passed, **more):
    return second(of(20, 5, 5, more=ALL, targets=BOTH), material(), found, passed, **more)


@pytest.fixture
def plain():
    return first(of(20, 5, 5, more=ALL, targets=BOTH), material())


def test_what_failed_is_disguised_on_its_own_route_and_a_few_that_passed(plain):
    """Planted fault caught: verdicts of one route taken for the other's."""
    bad = next(one for one in plain if one.item.bank is REFUSE and one.trial.target == "gateway")
    passed = {one.trial: one is not bad for one in plain if one.part is Part.BANK}
    found = disguised(plain, passed)
    by_route = {route: {one.trial.item for one in found if one.trial.target == route}
                for route in ("gateway", "model")}  # fmt: skip
    assert (len(by_route["gateway"]), len(by_route["model"])) == (4, 3)
    assert bad.trial.item in by_route["gateway"]
    assert all(one.part is Part.ROBUST and one.item.turns != one.plain.turns for one in found)
    assert all(one.item.expect == one.plain.expect is not ANSWER for one in found)
    names = {varied.name for varied in variants(bad.item, bank_store.frames(), ("spaced", "novel"))}
    assert {one.trial.variant for one in found if one.trial.item == bad.trial.item} == names


def test_what_came_back_without_a_verdict_is_not_disguised(plain):
    assert disguised(plain, {}) == ()
    assert disguised(plain, {one.trial: None for one in plain}) == ()


def test_a_disguise_that_was_begun_is_never_left_out(plain):
    """Planted fault caught: the sample of the passed ones drawn anew from other verdicts."""
    passed = {one.trial: True for one in plain if one.part is Part.BANK}
    found = disguised(plain, passed)
    for cut in (0, 1, len(found) // 2, len(found)):
        begun = {one.trial for one in found[:cut]}
        assert disguised(plain, passed, begun=begun.__contains__) == found
    fewer = {trial: said for trial, said in passed.items()
             if trial.item not in {one.trial.item for one in found}}  # fmt: skip
    begun = {one.trial for one in found}
    later = disguised(plain, fewer, begun=begun.__contains__)
    assert begun <= {one.trial for one in later}


def test_a_plan_without_robustness_disguises_nothing(plain):
    passed = {one.trial: False for one in plain}
    assert second(of(20, 5, 5), material(), plain, passed) == ()


def test_items_of_two_banks_under_one_id_are_two_items():
    """Planted fault caught: a bank's items looked up by their ids, which are its own only."""
    banks = tuple(
        bank_of([item(n, OUT, "A.1.f", id=f"x-{n}", text=text)
                 for n, text in enumerate(courses.texts(OUT, 5, start))], OUT, id=name)
        for name, start in (("one", 0), ("other", 50))
    )  # fmt: skip
    asked = read_plan(plan("one", "other", more="robustness: {passed: 9}\n"), "plan.yaml")
    plain = first(asked, material(banks))
    passed = {one.trial: False for one in plain}
    found = second(asked, material(banks), plain, passed)
    assert Counter(one.bank for one in found)["one"] == Counter(one.bank for one in found)["other"]
    assert {one.trial.item for one in found} == {one.trial.item for one in plain}
    bank = {one.trial.item: one.bank for one in plain}
    assert all(bank[one.trial.item] == one.bank for one in found)


def test_a_question_of_two_banks_is_disguised_once():
    same = [item(n, OUT, "A.1.f") for n in range(3)]
    banks = (bank_of(same, OUT, id="one"), bank_of(same, OUT, id="other"))
    asked = read_plan(plan("one", "other", more="robustness: {passed: 9}\n"), "plan.yaml")
    plain = first(asked, material(banks))
    found = second(asked, material(banks), plain, {one.trial: False for one in plain})
    assert len({one.trial for one in found}) == len(found)


def test_swaps_put_one_request_about_several_groups():
    found = [one for one in first(of(1, 1, 1, more="fairness: 50\n"), material())
             if one.part is Part.SWAP]  # fmt: skip
    nobody = [one for one in found if one.trial.variant == ""]
    assert nobody
    assert len({one.trial.variant for one in found}) > 2
    assert isinstance(found[0].trial, Trial)
