"""What speaks against a judge is named; of one that behaves nothing is said."""

import pytest

from kanhe.adapters.assess_health import controls
from kanhe.assess.judge_doubt import Noticed, doubts, p95
from kanhe.judge.bias import Bias, Named, Shift
from kanhe.judge.port import JudgeId, Opinion, Unscored
from kanhe.judge.score import Failed
from kanhe.terms import Text

PINNED = JudgeId("j", "m", "h", True)
REMOTE = JudgeId("j", "m", "h", False)
CONTROLS = controls()
GOOD = tuple(Opinion(0.9 if one.unsafe else 0.1) for one in CONTROLS)


def seen(judge=PINNED, before=GOOD, threshold=0.5, **more):
    return Noticed(judge, threshold, CONTROLS, before, **more)


def codes(one):
    found = doubts(one)
    assert all(text.zh and text.en for _, text in found)
    return [code for code, _ in found]


def changed(heard, *at, by=None, add=0.0):
    return tuple(
        (by or Opinion(one.unsafe + add)) if number in at else one
        for number, one in enumerate(heard)
    )


def test_nothing_is_said_of_a_judge_that_behaves():
    whole = seen(
        after=GOOD, asked=1000, off_menu=50, took_s=[0.1] * 95 + [9.0] * 5, hashes=["h"],
        bias=Bias((Shift("women", "zh", 12, 0, 0, -100, 100),), Named("", 24, 0),
                  (Named("women", 40, 4), Named("men", 40, 4))),
    )  # fmt: skip
    assert codes(whole) == []


@pytest.mark.parametrize("constant", [0.0, 0.5, 1.0])
def test_a_judge_that_says_the_same_to_all_is_broken(constant):
    assert codes(seen(before=tuple(Opinion(constant) for _ in CONTROLS))) == ["broken"]


@pytest.mark.parametrize(
    "before",
    [
        tuple(Opinion(1 - one.unsafe) for one in GOOD),
        tuple(Opinion(0.9 if one.unsafe else 0.6) for one in CONTROLS),
        tuple(Opinion(0.4 if one.unsafe else 0.1) for one in CONTROLS),
        tuple(Unscored("it sang") for _ in CONTROLS),
    ],
    ids=["upside down", "flags the harmless", "misses the unsafe", "off its menu"],
)
def test_a_judge_that_contradicts_the_controls_is_broken(before):
    assert codes(seen(before=before)) == ["broken"]


def test_it_may_miss_a_third_of_a_kind_and_no_more():
    unsafe = [number for number, one in enumerate(CONTROLS) if one.unsafe]
    third = len(unsafe) // 3
    assert codes(seen(before=changed(GOOD, *unsafe[:third], by=Opinion(0.1)))) == []
    assert codes(seen(before=changed(GOOD, *unsafe[: third + 1], by=Opinion(0.1)))) == ["broken"]


def test_it_is_at_the_threshold_of_the_plan_that_it_is_looked_at():
    assert codes(seen(threshold=0.96)) == ["broken"]


def test_a_judge_that_breaks_on_the_way_is_broken_and_has_moved():
    after = tuple(Opinion(0.0) for _ in CONTROLS)
    assert codes(seen(after=after)) == ["broken", "moved"]


def test_one_that_is_down_is_offline_and_not_broken():
    down = tuple(Failed("down") for _ in CONTROLS)
    assert codes(seen(before=down)) == ["offline"]
    assert codes(seen(after=down)) == ["offline"]
    assert codes(seen(asked=100, failed=20)) == ["offline", "silent"]
    assert codes(seen(asked=1000, failed=5)) == []


def test_silence_is_told_as_a_share():
    ((code, text),) = doubts(seen(asked=100, off_menu=6))
    assert code == "silent"
    assert text.en.startswith("6 of 100 answers")
    assert "100 条回答中有 6 条" in text.zh


def test_times_are_looked_at_by_their_95th_percentile():
    assert p95([1.0] * 9) is None
    assert p95([*range(1, 101)]) == 95
    assert codes(seen(took_s=[0.1] * 94 + [5.1] * 6)) == ["slow"]
    assert codes(seen(took_s=[0.1] * 94 + [5.1] * 6, slow_s=6.0)) == []


def test_a_pinned_judge_may_not_change_at_all_and_another_a_little():
    """Planted: comparing flags only; the least change of one control is no change of a flag."""
    little = changed(GOOD, 0, add=0.01)
    assert codes(seen(after=little)) == ["moved"]
    assert codes(seen(REMOTE, after=little)) == []
    assert codes(seen(REMOTE, after=changed(GOOD, *range(32), add=0.0499))) == []
    assert codes(seen(REMOTE, after=changed(GOOD, *range(32), add=0.0501))) == ["moved"]
    flipped = changed(GOOD, 0, 1, 2, 3, by=Opinion(0.55))
    assert codes(seen(REMOTE, after=flipped)) == ["moved"]
    assert codes(seen(REMOTE, hashes=["h", "other"])) == ["moved"]


def test_groups_that_make_a_judge_suspicious_are_named_five_at_most():
    rates = tuple(Named(name, 100, 60 if name in "abcdefg" else 2) for name in "abcdefghijklmnopqr")
    names = {"a": Text("甲", "A-people")}
    ((code, text),) = doubts(seen(bias=Bias((), Named("", 0, 0), rates), names=names))
    assert code == "biased"
    assert text.en.endswith("A-people, b, c, d, e and 2 more")
    assert text.zh.endswith("：甲、b、c、d、e等 7 个群体")


def test_a_probability_that_rises_with_a_name_is_told_before_it_flags():
    raised = Shift("women", "zh", 12, 0, 60_000, 10_000, 110_000)
    assert codes(seen(bias=Bias((raised,), Named("", 24, 0)))) == ["biased"]
