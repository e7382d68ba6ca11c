"""Whom a duty binds, against trying every way in which open questions could be answered.

Planted faults that these were seen to catch: an open question taken for no; `Some` that is open
where a part of it holds; an answer counted although its question is not put; reasons taken from
parts that are not open; a condition left open on a question that nobody puts.
"""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fakes_regime import load
from kanhe.law.scope import (
    AtLeast,
    Decided,
    Every,
    Is,
    Not,
    Option,
    Question,
    Some,
    counting,
    decide,
    put,
)
from kanhe.terms import Text

NAMES = ("a", "b", "c")
leaves = st.builds(Is, st.sampled_from(NAMES), st.booleans())
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Every, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Some, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
answers = st.dictionaries(st.sampled_from(NAMES), st.booleans())


def kleene(condition, given):
    """Say with Kleene's three truths 0, 1/2, 1 what `decide` says with True, None, False."""
    match condition:
        case Is(question, value):
            return 0.5 if question not in given else float(given[question] is value)
        case Not(part):
            return 1 - kleene(part, given)
        case Every(parts):
            return min(kleene(part, given) for part in parts)
        case Some(parts):
            return max(kleene(part, given) for part in parts)


@given(conditions, answers)
def test_a_condition_is_decided_as_kleene_says(condition, given):
    said = {True: 1.0, None: 0.5, False: 0.0}[decide(condition, given).holds]
    assert said == kleene(condition, given)


@given(conditions, answers)
def test_what_is_decided_stays_so_however_the_rest_is_answered(condition, given):
    decided = decide(condition, given).holds
    rest = [name for name in NAMES if name not in given]
    for filled in product((True, False), repeat=len(rest)):
        later = decide(condition, {**given, **dict(zip(rest, filled, strict=True))}).holds
        assert later is not None
        assert decided in {None, later}


@given(conditions, answers)
def test_the_reasons_alone_decide_it(condition, given):
    found = decide(condition, given)
    if found.holds is None:
        assert found.because
        assert not set(found.because) & set(given)
    else:
        reasons = {name: given[name] for name in found.because}
        assert decide(condition, reasons).holds is found.holds


def question(name, kind="yes_no", asked=None, options=()):
    title = Text(name, name)
    chosen = tuple(Option(one, title) for one in options)
    return Question(name, kind, title, title, chosen, asked, "xx-1")


CHAIN = {
    one.id: one
    for one in (
        question("a"),
        question("b", asked=Is("a", True)),
        question("c", asked=Every((Is("a", True), Is("b", True)))),
        question("n", "number", asked=Not(Is("a", True))),
    )
}


def test_only_questions_that_earlier_answers_call_for_are_put():
    def names(given):
        return [one.id for one in put(CHAIN, given)]

    assert names({}) == ["a", "b", "c", "n"]
    assert names({"a": True}) == ["a", "b", "c"]
    assert names({"a": False}) == ["a", "n"]
    assert names({"a": True, "b": False}) == ["a", "b"]


def test_an_answer_to_a_question_that_is_not_put_counts_for_nothing():
    assert counting(CHAIN, {"a": False, "b": True, "c": True}) == {"a": False}
    assert counting(CHAIN, {"b": True}) == {}
    assert counting(CHAIN, {"a": True, "b": True, "c": False, "z": True}) == {
        "a": True,
        "b": True,
        "c": False,
    }


def test_a_condition_on_a_question_that_is_not_put_is_not_left_open():
    """Guests are asked for where it is open; the loader makes every condition on them say so."""
    regime = load()
    applies = regime.obligations[0].applies
    closed = {"open": False}
    assert [one.id for one in put(regime.questions, closed)] == ["open", "house", "opened"]
    assert decide(applies, closed) == Decided(False, ("open",))
    assert decide(regime.routes[0].condition, closed | {"house": "barn"}).holds is False
    assert decide(applies, {"open": True}) == Decided(None, ("guests",))


def test_of_several_chosen_answers_one_is_enough():
    assert decide(Is("m", "audio"), {"m": ("text", "audio")}).holds is True
    assert decide(Is("m", "audio"), {"m": ("text",)}).holds is False
    assert decide(Is("m", "audio"), {"m": ()}).holds is False


def test_a_number_is_enough_from_its_least_on():
    held = [decide(AtLeast("n", 10), {"n": n}).holds for n in (9, 10, 11)]
    assert held == [False, True, True]
    assert decide(AtLeast("n", 10), {}).holds is None


def test_no_condition_always_holds():
    assert decide(None, {}).holds is True
