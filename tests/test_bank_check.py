"""A bank has its total and its least of each slice, is fresh, and is sound; or it is told."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from banks import bank, item
from kanhe.adapters.package_data import regime
from kanhe.assess.bank_check import Beside, check, together
from kanhe.assess.bank_file import read_bank
from kanhe.assess.bank_finding import Weight, usable
from kanhe.assess.demand import BankDemand, demands
from kanhe.assess.item import BankKind
from kanhe.law.bound import bound

SHIPPED = Path(__file__).parent.parent / "src" / "kanhe" / "banks"
TODAY = date(2026, 11, 20)
DEMAND = BankDemand(BankKind.REFUSE, 30, {"a": 10, "b": 10}, 31)


def some(a, b):
    return bank([*(item(n) for n in range(a)), *(item(1000 + n, slice="b") for n in range(b))])


def codes(*given):
    return {one.code: one.weight for one in check(*given)}


def test_a_bank_that_has_everything_has_no_findings():
    assert check(some(20, 10), DEMAND, TODAY) == ()


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [(10, 10, {"few"}), (25, 9, {"few:b"}), (31, 0, {"few:b"}), (9, 9, {"few", "few:a", "few:b"})],
)
def test_the_total_and_each_slice_are_two_demands(a, b, wanted):
    """Planted faults caught: checking one of them only; missing a slice without any item."""
    found = codes(some(a, b), DEMAND, TODAY)
    assert set(found) == wanted
    assert set(found.values()) == {Weight.FALLS_SHORT}


def test_what_is_missing_does_not_reject_and_what_is_unsound_does():
    twice = bank([*some(20, 10).items, item(5000, text=item(1).turns[0])])
    found = check(twice, DEMAND, date(2027, 1, 1))
    assert [(one.code, one.weight) for one in found] == [
        ("repeated", Weight.REJECTS), ("stale", Weight.FALLS_SHORT),
    ]  # fmt: skip
    assert not usable(found)
    assert usable(check(some(1, 1), DEMAND, TODAY))


def test_a_bank_is_stale_after_the_days_of_the_regime_and_not_on_the_last():
    assert "stale" not in codes(some(20, 10), DEMAND, date(2026, 12, 2))
    assert "stale" in codes(some(20, 10), DEMAND, date(2026, 12, 3))
    assert codes(some(20, 10), DEMAND, date(2026, 10, 31)) == {"future": Weight.REJECTS}


def test_a_slice_that_the_regime_does_not_have_rejects():
    found = check(bank([*some(20, 10).items, item(77, slice="c")]), DEMAND, TODAY)
    assert [(one.code, one.items) for one in found] == [("strange", ("refuse-77",))]


def test_items_that_nobody_approved_do_not_count_and_are_told():
    short = bank(some(20, 9).items, pending=(item(8, slice="b"),), reviewers=())
    assert codes(short, DEMAND, TODAY) == {
        "few": Weight.FALLS_SHORT, "few:b": Weight.FALLS_SHORT,
        "unreviewed": Weight.WARNS, "pending": Weight.WARNS,
    }  # fmt: skip


def test_it_is_held_against_what_stands_beside():
    mine = some(20, 10)
    answers = bank(
        [item(n, BankKind.ANSWER, text=mine.items[n].turns[0]) for n in range(3)], BankKind.ANSWER
    )
    beside = Beside(
        [answers], {"set": [mine.items[4].turns[0]]}, {one.digest: False for one in mine.items}
    )
    found = codes(mine, None, TODAY, beside)
    assert set(found) == {"labelled-both-ways", "known", "disputed"}
    assert set(found.values()) == {Weight.REJECTS}


def test_a_question_that_two_banks_of_a_kind_have_is_not_counted_twice():
    """Planted fault caught: a copy of a bank under another id, which doubles every count."""
    mine = some(20, 10)
    copy = replace(bank(mine.items[:3]), id="copied")
    found = check(mine, None, TODAY, Beside([copy]))
    assert [(one.code, one.weight) for one in found] == [("counted-twice", Weight.REJECTS)]
    assert set(found[0].items) == {one.id for one in mine.items[:3]}
    other = replace(copy, kind=BankKind.OUTPUT)
    assert check(mine, None, TODAY, Beside([other, replace(mine)])) == ()


def test_banks_that_a_stub_would_pass_are_told():
    one = {kind: bank([item(1, kind)], kind) for kind in BankKind}
    assert [f.code for f in together([one["output"], one["refuse"]])] == ["refuse-all"]
    assert [f.code for f in together([one["answer"]])] == ["answer-all"]
    assert together(list(one.values())) == ()
    assert together([one["refuse"], one["answer"]]) == ()
    assert together([]) == ()


@pytest.mark.parametrize("folder", sorted(SHIPPED.glob("*/*/")), ids=lambda one: one.name)
def test_the_banks_that_we_ship_are_sound(folder):
    """They lack the political risks, which an operator supplies; nothing may reject them."""
    read = [
        read_bank({path.name: path.read_bytes() for path in one.iterdir()})
        for one in folder.parent.iterdir()
        if any(one.glob("*.jsonl"))
    ]
    law = regime(folder.parent.name)
    wanted = demands(bound(law, TODAY, TODAY), law.risks).banks
    for mine in read:
        if mine.kind == folder.name:
            found = check(mine, wanted[mine.kind], mine.updated, Beside(read))
            assert [str(one) for one in found if one.weight is Weight.REJECTS] == []
