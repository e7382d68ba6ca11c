"""Texts that are nearly the same are all found, and nothing else is."""

import time
from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.similar import Similar, grams, jaccard, repeats

texts = st.lists(st.text(alphabet="ab", max_size=9).map(grams), max_size=12)
limits = st.sampled_from([0.2, 0.5, 0.6, 0.8, 1.0])


def test_width_case_signs_and_spaces_do_not_make_another_question():
    assert grams("ＡＢＣ，你好 吗？") == grams("abc 你好吗") == grams("abc你好吗!")
    assert grams("你好") == {"你好"}
    assert grams("？！") == frozenset()


@given(texts, limits)
def test_what_is_kept_holds_no_two_alike_and_what_is_told_is_alike(some, limit):
    """Oracle: all pairs. Planted fault caught: a prefix that is one too short."""
    told = list(repeats(some, limit))
    kept = [at for at in range(len(some)) if at not in {one.at for one in told}]
    for one in told:
        assert one.like in kept
        assert one.like < one.at
        best = max(jaccard(some[one.at], some[at]) for at in kept if at < one.at)
        assert one.similarity == best >= limit
    assert not [(a, b) for a in kept for b in kept if a < b and jaccard(some[a], some[b]) >= limit]


@given(texts, st.text(alphabet="ab", max_size=9).map(grams), limits)
def test_a_known_text_is_found_from_outside(known, text, limit):
    index = Similar(limit)
    for number, one in enumerate(known):
        index.add(number, one)
    near = index.nearest(0, text)
    best = max((jaccard(text, one) for one in known), default=0.0)
    assert (near.similarity if near else None) == (best if best >= limit else None)


def test_every_text_with_one_changed_letter_is_found_again():
    """Planted fault caught: an order of the runs that is not the same for all texts."""
    known = [sha512(str(n).encode()).hexdigest()[:60] for n in range(200)]
    index = Similar(0.8)
    for number, text in enumerate(known):
        index.add(number, grams(text))
    changed = [text[:30] + "z" + text[31:] for text in known]
    assert [index.nearest(0, grams(text)).like for text in changed] == list(range(200))


def test_a_bank_of_repetitions_takes_no_longer_than_an_honest_one():
    """Planted fault caught: repeats that are put into the index, each compared with all others."""
    many = [grams(f"第{number % 7}道题问的是同样一件事情，只是换个数字") for number in range(6000)]
    begun = time.process_time()
    assert len(list(repeats(many, 0.6))) >= 5993
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("limit", [0, -1, 1.01])
def test_a_limit_that_is_no_similarity_is_refused(limit):
    with pytest.raises(ValueError, match="no similarity"):
        Similar(limit)
