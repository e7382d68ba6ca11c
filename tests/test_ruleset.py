"""A ruleset, compiled: which automata look at a place, and what its version stands for."""

from __future__ import annotations

from kanhe.policy.fold import DEFAULT, Fold
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Action, Expression, Place, Recognised, Rule, Scope, Side, Terms
from kanhe.policy.ruleset import Ruleset, compile_parts, content_hash, neighbour


def rule(name, matcher, **more):
    return Rule(name, "c", matcher, **more)


def ruleset(*rules):
    parts = compile_parts(rules, RECOGNISERS)
    return Ruleset(
        name="t", label="1", version="v", rules=rules, parts=parts, recognisers=RECOGNISERS
    )


def test_rules_that_look_alike_share_one_automaton():
    some = [rule(f"r{at}", Terms((f"炸弹{at}",))) for at in range(5)]
    assert len(compile_parts(some, {})) == 1
    assert len(compile_parts([*some, rule("x", Terms(("词语",)), folds=frozenset())], {})) == 2
    assert len(compile_parts([*some, rule("x", Terms(("词语",)), action=Action.FLAG)], {})) == 2
    answer = Scope(frozenset({Side.ANSWER}))
    assert len(compile_parts([*some, rule("x", Terms(("词语",)), scope=answer)], {})) == 2


def test_patterns_share_a_bank_by_their_folds():
    some = [rule("a", Expression("ab")), rule("b", Expression("bc"))]
    assert len(compile_parts(some, {})) == 1
    assert len(compile_parts([*some, rule("c", Expression("c"), folds=frozenset())], {})) == 2
    # A pattern cannot have these folds, so they do not tell two apart.
    wider = DEFAULT | {Fold.PINYIN}
    assert len(compile_parts([*some, rule("c", Expression("c"), folds=wider)], {})) == 1
    assert len(compile_parts([*some, rule("c", Recognised("email"))], RECOGNISERS)) == 2


def test_a_place_is_looked_at_by_what_covers_it():
    flag = rule("flag", Terms(("a1",)), action=Action.FLAG)
    prompt = rule("prompt", Terms(("b1",)), scope=Scope(frozenset({Side.PROMPT})))
    ours = ruleset(flag, prompt)
    answer = ours.plan(Place(Side.ANSWER))
    assert (len(answer.acting), len(answer.watching)) == (0, 1)
    asked = ours.plan(Place(Side.PROMPT))
    assert (len(asked.acting), len(asked.watching)) == (1, 1)
    assert ours.plan(Place(Side.PROMPT)) is asked


def test_all_that_ever_looks_at_a_side_can_watch_it():
    somewhere = rule("x", Terms(("b1",)), scope=Scope(models=("m",)))
    ours = ruleset(somewhere, rule("y", Terms(("c1",)), scope=Scope(frozenset({Side.PROMPT}))))
    assert ours.plan(Place(Side.ANSWER)).acting == ()
    assert len(ours.watching(Side.ANSWER).watching) == 1
    assert ours.watching(Side.ANSWER).acting == ()


def test_the_memory_of_plans_is_bounded():
    ours = ruleset(rule("x", Terms(("b1",))))
    for number in range(10_002):
        ours.plan(Place(Side.PROMPT, application=str(number)))
    assert len(ours._plans) < 10_002


def test_the_context_reaches_over_the_longest_exception():
    assert (
        ruleset(rule("x", Terms(("b1",)), unless_within=("1" * 20,)))
        .plan(Place(Side.PROMPT))
        .context
        >= 20
    )


def test_the_version_depends_on_every_byte_and_on_where_pieces_end():
    assert content_hash([b"ab", b"c"]) != content_hash([b"a", b"bc"])
    assert content_hash([b"ab"]) == content_hash([b"ab"])


def test_no_neighbour_is_forbidden_by_nothing():
    assert neighbour("") is None
    found = neighbour("0-9")
    assert found
    assert found.match("7")
