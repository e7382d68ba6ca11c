"""How a term may be spelled, and in which view it is matched."""

from __future__ import annotations

import pytest

from kanhe.policy.fold import ALL, DEFAULT, Fold
from kanhe.policy.spelling import Hearing, Unit, View, spellings, units, view_of

COSTLY = DEFAULT | {Fold.HOMOPHONES, Fold.PINYIN, Fold.SPLIT}


def view(term, folds, fold_min=2):
    return view_of(term, frozenset(folds), fold_min=fold_min, word=True)


@pytest.mark.parametrize(
    ("term", "folds", "hearing", "latin"),
    [
        ("炸弹", DEFAULT, Hearing.EXACT, False),
        ("炸弹", DEFAULT | {Fold.HOMOPHONES}, Hearing.TONE, False),
        ("炸弹", ALL, Hearing.SYLLABLE, True),
        ("炸弹", DEFAULT | {Fold.PINYIN}, Hearing.EXACT, True),
        ("炸", ALL, Hearing.EXACT, False),
        ("bomb", ALL, Hearing.EXACT, False),
        ("炸bomb", ALL, Hearing.EXACT, False),
    ],
)
def test_a_term_is_heard_only_if_asked_for_and_long_enough(term, folds, hearing, latin):
    chosen = view(term, folds)
    assert (chosen.hearing, chosen.latin) == (hearing, latin)


def test_a_term_of_signs_keeps_its_signs():
    assert Fold.SEPARATORS not in view("c++", DEFAULT).base
    assert Fold.SEPARATORS in view("炸 弹", DEFAULT).base


def test_digits_stand_for_letters_only_where_a_term_has_letters():
    assert Fold.DIGITS in view("bomb", ALL).base
    assert Fold.DIGITS not in view("炸弹", ALL).base


def test_a_term_has_one_spelling_in_the_characters_themselves():
    assert spellings("炸 弹", view("炸弹", DEFAULT), split=False) == ["炸弹"]


def test_every_usual_reading_is_spelled():
    heard = view("银行行长", COSTLY)
    assert view("银行行长", COSTLY).token("航掌") in {
        spelled[2:] for spelled in spellings("银行行长", heard, split=False)
    }


def test_parts_are_spelled_beside_each_other():
    assert spellings("枪支", view("枪支", DEFAULT), split=True) == ["枪支", "木仓支"]


def test_the_number_of_spellings_is_bounded():
    assert len(spellings("行长行长行长行长行长", view("行长", COSTLY), split=True)) <= 128
    assert len(units("行长行长行长行长行长", view("行长", COSTLY))) <= 64


def test_units_are_characters_with_their_letters_once_for_each_reading():
    exact = View(DEFAULT, Hearing.EXACT, latin=True, word=True)
    assert units("会a\u303b", exact) == [
        (Unit("会", "hui"), Unit("a", "a"), Unit("\u303b", "")),
        (Unit("会", "kuai"), Unit("a", "a"), Unit("\u303b", "")),
    ]
    unread = "\U00031234"  # a character for which no reading is known
    assert units(unread, exact) == [(Unit(unread, ""),)]
