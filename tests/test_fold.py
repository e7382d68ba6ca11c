"""Folding: what each fold sees through, and that no character of Unicode upsets it.

Planted faults that these were seen to catch: folding the text as a whole instead of character by
character; letting a fold raise on a lone surrogate; dropping tabs as invisible; folding only once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.policy.fold import (
    ALL,
    DEFAULT,
    RISKY,
    CharTable,
    Fold,
    char_table,
    is_han,
    is_invisible,
    is_separator,
    is_wordlike,
)

CORPUS = Path(__file__).parent / "corpus" / "fold"
EVERY = [frozenset({fold}) for fold in Fold]

fold_sets = st.frozensets(st.sampled_from(list(Fold)))
texts = st.text(st.characters(), max_size=30)


@pytest.mark.parametrize(
    ("fold", "raw", "folded"),
    [
        (Fold.WIDTH, "ＡＢ１２", "AB12"),
        (Fold.WIDTH, "①②Ⅳ", "12IV"),
        (Fold.WIDTH, "𝐚𝒷𝔠", "abc"),
        (Fold.WIDTH, "㍿", "株式会社"),
        (Fold.CASE, "BoMB", "bomb"),
        (Fold.CASE, "Straße", "strasse"),
        (Fold.INVISIBLE, "a\u200bb\u200c\u200d\ufeff\u00ad\u2060", "ab"),
        (Fold.INVISIBLE, "炸\u3164\u115f\u2800弹", "炸弹"),
        (Fold.INVISIBLE, "b\u0336o\u0336m\u0336b", "bomb"),
        (Fold.INVISIBLE, "a\tb\nc", "a\tb\nc"),
        (Fold.SEPARATORS, "炸 弹", "炸弹"),
        (Fold.SEPARATORS, "炸-_*。，、·…弹", "炸弹"),
        (Fold.SEPARATORS, "炸\U0001f600\u2764\ufe0f弹", "炸弹"),
        (Fold.SEPARATORS, "炸\t\r\n\u3000弹", "炸弹"),
        (Fold.TRADITIONAL, "製造槍彈", "制造枪弹"),
        (Fold.LOOKALIKES, "bоmb", "bomb"),
        (Fold.LOOKALIKES, "böñé", "bone"),
        (Fold.DIGITS, "b0m8 h4$h", "bomb hash"),
    ],
)
def test_a_fold_sees_through_its_disguise(fold, raw, folded):
    assert char_table(frozenset({fold})).fold(raw) == folded


@pytest.mark.parametrize("fold", sorted(RISKY))
def test_folds_of_whole_terms_leave_characters_alone(fold):
    assert char_table(frozenset({fold})).fold("行长 Ａ\u200b4") == "行长 Ａ\u200b4"


def test_without_folds_a_text_stays_as_it_is():
    assert char_table(frozenset()).fold("Ａ\u200bb 槍4") == "Ａ\u200bb 槍4"


@given(fold_sets, texts, texts)
def test_folding_does_not_depend_on_where_a_text_is_cut(folds, one, other):
    table = char_table(folds)
    assert table.fold(one + other) == table.fold(one) + table.fold(other)


@given(fold_sets, texts)
def test_each_character_folds_alone(folds, text):
    assert char_table(folds).fold(text) == "".join(CharTable(folds)[char] for char in text)


def test_no_code_point_upsets_the_folds():
    """All of them: lone surrogates and unassigned characters may stand in a text too.

    What is folded stays folded: else a term with one variant of a character and a text with another
    would not meet.
    """
    table = CharTable(ALL)
    folded = [table[chr(code)] for code in range(sys.maxunicode + 1)]
    assert max(map(len, folded)) <= 18  # U+FDFA, the longest compatibility form there is
    assert [piece for piece in folded if table.fold(piece) != piece] == []


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_corpus_folds_the_same_however_it_is_cut(path):
    text = path.read_text(encoding="utf-8", errors="surrogatepass")
    for folds in (ALL, DEFAULT, *EVERY):
        table = char_table(folds)
        for cut in range(len(text) + 1):
            assert table.fold(text[:cut]) + table.fold(text[cut:]) == table.fold(text)


@pytest.mark.parametrize(
    ("char", "han", "invisible", "wordlike", "separator"),
    [
        ("a", False, False, True, False),
        ("é", False, False, True, False),
        ("ж", False, False, True, False),
        ("7", False, False, True, False),
        ("枪", True, False, False, False),
        ("⺡", True, False, False, True),
        ("ก", False, False, False, False),
        ("か", False, False, False, False),
        ("\u200b", False, True, False, False),
        ("\t", False, False, False, True),
        ("。", False, False, False, True),
        ("\U0001f600", False, False, False, True),
    ],
)
def test_a_character_is_of_its_kind(char, han, invisible, wordlike, separator):
    assert is_han(char) is han
    assert is_invisible(char) is invisible
    assert is_wordlike(char) is wordlike
    assert is_separator(char) is separator
