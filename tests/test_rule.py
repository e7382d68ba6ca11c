"""Where a rule looks, and when its findings change anything."""

from __future__ import annotations

import pytest

from kanhe.policy.rule import Action, Mode, Place, Rule, Scope, Side, Terms

PROMPT = Place(Side.PROMPT, "content", "gpt-4", "shop")


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), True),
        (Scope(frozenset({Side.PROMPT})), True),
        (Scope(frozenset({Side.ANSWER})), False),
        (Scope(surfaces=frozenset({"content", "reasoning"})), True),
        (Scope(surfaces=frozenset({"reasoning"})), False),
        (Scope(models=("gpt-*",)), True),
        (Scope(models=("GPT-*",)), False),
        (Scope(models=("llama", "gpt-4")), True),
        (Scope(models=("llama*",)), False),
        (Scope(applications=("shop",)), True),
        (Scope(applications=("sho",)), False),
        (Scope(models=("gpt-*",), applications=("bank",)), False),
    ],
)
def test_a_scope_covers_a_place_only_if_every_part_of_it_does(scope, covered):
    assert scope.covers(PROMPT) is covered


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("action", Action)
def test_only_enforced_rules_that_do_more_than_flag_hold_text_back(action, mode):
    rule = Rule("r", "c", Terms(("x",)), action=action, mode=mode)
    assert rule.acts is (mode is Mode.ENFORCE and action is not Action.FLAG)


def test_the_examples_of_a_rule_are_no_part_of_what_it_is():
    assert Rule("r", "c", Terms(("x",)), must_match=("x",)) == Rule("r", "c", Terms(("x",)))
