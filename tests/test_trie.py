"""The trie says of every text what a list of keys would say.

Planted faults that these were seen to catch: an edge that leads to its own number instead of the
next; a key that is the beginning of another one lost; numbers of nodes handed out as keys.
"""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.policy.trie import ROOT, Trie, plant

keys = st.lists(st.text(alphabet="ab枪\U00100000", min_size=1, max_size=5), unique=True).map(sorted)


@given(keys, st.text(alphabet="ab枪\U00100000c", max_size=6))
def test_a_step_tells_keys_and_their_beginnings(some, text):
    trie = plant(some)
    node = trie.step(ROOT, text)
    longer = {number for number, key in enumerate(some) if key != text and key.startswith(text)}
    assert (node >= 0) is (not text or text in some or bool(longer))
    if node >= 0:
        assert trie.ends[node] == (some.index(text) if text in some else -1)
        assert trie.grows(node) is bool(longer)
        assert set(trie.below(node)) == longer


def test_a_damaged_trie_is_refused():
    with pytest.raises(ValueError, match="pair up"):
        Trie("ab", array("I", [0, 1]), array("i", [-1]))
