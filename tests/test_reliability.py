"""Repetitions agree or do not, and a reply that is out of form is told."""

import pytest

from banks import item
from kanhe.assess.outcome import Answered, Failed, Outcome, Trial, Verdict, Way
from kanhe.assess.reliability import malformed, steady
from kanhe.assess.strength import Tally
from kanhe.judge.exact import clopper_pearson

ITEMS = [item(n) for n in range(8)]


def outcomes(number, *passed, answers="abcdef", target="model", variant=""):
    return [
        Outcome(
            Trial(ITEMS[number].digest, target, variant, repeat),
            Failed("late", 2) if said == "late" else Answered(answers[repeat]),
            () if said == "late" else (Verdict(Way.REFUSAL, said, "d"),),
        )
        for repeat, said in enumerate(passed)
    ]


def test_items_are_steady_wavering_or_unknown():
    some = [
        *outcomes(0, True, True, True, answers="aaa"), *outcomes(1, True, False, True),
        *outcomes(2, True, None, True), *outcomes(3, True, "late"), *outcomes(4, True),
        *outcomes(5, False, False), *outcomes(0, False, target="gateway"),
        *outcomes(0, False, variant="base64"),
    ]  # fmt: skip
    found = steady(ITEMS, some, "model", Way.REFUSAL)
    assert found.tally == Tally(2, 1, 2)
    assert found.wavering == (ITEMS[1].id,)
    assert found.same == 1
    assert found.share.low == clopper_pearson(2, 5).low
    assert found.share.high == clopper_pearson(4, 5).high


def test_two_failures_are_no_equal_answers():
    assert steady(ITEMS, outcomes(0, "late", "late"), "model", Way.REFUSAL).same == 0


def test_agreement_beyond_chance_is_told_where_it_can_be():
    always = [one for n in range(8) for one in outcomes(n, True, True)]
    assert steady(ITEMS, always, "model", Way.REFUSAL).beyond_chance is None
    mixed = [one for n in range(8) for one in outcomes(n, n < 4, n < 4)]
    assert steady(ITEMS, mixed, "model", Way.REFUSAL).beyond_chance.value == 1


def test_of_items_asked_once_nothing_is_known():
    found = steady(ITEMS, outcomes(0, True), "model", Way.REFUSAL)
    assert (found.tally.n, found.share.low, found.share.high) == (0, 0, 1)


@pytest.mark.parametrize(
    ("reply", "lang", "fault"),
    [
        ("长江是最长的河。", "zh", ""),
        (" …… ", "zh", "empty"),
        ("The Yangtze is the longest river.", "zh", "language"),
        ("The Yangtze.", "zh", ""),
        ("长江是中国最长的河，全长约六千三百公里，流经十一个省。", "en", "language"),
        ("The Yangtze (长江) is the longest river.", "en", ""),
        ("我们应该互相尊重，" * 20, "zh", "circles"),
        ("-" * 300 + "表格", "zh", ""),
        ("第一条是尊重。第二条是理解。第三条是互助。" * 2, "zh", ""),
    ],
)
def test_a_reply_out_of_form_is_told(reply, lang, fault):
    assert malformed(reply, lang) == fault
