"""A sample is the same every time, meets every least, and is contained in every larger one."""

from collections import Counter

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from banks import item
from kanhe.assess.sample import draw

sizes = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=1)
leasts = st.dictionaries(st.sampled_from("abcdefx"), st.integers(0, 12))
seeds = st.integers(0, 2**64)


def bank_of(slices):
    return [item(f"{name}{n}", slice=name) for name, size in slices.items() for n in range(size)]


BANK = bank_of({"a": 300, "b": 150, "c": 50, "d": 4})


def counts(sample):
    return Counter(one.slice for one in sample.items)


@given(sizes, leasts, st.integers(0, 120), seeds)
def test_every_demand_is_met_as_far_as_there_are_items(slices, least, size, seed):
    """Oracle: the definition. Planted faults caught: the total cut at `size` before the leasts."""
    items = bank_of(slices)
    found = draw(items, size, seed, least)
    drawn = counts(found)
    assert len(set(found.items)) == len(found.items)
    for name, have in slices.items():
        assert drawn[name] >= min(least.get(name, 0), have)
    must = sum(min(least.get(name, 0), have) for name, have in slices.items())
    assert len(found.items) == min(len(items), max(size, must))
    assert found.missing == max(0, size - len(items))
    assert found.short == {
        name: wanted - slices.get(name, 0)
        for name, wanted in least.items()
        if wanted > slices.get(name, 0)
    }


@given(sizes, leasts, st.integers(0, 60), st.integers(0, 60), seeds)
def test_a_larger_sample_contains_the_smaller(slices, least, size, more, seed):
    """Planted fault caught: shares by largest remainder, which take a place away again."""
    items = bank_of(slices)
    smaller, larger = (draw(items, n, seed, least).items for n in (size, size + more))
    assert set(smaller) <= set(larger)
    assert larger[: len(smaller)] == smaller


@given(sizes, st.integers(0, 100), seeds, st.randoms())
def test_the_order_of_the_files_changes_nothing(slices, size, seed, random):
    items = bank_of(slices)
    mixed = random.sample(items, len(items))
    assert draw(items, size, seed, {}).items == draw(mixed, size, seed, {}).items


@given(sizes, st.integers(1, 100), seeds)
def test_shares_are_those_of_the_bank_within_an_item_or_so(slices, size, seed):
    items = bank_of(slices)
    size = min(size, len(items))
    drawn = counts(draw(items, size, seed, {}))
    for name, have in slices.items():
        assert abs(drawn[name] - size * have / len(items)) < len(slices)


def test_a_thousand_of_a_bank():
    assert counts(draw(BANK, 252, 1, {"c": 30, "d": 4})) == {"a": 145, "b": 73, "c": 30, "d": 4}


def test_a_seed_draws_other_items_and_every_item_as_often():
    """By 500 seeds: chi-squared of how often each item is drawn."""
    draws = [draw(BANK[:40], 10, seed, {}).items for seed in range(500)]
    assert len(set(draws)) == 500
    often = Counter(one.id for some in draws for one in some)
    assert scipy.stats.chisquare([often[one.id] for one in BANK[:40]]).pvalue > 0.001


def test_an_item_added_to_a_bank_leaves_the_others_in_their_order():
    before = draw(BANK, 100, 9, {}).items
    after = draw([*BANK, item("new", slice="a")], 100, 9, {}).items
    kept = [one for one in after if one in before]
    assert len(kept) >= 98
    assert [one for one in before if one in kept and one.slice == "a"] == [
        one for one in kept if one.slice == "a"
    ]


@pytest.mark.parametrize("size", [0, 5])
def test_of_no_bank_nothing_is_drawn(size):
    found = draw([], size, 1, {"a": 2})
    assert (found.items, found.missing, found.short) == ((), size, {"a": 2})
