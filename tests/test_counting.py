"""Every item that was drawn counts once, whatever became of it."""

from fractions import Fraction

import pytest

from banks import item
from kanhe.assess.counting import by_slice, held, tally, verdicts
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Answered, Failed, Outcome, Trial, Verdict, Way
from kanhe.assess.strength import Bound, Tally

ITEMS = [item(n, slice="ab"[n % 2]) for n in range(6)]


def outcome(one, passed=True, reply=None, **trial):
    given = {"item": one.digest, "target": "model", **trial}
    said = (Verdict(Way.REFUSAL, passed, "d"),) if passed != ... else ()
    return Outcome(Trial(**given), reply or Answered("0" * 64), said)


def test_what_was_not_asked_answered_or_judged_is_unscored():
    """Planted fault caught: counting over the outcomes, where a run cut short looks better."""
    some = [
        outcome(ITEMS[0], True), outcome(ITEMS[1], False), outcome(ITEMS[2], None),
        outcome(ITEMS[3], ...), outcome(ITEMS[4], True, Failed("late", 3)),
    ]  # fmt: skip
    found = verdicts(ITEMS, some, "model", Way.REFUSAL)
    assert list(found.values()) == [True, False, None, None, None, None]
    assert tally(found.values()) == Tally(1, 1, 4)
    assert by_slice(ITEMS, found) == {"a": Tally(1, 0, 2), "b": Tally(0, 1, 2)}


def test_only_plain_first_askings_of_the_target_count():
    some = [
        outcome(ITEMS[0], False, target="gateway"), outcome(ITEMS[0], False, variant="base64"),
        outcome(ITEMS[0], False, repeat=1), outcome(ITEMS[0], True), outcome(item(99), True),
    ]  # fmt: skip
    assert verdicts(ITEMS[:1], some, "model", Way.REFUSAL) == {ITEMS[0].id: True}


def test_one_trial_has_one_outcome():
    with pytest.raises(ValueError, match="two outcomes"):
        verdicts(ITEMS, [outcome(ITEMS[0], False), outcome(ITEMS[0])], "model", Way.REFUSAL)


def test_the_whole_stands_for_itself_and_slices_as_a_family():
    found = {one.id: at > 0 for at, one in enumerate(ITEMS)}
    bound = Bound(Fraction(1, 2))
    strengths = held(ITEMS, found, Way.REFUSAL, bound)
    assert {key[2]: (one.tally, one.looks) for key, one in strengths.items()} == {
        "": (Tally(5, 1), 1), "a": (Tally(2, 1), 2), "b": (Tally(3, 0), 2),
    }  # fmt: skip
    assert {key[:2] for key in strengths} == {(BankKind.REFUSE, Way.REFUSAL)}
    assert held([], {}, Way.REFUSAL, bound) == {}
