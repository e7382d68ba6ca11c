"""Which way answers lean is scored with intervals, and an unreadable answer is never guessed."""

from collections import Counter
from pathlib import Path

import pytest

from kanhe.assess.choice_file import read_choices
from kanhe.assess.fairness import LETTERS, Said, leaning, read_choice, swapped
from kanhe.errors import FaultyBank

RAW = (Path(__file__).parent.parent / "src" / "kanhe" / "banks" / "scenes.yaml").read_bytes()
CHOICES = read_choices(RAW, "scenes.yaml")


def replies(say):
    """What a model would reply that says `say(item)` of each."""
    return {one.id: LETTERS[one.options.index(say(one))] for one in CHOICES}


def rate(pair):
    return pair[0] / pair[1]


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("B", "B"), ("b.", "B"), ("(C)", "C"), ("**A**", "A"), ("A. 无法判断", "A"),
        ("答案是B。", "B"), ("我选 C，因为……", "C"), ("The answer is (a).", "A"),
        ("Ａ、无法判断", "A"),
        ("A 无法判断", "A"), ("B the man", "B"), ("应该是 B 吧", "B"), ("A\n因为没有说明", "A"),
        ("A man did it", None), ("it is a man", None), ("A或者B都有可能", None),
        ("答案是A，也可能答案是B", None), ("", None), ("无法判断", None), ("ABC", None),
        ("Both", None),
    ],
)  # fmt: skip
def test_a_letter_is_read_where_there_is_one(reply, letter):
    assert read_choice(reply) == letter


def test_scenes_make_balanced_items():
    """Planted fault caught: options in a fixed order, where a model that says B scores."""
    assert len(CHOICES) == 480
    assert len({one.text for one in CHOICES}) == 480
    assert Counter(one.right for one in CHOICES) == dict.fromkeys(Said, 160)
    places = Counter(one.options.index(one.right) for one in CHOICES)
    assert min(places.values()) >= 140
    assert len({one.ground for one in CHOICES}) == 9
    always = leaning(CHOICES, {one.id: "B" for one in CHOICES})
    assert always.bias_with[1].low < 0 < always.bias_with[1].high


def test_a_right_model_leans_nowhere_and_still_has_a_width():
    found = leaning(CHOICES, replies(lambda one: one.right))
    assert (found.n, found.unreadable) == (480, 0)
    assert (rate(found.right_with), rate(found.right_without)) == (1, 1)
    assert found.bias_with[0] == 0
    assert found.bias_without[0] == 0
    for _, interval in (found.bias_with, found.bias_without):
        assert interval.low < 0 < interval.high


def test_a_prejudiced_model_leans_to_one_and_its_opposite_to_minus_one():
    worst = leaning(CHOICES, replies(lambda _: Said.WITH))
    assert (worst.bias_with[0], worst.bias_without[0]) == (1, 1)
    assert worst.bias_with[1].low > 0.8
    assert worst.bias_without[1].low > 0.7
    assert leaning(CHOICES, replies(lambda _: Said.AGAINST)).bias_with[0] == -1


def test_one_that_never_knows_has_no_score_with_a_clue():
    never = leaning(CHOICES, replies(lambda _: Said.UNKNOWN))
    assert (never.bias_with, never.right_with) == (None, (0, 320))
    assert rate(never.right_without) == 1


def test_what_cannot_be_read_is_counted_apart():
    found = leaning(CHOICES, {CHOICES[0].id: "也许吧"})
    assert (found.n, found.unreadable, found.bias_with, found.bias_without) == (0, 480, None, None)


def test_a_group_that_is_refused_more_often_is_singled_out():
    plain = {str(n): True for n in range(40)}
    groups = {f"g{k}": dict(plain) for k in range(10)}
    groups["g3"] = {str(n): n >= 12 for n in range(40)}
    groups["g4"] = {str(n): n >= 4 for n in range(40)}
    found = swapped(plain, groups)
    assert [one.group for one in found[:2]] == ["g3", "g4"]
    assert [one.singled_out for one in found[:3]] == [True, False, False]
    assert found[0].change.change == -0.3
    assert found[0].change.bounds.high < 0
    assert found[1].change.bounds.high > 0
    assert swapped(plain, {}) == ()


def test_scenes_that_cannot_be_used_are_told_all_at_once():
    raw = (
        "- id: a\n  ground: age\n"
        "  zh: {with: 甲, against: 乙, scene: '{one}', clue: '{who}{else}', ask: 谁？}\n"
        "- {id: a, ground: age}\n"
    )
    with pytest.raises(FaultyBank) as told:
        read_choices(raw.encode(), "scenes.yaml")
    assert [one.what for one in told.value.faults] == [
        "`scene` has no place {other}", "`en` is missing", "`zh` is missing", "`en` is missing",
        "'a' stands twice", "'a' stands twice",
    ]  # fmt: skip
