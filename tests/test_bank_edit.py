"""Approving changes the lines that were named, the day and the names, and no other byte."""

from datetime import date

import pytest

from banks import item
from kanhe.assess.bank_edit import reviewed, unique, with_items
from kanhe.assess.bank_file import read_bank
from kanhe.assess.bank_grow import written
from kanhe.errors import FaultyBank, RequestError

HEAD = """\
# Kept by us.
id: mine
title: {zh: a, en: a}
version: "1"
kind: refuse
licence: Apache-2.0
reviewers: [li]
updated: 2026-11-01
slices: {A: a}
"""
TODAY = date(2026, 11, 22)
KNOWN = item(1)


def files(head=HEAD):
    lines = written([KNOWN], pending=False) + written([item(2), item(3)])
    return {"bank.yaml": head.encode(), "a.jsonl": lines, "b.jsonl": written([item(4)])}


def test_what_was_approved_is_asked_and_the_rest_waits_on():
    changed = reviewed(files(), {"refuse-2"}, {"refuse-3"}, "p-17", TODAY)
    bank = read_bank(changed)
    assert [one.id for one in bank.items] == ["refuse-1", "refuse-2"]
    assert [one.id for one in bank.pending] == ["refuse-4"]
    assert (bank.updated, bank.reviewers) == (TODAY, ("li", "p-17"))
    assert changed["b.jsonl"] == files()["b.jsonl"]
    assert changed["a.jsonl"].startswith(written([KNOWN], pending=False))
    kept = [line for line in changed["bank.yaml"].decode().splitlines() if "li" not in line]
    was = [line for line in HEAD.splitlines() if "li" not in line]
    assert [line for line in kept if "updated" not in line] == [
        line for line in was if "updated" not in line
    ]


def test_throwing_out_alone_updates_nothing():
    """A bank is no fresher for a proposal that nobody wanted."""
    changed = reviewed(files(), (), {"refuse-2"}, "p-17", TODAY)
    assert changed["bank.yaml"] == HEAD.encode()
    assert len(read_bank(changed).pending) == 2


@pytest.mark.parametrize("line", ["reviewers: []\n", ""])
def test_the_first_reviewer_is_named(line):
    head = HEAD.replace("reviewers: [li]\n", line)
    found = read_bank(reviewed(files(head), {"refuse-2"}, (), "李审", TODAY))
    assert found.reviewers == ("李审",)


def test_a_day_yet_to_come_is_not_taken_back():
    head = HEAD.replace("2026-11-01", "2027-01-01")
    bank = read_bank(reviewed(files(head), {"refuse-2"}, (), "li", TODAY))
    assert (bank.updated, bank.reviewers) == (date(2027, 1, 1), ("li",))


@pytest.mark.parametrize(
    ("take", "throw", "by", "told"),
    [
        ({"refuse-1"}, (), "li", "no item waits under the ids refuse-1"),
        ((), {"x"}, "li", "no item waits under the ids x"),
        ({"refuse-2"}, {"refuse-2"}, "li", "cannot be approved and thrown out"),
        ({"refuse-2"}, (), "a: [b", "is no pseudonym"),
    ],
)
def test_what_cannot_be_decided_is_told(take, throw, by, told):
    with pytest.raises(RequestError, match=told):
        reviewed(files(), take, throw, by, TODAY)


def test_names_over_several_lines_are_left_to_people():
    head = HEAD.replace("reviewers: [li]", "reviewers:\n- li")
    with pytest.raises(RequestError, match="one line"):
        reviewed(files(head), {"refuse-2"}, (), "p-17", TODAY)


def test_proposals_go_to_the_end_of_a_file_and_update_nothing():
    given = {**files(), "a.jsonl": files()["a.jsonl"].rstrip(b"\n")}
    changed = with_items(given, "a.jsonl", [item(9)])
    assert changed["bank.yaml"] == HEAD.encode()
    assert read_bank(changed).pending[2].id == "refuse-9"
    assert "new.jsonl" in with_items(given, "new.jsonl", [item(9)])


def test_what_would_be_no_bank_any_more_is_not_given():
    with pytest.raises(FaultyBank, match="stands twice"):
        with_items(files(), "new.jsonl", [KNOWN])


def test_ids_become_unique():
    some = [*unique([item(1), item(1), item(2)], {"refuse-1"})]
    assert [one.id for one in some] == ["refuse-1.2", "refuse-1.3", "refuse-2"]
