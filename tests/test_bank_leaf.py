"""One item of a sealed bank is shown alone, holds against the commitment, and tells of no other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.bank_leaf import commitment, is_commitment, leaves, show, shown
from kanhe.errors import FaultyBank

SALT = b"s" * 32
FILES = {"bank.yaml": b"id: a\n", "a.jsonl": "怎么撬锁\nhow\n\nlast".encode(), "b.jsonl": b""}
COMMITMENT = commitment(FILES, SALT)


def refused(raw, committed=COMMITMENT):
    with pytest.raises(FaultyBank) as told:
        shown(raw, committed, "x.json")
    return told.value.faults[0].what


@pytest.mark.parametrize(
    ("file", "number"), [("bank.yaml", 0), ("a.jsonl", 1), ("a.jsonl", 4), ("b.jsonl", 1)]
)
def test_each_line_holds_by_itself(file, number):
    found = shown(show(FILES, SALT, file, number), COMMITMENT, "x.json")
    line = next(one for one in leaves(FILES) if (one.file, one.number) == (file, number))
    assert found.text == line.content.decode()


def test_an_item_shown_alone_tells_nothing_of_its_neighbours():
    raw = show(FILES, SALT, "a.jsonl", 2)
    assert "撬锁" not in raw.decode()
    assert SALT.hex() not in raw.decode()
    assert len(raw) < 2000


@pytest.mark.parametrize(
    ("key", "value"),
    [("text", "other"), ("number", 3), ("file", "b.jsonl"), ("index", 2), ("salt", "00" * 32),
     ("path", [])],
)  # fmt: skip
def test_whatever_is_changed_is_noticed(key, value):
    """Planted faults caught: a leaf without its place, and a proof that is not followed."""
    given = json.loads(show(FILES, SALT, "a.jsonl", 2))
    assert refused(json.dumps(given | {key: value}).encode()).startswith("did not stand")


def test_of_another_bank_or_none_it_is_refused():
    raw = show(FILES, SALT, "a.jsonl", 2)
    other = commitment({**FILES, "b.jsonl": b"x"}, SALT)
    assert refused(raw, other) == "belongs to another commitment"
    assert refused(raw.replace(COMMITMENT.encode(), other.encode()), other).startswith("did not")
    assert refused(b"{}") == "is no item of a sealed bank"
    assert refused(b"\xff") == "is no item of a sealed bank"


def test_a_line_that_is_not_there_cannot_be_shown():
    with pytest.raises(ValueError, match="no line 9"):
        show(FILES, SALT, "a.jsonl", 9)


names = st.sampled_from(["a.jsonl", "b.jsonl", "bank.yaml"])
files = st.dictionaries(names, st.sampled_from([b"", b"\n", b"x", b"x\ny", b"x\n\ny", b"y\nx"]))


@given(files, files)
def test_two_banks_have_one_commitment_only_if_they_are_the_same(one, other):
    assert (commitment(one, SALT) == commitment(other, SALT)) == (one == other)
    assert is_commitment(commitment(one, SALT))
    assert commitment(one, SALT) != commitment(one, b"t" * 32) or not one


def test_a_short_salt_is_refused():
    with pytest.raises(ValueError, match="32"):
        commitment(FILES, b"s")
