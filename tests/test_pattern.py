"""Bounded patterns find what `re.fullmatch` finds on every pair of positions, or are refused.

Planted faults that the properties were seen to catch: a repeat built once too few, or ending only
where it is shortest; a class that forgets its negation; a walk that keeps the latest beginning.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.errors import RulesetError
from kanhe.policy.fold import Fold, char_table
from kanhe.policy.pattern import compile_pattern
from kanhe.policy.scan import Window
from kanhe.policy.walk import PatternBank, PatternScanner, Watched

atoms = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "[^ab]", "[a-c]", "独", r"\d", r"\w", r"\s", r"\."]
)
repeats = st.sampled_from(["", "?", "{0,2}", "{1,3}", "{2}", "{0,2}?", "??"])


def grown(inner):
    grouped = inner.map("({})".format)
    return st.one_of(
        st.builds("{}{}".format, st.one_of(atoms, grouped), repeats),
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
    )


sources = st.recursive(atoms, grown, max_leaves=6)
texts = st.text(alphabet="abc独1. \n", max_size=7)


def ends_of(pattern, text):
    """Every (start, end) at which the pattern, walked from start, is complete."""
    found = set()
    for start in range(len(text)):
        states = pattern.begin(text[start])
        for end in range(start + 1, len(text) + 1):
            if set(states) & pattern.accepting:
                found.add((start, end))
            if end < len(text):
                states = {to for state in states for to in pattern.moves(state, text[end])}
    return found


@given(sources, texts)
@example("(a|ab)(c|bcd)", "abcd")
@example("a{0,2}b", "aab")
@example("(a?){0,2}b", "ab")
@example("(a{0,1}|b){1,3}c", "abac")
@example("[^a]b", "\nb")
@example("[^ab]c", "cc")
def test_a_walk_finds_what_a_full_match_finds(source, text):
    try:
        pattern = compile_pattern(source)
    except RulesetError:
        assert re.fullmatch(source, "")  # the only thing wrong that these can be
        return
    pairs = ((s, e) for s in range(len(text)) for e in range(s + 1, len(text) + 1))
    assert ends_of(pattern, text) == {(s, e) for s, e in pairs if re.fullmatch(source, text[s:e])}
    assert all(end - start <= pattern.longest for start, end in ends_of(pattern, text))


@given(sources, texts, st.integers(0, 7))
@example("a{0,2}b", "aab", 1)
def test_a_stream_finds_the_longest_reach_to_each_end_however_cut(source, text, cut):
    """Of the findings that end at one place, the walker gives the one that begins first."""
    try:
        pattern = compile_pattern(source)
    except RulesetError:
        return
    scanner = PatternScanner(PatternBank(frozenset(), [Watched(pattern, 0)]))
    window, hits = Window(), []
    for piece in (text[:cut], text[cut:]):
        fresh = window.end
        window.text += piece
        hits += scanner.feed(window, fresh)
    first = {}
    for start, end in sorted(ends_of(pattern, text), reverse=True):
        first[end] = start
    assert {hit.end: hit.start for hit in hits} == first


REFUSED = [
    ("a*", "no bound", "{0,n}"),
    ("a+b", "no bound", "{1,n}"),
    ("ab{2,}", "no bound", "{m,n}"),
    ("(ab){1,}", "no bound", "{m,n}"),
    ("a{0,5000}b", "5001 characters", "Lower the numbers"),
    ("a?", "matches nothing", "not be optional"),
    ("(a|)", "matches nothing", "not be optional"),
    ("", "matches nothing", "not be optional"),
    ("^ab", "cannot have", "boundary"),
    ("ab$", "cannot have", "boundary"),
    (r"\bab", "cannot have", "boundary"),
    ("(?=a)b", "look-around", "neighbours"),
    ("(?!a)b", "look-around", "neighbours"),
    ("(?<=a)b", "look-around", "neighbours"),
    ("(?<!a)b", "look-around", "neighbours"),
    (r"(a)\1", "back-reference", "alternatives"),
    ("(a)?(?(1)b|c)", "conditional", "alternatives"),
    ("(?>ab)", "atomic", "plain group"),
    ("a{1,2}+b", "possessive", "{m,n}"),
    ("(ab", "no regular expression", "Escape"),
    ("a{2,1}", "no regular expression", "Escape"),
    ("[z-a]", "no regular expression", "Escape"),
    ("(?i)ab", "flags", "folds"),
    ("(?i:ab)", "flags", "folds"),
    ("(?s:a.b)", "flags", "folds"),
    ("((a{1,60}){1,60}b){1,1}", "states", "multiply"),
]


@pytest.mark.parametrize(("source", "what", "advice"), REFUSED)
def test_what_has_no_bound_or_no_meaning_in_a_stream_is_refused(source, what, advice):
    with pytest.raises(RulesetError) as refused:
        compile_pattern(source)
    assert what in str(refused.value)
    assert advice in refused.value.advice


@pytest.mark.parametrize(
    ("source", "raw", "matches"),
    [
        ("[A-C]2", "ｂ2", True),
        ("AB", "ab", True),
        ("[^A]b", "ab", False),
        ("[^A]b", "cb", True),
        ("槍{1,2}", "枪槍", True),
        ("[槍]x", "枪x", True),
        ("a[^槍]", "a枪", False),
        ("[乙-甲]x", "乙x", True),
    ],
)
def test_literals_are_folded_as_the_text_is(source, raw, matches):
    table = char_table(frozenset({Fold.WIDTH, Fold.CASE, Fold.TRADITIONAL}))
    folded = table.fold(raw)
    assert ((0, len(folded)) in ends_of(compile_pattern(source, table.fold), folded)) is matches


def test_the_memory_of_moves_is_bounded():
    pattern = compile_pattern(".{1,3}")
    for code in range(100_010):
        pattern.begin(chr(code + 0x20))
    assert len(pattern._moves) < 100_001
    assert pattern.begin("a")
