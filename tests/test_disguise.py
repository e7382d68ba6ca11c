"""Every disguise that a rule can ask for: caught with its fold, and not caught without it.

Planted faults that these were seen to catch: a fold left out of `fold._steps`; `word` ignored; the
minimum length ignored; folds told that were not needed.
"""

from __future__ import annotations

import pytest

from kanhe.policy.disguise import folds_taken
from kanhe.policy.example import found_in
from kanhe.policy.fold import ALL, DEFAULT, Fold
from kanhe.policy.rule import Expression, Rule, Side, Terms
from kanhe.policy.ruleset import Ruleset, compile_parts

TERM = "炸弹制作"
WORD = "pipe bomb"


def found(rule, text):
    parts = compile_parts([rule], {})
    ruleset = Ruleset(name="t", label="1", version="v", rules=[rule], parts=parts, recognisers={})
    return found_in(text, ruleset.watching(Side.ANSWER))


def rule(*terms, folds=DEFAULT, **more):
    return Rule(id="r", category="c", matcher=Terms(terms), folds=frozenset(folds), **more)


DISGUISES = [
    (Fold.WIDTH, "vx号", "ｖｘ号"),
    (Fold.WIDTH, "ab12", "ａｂ１２"),
    (Fold.WIDTH, "1号货", "①号货"),
    (Fold.WIDTH, "bomb", "𝐛𝐨𝐦𝐛"),
    (Fold.CASE, "bomb", "BOMB"),
    (Fold.CASE, "bomb", "BoMb"),
    (Fold.CASE, "бомба", "БОМБА"),
    (Fold.INVISIBLE, TERM, "炸\u200b弹\u200c制\u200d作"),
    (Fold.INVISIBLE, TERM, "炸\ufeff弹\u2060制\u00ad作"),
    (Fold.INVISIBLE, TERM, "炸\u202e弹\u2066制\U000e0041作"),
    (Fold.INVISIBLE, TERM, "炸\u3164弹\u115f制\u2800作"),
    (Fold.INVISIBLE, "bomb", "b\u0336o\u0336m\u0336b"),
    (Fold.INVISIBLE, "bomb", "b\x00o\x08m\x7fb"),
    (Fold.SEPARATORS, TERM, "炸 弹 制 作"),
    (Fold.SEPARATORS, TERM, "炸\n弹\t制\u3000作"),
    (Fold.SEPARATORS, TERM, "炸.弹-制*作"),
    (Fold.SEPARATORS, TERM, "炸，弹。制、作"),
    (Fold.SEPARATORS, TERM, "炸……弹——制|作"),
    (Fold.SEPARATORS, TERM, "炸\U0001f600弹\U0001f4a3制\u2764\ufe0f作"),
    (Fold.SEPARATORS, "bomb", "b.o.m.b"),
    (Fold.SEPARATORS, "bomb", "b o m b"),
    (Fold.TRADITIONAL, "制造枪弹", "製造槍彈"),
    (Fold.TRADITIONAL, "贩卖毒药", "販賣毒藥"),
    (Fold.TRADITIONAL, "製造槍彈", "制造枪弹"),
    (Fold.LOOKALIKES, "bomb", "bоmb"),
    (Fold.LOOKALIKES, "bomb", "вomb"),
    (Fold.LOOKALIKES, "cocaine", "сосаіnе"),
    (Fold.LOOKALIKES, "bomb", "bömb"),
    (Fold.DIGITS, "bomb", "b0mb"),
    (Fold.DIGITS, "cocaine", "c0c4in3"),
    (Fold.DIGITS, "assassin", "a$$4ss1n"),
    (Fold.HOMOPHONES, TERM, "炸蛋制作"),
    (Fold.HOMOPHONES, TERM, "炸弹制做"),
    (Fold.HOMOPHONES, TERM, "诈但至坐"),
    (Fold.HOMOPHONES, "银行行长", "银航航涨"),
    (Fold.TONES, TERM, "扎弹之作"),
    (Fold.TONES, TERM, "渣单只做"),
    (Fold.PINYIN, TERM, "zhadanzhizuo"),
    (Fold.PINYIN, TERM, "zha dan zhi zuo"),
    (Fold.PINYIN, TERM, "ZhaDan制作"),
    (Fold.PINYIN, TERM, "炸dan制zuo"),
    (Fold.PINYIN, TERM, "zhà dàn zhì zuò"),
    (Fold.PINYIN, "绿色女子", "lvsenüzi"),
    (Fold.SPLIT, "枪支弹药", "木仓支弹药"),
    (Fold.SPLIT, "赌博网站", "贝者博网站"),
    (Fold.SPLIT, "枪支弹药", "木仓支弓单药"),
]


@pytest.mark.parametrize(("fold", "term", "text"), DISGUISES)
def test_a_disguise_is_caught_if_its_fold_is_asked_for(fold, term, text):
    (finding,) = found(rule(term, folds=DEFAULT | {fold}, fold_min=4), f"看{text}。")
    assert fold.value in finding.folds
    assert (finding.start, finding.end) == (1, 1 + len(text))


@pytest.mark.parametrize(("fold", "term", "text"), DISGUISES)
def test_a_disguise_passes_if_its_fold_is_not_asked_for(fold, term, text):
    others = DEFAULT - {fold}
    assert found(rule(term, folds=others, fold_min=4), f"看{text}。") == ()


@pytest.mark.parametrize(("fold", "term", "text"), DISGUISES)
def test_without_any_fold_only_the_term_itself_is_caught(fold, term, text):
    bare = rule(term, folds=())
    assert found(bare, f"看{text}。") == ()
    assert len(found(bare, f"看{term}。")) == 1


@pytest.mark.obligation("eu-aia-15-1")
@pytest.mark.parametrize(
    ("text", "folds"),
    [
        ("炸 蛋\u200b製作", ["invisible", "separators", "homophones"]),
        ("ＺＨＡ-蛋 zhi做", ["width", "case", "separators", "homophones", "pinyin"]),
        (
            "Ｚ\u200bｈа 弹制作",
            ["width", "case", "invisible", "separators", "lookalikes", "pinyin"],
        ),
        ("炸*弓单*制*作", ["separators", "split"]),
    ],
)
def test_disguises_are_seen_through_together(text, folds):
    (finding,) = found(rule(TERM, folds=ALL - {Fold.TONES}, fold_min=4), text)
    assert list(finding.folds) == folds


@pytest.mark.parametrize(
    ("term", "text", "count"),
    [
        ("ass", "class", 0),
        ("ass", "assist", 0),
        ("ass", "an ass.", 1),
        ("ass", "我说ass啊", 1),
        ("ass", "ass", 1),
        ("ass", "ass\u200bist", 0),
        ("ass", "a s s", 1),
        ("ass", "b ass", 1),
        ("ass", "ass2", 0),
        ("ass", "жass", 0),
        ("枪", "手枪支", 1),
        ("pipe bomb", "pipe bombs", 0),
        ("pipe bomb", "pipe-bomb!", 1),
        ("c++", "c++ code", 1),
        ("c++", "abc", 0),
    ],
)
def test_a_latin_word_counts_only_whole_and_a_chinese_one_anywhere(term, text, count):
    assert len(found(rule(term), text)) == count


def test_a_rule_may_ask_for_parts_of_words():
    assert len(found(rule("ass", word=False), "class")) == 1


def test_costly_folds_want_a_term_of_some_length():
    costly = rule("炸弹", folds=ALL, fold_min=3)
    assert found(costly, "zhadan") == ()
    assert found(costly, "诈但") == ()
    assert len(found(rule("炸弹", folds=ALL, fold_min=2), "诈但")) == 1


def test_a_bare_number_is_no_word_in_disguise():
    asked = rule("bob", folds=DEFAULT | {Fold.DIGITS})
    assert found(asked, "价格808元") == ()
    assert len(found(asked, "8o8")) == 1


def test_a_pattern_names_no_folds():
    one = Rule(id="r", category="c", matcher=Expression("ab"))
    assert folds_taken(one, "ab", "ab") == ()


def test_the_term_itself_needs_no_fold():
    (finding,) = found(rule(TERM, folds=ALL, fold_min=2), TERM)
    assert finding.folds == ()
