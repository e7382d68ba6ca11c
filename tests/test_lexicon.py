"""Lexicons: keys, terms and rules belong together, and a mixed spelling is told to its end."""

from __future__ import annotations

from array import array

import pytest

from kanhe.policy.fold import ALL, DEFAULT, Fold
from kanhe.policy.lexicon import (
    HAN,
    LATIN,
    Entry,
    KeyIndex,
    compile_lexicon,
    letter_table,
    spelled_by,
    token_table,
)
from kanhe.policy.spelling import units, view_of
from kanhe.policy.trie import ROOT, plant

VIEW = view_of("炸弹制作", ALL - {Fold.TONES}, fold_min=2, word=True)
PLAIN = view_of("炸弹", DEFAULT, fold_min=2, word=True)


def test_a_key_names_its_term_and_all_its_rules():
    lexicon = compile_lexicon(
        PLAIN, [Entry("炸弹", 3, False), Entry("手枪", 1, False), Entry("炸 弹", 0, False)]
    )
    trie = lexicon.chars.trie
    key = trie.ends[trie.step(ROOT, "炸弹")]
    assert lexicon.chars.term(key) == "炸弹"
    assert lexicon.chars.rules(key) == (0, 3)
    other = trie.ends[trie.step(ROOT, "手枪")]
    assert (lexicon.chars.term(other), lexicon.chars.rules(other)) == ("手枪", (1,))
    assert lexicon.letters is None


def test_letters_have_an_index_of_their_own():
    letters = compile_lexicon(VIEW, [Entry("炸弹制作", 0, True)]).letters
    assert letters
    assert letters.trie.ends[letters.trie.step(ROOT, "zhadanzhizuo")] >= 0


def test_an_index_whose_parts_do_not_pair_up_is_refused():
    with pytest.raises(ValueError, match="pair up"):
        KeyIndex(plant(["ab"]), "ab", array("I"), [(0,)], array("I", [0]))


@pytest.mark.parametrize(
    ("raw", "spelled"),
    [
        ("zhadanzhizuo", True),
        ("ZHA dan-zhi zuo", True),
        ("炸dan制zuo", True),
        ("诈dan至zuo", True),
        ("扎dan制zuo", False),
        ("zhadan", None),
        ("zh", None),
        ("zhadanzhizuoa", False),
        ("zhx", False),
        ("zh弹", False),
        ("炸弹制作了", False),
    ],
)
def test_a_mixed_spelling_is_right_wrong_or_not_yet_over(raw, spelled):
    (every,) = {spelled_by(raw, one, VIEW) for one in units("炸弹制作", VIEW)[:1]}
    assert every is spelled


def test_tables_tell_how_a_character_matches_and_how_it_is_typed():
    assert token_table(VIEW)["诈"] == token_table(VIEW)["炸"]
    assert token_table(PLAIN)["诈"] == "诈"
    assert letter_table(VIEW)["ü"] == letter_table(VIEW)["V"] == "v"
    assert letter_table(VIEW)["女"] == "nv"
    assert token_table(VIEW) is token_table(VIEW)


def test_scripts_are_told_apart():
    assert all(map(LATIN.search, "aZéＡ𝐚ⓐж"))
    assert not any(map(LATIN.search, "枪1。"))
    assert all(map(HAN.search, "枪⺡豈𠮷"))
    assert not any(map(HAN.search, "aか。"))
