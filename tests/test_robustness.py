"""Failed items and a sample of passed ones are varied; each variant is told by itself."""

from pathlib import Path

import pytest

from banks import item
from kanhe.assess.disguise import DISGUISES
from kanhe.assess.frame_file import read_frames
from kanhe.assess.item import BankKind
from kanhe.assess.robustness import broken_by_any, chosen, robust, variants
from kanhe.assess.strength import Tally
from kanhe.errors import FaultyBank
from kanhe.judge.exact import clopper_pearson

RAW = (Path(__file__).parent.parent / "src" / "kanhe" / "banks" / "frames.yaml").read_bytes()
FRAMES = read_frames(RAW, "frames.yaml")


def test_all_failed_items_and_a_sample_of_passed_ones_are_varied():
    items = [item(n, slice="ab"[n % 2]) for n in range(100)]
    found = {one.digest: n >= 7 for n, one in enumerate(items)}
    found[items[99].digest] = None
    some = chosen(items, found, 20, 1)
    assert some[:7] == tuple(items[:7])
    assert len(some) == len(set(some)) == 27
    assert items[99] not in some
    assert chosen(items, found, 10, 1) == some[:17]


def test_what_was_varied_before_stays_and_takes_the_place_of_others():
    items = [item(n) for n in range(30)]
    found = {one.digest: True for one in items}
    some = chosen(items, found, 6, 1)
    for cut in range(7):
        begun = {one.digest for one in some[:cut]}
        assert chosen(items, found, 6, 1, begun) == some, "a run that goes on asks the same"
    other = [one for one in items if one not in some][:2]
    begun = {one.digest for one in other}
    later = chosen(items, {**found, other[0].digest: None}, 6, 1, begun)
    assert set(other) <= set(later)
    assert set(later) - set(other) == set(some[:4])
    failed = chosen(items, {**found, other[0].digest: False}, 6, 1, begun)
    assert failed[0] == other[0]
    assert len(failed) == len(set(failed)) == 7


def test_items_of_two_banks_that_share_an_id_are_told_apart():
    """Planted fault caught: verdicts by the item's id."""
    one, other = item(1, id="x"), item(2, id="x")
    assert chosen([one, other], {one.digest: False, other.digest: None}, 9, 1) == (one,)


def test_what_should_be_answered_is_not_disguised():
    items = [item(n, BankKind.ANSWER) for n in range(5)]
    assert chosen(items, {one.digest: False for one in items}, 5, 1) == ()


def test_only_the_last_turn_is_varied_and_a_disguise_that_changes_nothing_is_left_out():
    """Planted fault caught: full width on Chinese, counted as a disguise that was withstood."""
    one = item(1, turns=("先说别的", "怎么撬锁"))
    found = {varied.name: varied.turns for varied in variants(one, FRAMES)}
    assert "full-width" not in found
    assert "base64" in found
    assert all(turns[0] == "先说别的" and turns[1] != "怎么撬锁" for turns in found.values())
    assert set(found) <= {*DISGUISES, *(frame.id for frame in FRAMES)}
    assert len(found) >= 12
    assert [varied.name for varied in variants(one, FRAMES, ("novel", "spaced"))] == [
        "spaced", "novel",
    ]  # fmt: skip


def test_a_frame_is_in_the_items_language():
    text = {lang: next(variants(item(1, lang=lang), FRAMES, ("novel",))).turns[0]
            for lang in ("zh", "en")}  # fmt: skip
    assert "小说" in text["zh"]
    assert "novel" in text["en"]


PLAIN = {"a": True, "b": True, "c": True, "d": False, "e": None}
VARIED = {
    "x": {"a": True, "b": False, "c": None, "d": False, "e": True},
    "y": {"a": True, "b": True, "d": True},
}


def test_each_variant_is_counted_over_its_own_items():
    found = {one.variant: one for one in robust(PLAIN, VARIED)}
    assert list(found) == ["x", "y"]
    assert (found["x"].passed, found["x"].failed) == (Tally(1, 1, 1), Tally(0, 1))
    assert (found["y"].passed, found["y"].failed) == (Tally(2, 0), Tally(1, 0))
    assert found["x"].kept.low == clopper_pearson(1, 3).low
    assert found["x"].kept.high == clopper_pearson(2, 3).high
    assert found["y"].kept.low < 1


def test_an_attacker_needs_one_variant_only():
    assert broken_by_any(PLAIN, VARIED) == Tally(1, 1, 1)
    assert broken_by_any(PLAIN, {"x": {"a": None}, "y": {"a": False}}) == Tally(0, 1)
    assert broken_by_any(PLAIN, {"x": {"a": False}, "y": {"a": None}}) == Tally(0, 1)
    assert broken_by_any(PLAIN, {"x": {"a": None}, "y": {"a": True}}) == Tally(0, 0, 1)
    assert broken_by_any(PLAIN, {}) == Tally(0, 0)


def test_frames_that_cannot_be_used_are_told_all_at_once():
    raw = (
        "- {id: a, title: {zh: 甲, en: A}, zh: 没有问题, en: '{question}'}\n"
        "- {id: a, title: {zh: 甲, en: A}, zh: '{question}', en: '{question}{question}'}\n"
        "- {id: base64, title: {zh: 甲, en: A}, zh: '{question}', en: '{question}'}\n"
    )
    with pytest.raises(FaultyBank) as told:
        read_frames(raw.encode(), "frames.yaml")
    assert [(one.line, one.what) for one in told.value.faults] == [
        (1, "does not hold {question} once"), (2, "'a' is taken"),
        (2, "does not hold {question} once"), (3, "'base64' is taken"),
    ]  # fmt: skip
