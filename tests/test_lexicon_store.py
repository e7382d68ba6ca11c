"""Compiled lexicons come back as they were, or not at all.

Planted faults that these were seen to catch: a format that is not looked at; a length that is not.
"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.policy import lexicon_store
from kanhe.policy.fold import ALL
from kanhe.policy.lexicon import Entry, compile_lexicon
from kanhe.policy.lexicon_store import (
    StoredGroup,
    groups_from_bytes,
    groups_to_bytes,
    lexicon_from_bytes,
    lexicon_key,
    lexicon_to_bytes,
)
from kanhe.policy.spelling import view_of

VIEW = view_of("炸弹制作", ALL, fold_min=2, word=True)
PLAIN = view_of("炸弹", frozenset(), fold_min=2, word=True)
ENTRIES = [Entry("炸弹制作", 0, True), Entry("银行行长", 1, True), Entry("炸弹制作", 2, False)]
KEPT = lexicon_to_bytes(compile_lexicon(VIEW, ENTRIES))


@pytest.mark.parametrize("view", [VIEW, PLAIN])
@pytest.mark.parametrize("entries", [ENTRIES, ENTRIES[:1], []])
def test_a_lexicon_comes_back_as_it_was(view, entries):
    kept = lexicon_to_bytes(compile_lexicon(view, entries))
    back = lexicon_from_bytes(view, kept)
    assert back
    assert lexicon_to_bytes(back) == kept
    assert (back.letters is None) is (view is PLAIN)
    for key in range(len(back.chars.term_of)):
        assert back.chars.rules(key)
        assert back.chars.term(key) in {entry.term for entry in entries}


@given(st.integers(0, len(KEPT) - 1))
def test_a_lexicon_that_was_cut_short_does_not_come_back(size):
    assert lexicon_from_bytes(VIEW, KEPT[:size]) is None


@given(st.integers(0, len(KEPT) - 1), st.integers(1, 255))
def test_a_damaged_byte_never_makes_the_reader_fall_over(at, change):
    damaged = bytearray(KEPT)
    damaged[at] ^= change
    lexicon_from_bytes(VIEW, bytes(damaged))


def test_nothing_comes_back_from_nothing_or_from_another_make(monkeypatch):
    assert lexicon_from_bytes(VIEW, None) is None
    assert groups_from_bytes(None) is None
    groups = groups_to_bytes([StoredGroup(VIEW, 0, "k")])
    monkeypatch.setattr(lexicon_store, "_made_with", lambda: "another")
    assert lexicon_from_bytes(VIEW, KEPT) is None
    assert groups_from_bytes(groups) is None


def test_indexes_that_do_not_pair_up_do_not_come_back():
    stored = msgspec.msgpack.decode(KEPT)
    stored[1][4] = stored[1][4][4:]
    assert lexicon_from_bytes(VIEW, msgspec.msgpack.encode(stored)) is None


def test_groups_come_back_as_they_were():
    (group,) = groups_from_bytes(groups_to_bytes([StoredGroup(VIEW, 3, "key")])) or []
    assert (group.view, group.rule, group.key) == (VIEW, 3, "key")


def test_the_key_names_the_content():
    every = [
        lexicon_key(VIEW, ENTRIES),
        lexicon_key(PLAIN, ENTRIES),
        lexicon_key(VIEW, ENTRIES[:1]),
        lexicon_key(VIEW, [Entry("炸弹制作", 0, False), *ENTRIES[1:]]),
    ]
    assert len(set(every)) == len(every)
    assert lexicon_key(VIEW, list(ENTRIES)) == every[0]
