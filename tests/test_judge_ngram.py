"""Hashed n-grams, against a slow count by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.judge.ngram import CHARACTERS, KINDS, Grams, grams, totals

BITS = 12
NONE = 1 << BITS

letters = st.text(alphabet="ab1 国,😀", max_size=9)


def codes(text: str):
    return np.array([ord(c) for c in text], np.uint32)


def found(text: str) -> Grams:
    return grams([codes(text)], BITS)


def counted(one: Grams, kind: int) -> int:
    return int(np.sum(one.buckets[kind] < NONE))


@given(letters)
def test_every_run_of_characters_is_counted_once(text):
    """Of n characters and two frames, n + 3 - k runs have length k. Planted fault: leaving out the
    frame loses two of each."""
    one = found(text)
    for length in range(1, CHARACTERS + 1):
        assert counted(one, length - 1) == max(0, len(text) + 2 - length + 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("kill a process", 3), ("国家", 0), ("a国b", 2), (",,a1,", 1), ("Я люблю", 2)],
)
def test_words_are_those_of_spaced_scripts(text, words):
    one = found(text)
    assert counted(one, CHARACTERS) == words
    assert counted(one, CHARACTERS + 1) == max(0, words - 1)


@given(st.lists(letters, min_size=1, max_size=5))
def test_a_text_has_the_same_ngrams_in_any_batch(texts):
    """Planted fault: an n-gram that reaches into the next text (no `owner_end`) is seen here."""
    together = grams([codes(text) for text in texts], BITS)
    ends = [*together.starts[1:].tolist(), together.buckets.shape[1]]
    for text, start, end in zip(texts, together.starts.tolist(), ends, strict=True):
        alone = found(text).buckets
        assert Counter(together.buckets[:, start:end].ravel().tolist()) == Counter(
            alone.ravel().tolist()
        )


@given(letters, letters)
def test_equal_runs_meet_and_the_place_does_not_matter(one, other):
    """The word hash is a difference of prefix sums; wherever the word stands it has to be the same.
    Planted fault: without the inverse power it depends on the place."""
    word = "kanhe"
    first, second = found(f"{one} {word}"), found(f"{other},{word}")
    row = CHARACTERS
    assert first.buckets[row][-len(word) - 1] == second.buckets[row][-len(word) - 1]


def test_totals_are_sums_over_the_ngrams_of_each_text():
    table = np.arange(-3, NONE - 2, dtype=np.int64).astype(np.int8)[: NONE + 1]
    table[-1] = 0
    both = grams([codes("ab"), codes("国 国")], BITS)
    ends = [*both.starts[1:].tolist(), both.buckets.shape[1]]
    by_hand = [
        sum(int(table[b]) for b in both.buckets[:, s:e].ravel())
        for s, e in zip(both.starts, ends, strict=True)
    ]
    assert totals(both, table).tolist() == by_hand
    columns = np.stack([table, 2 * (table // 2)], 1)
    assert totals(both, columns)[:, 0].tolist() == by_hand


def test_sums_grow_like_the_root_of_the_length():
    assert found("ab" * 7).weights.tolist() == [np.float32(1 / 4)]
    assert found("").buckets.shape == (KINDS, 2)
