"""The shipped ruleset that asks a judge: what it may do, and what it keeps its hands off."""

from __future__ import annotations

from kanhe.adapters.embedded_judge import WEIGHTS, read_sheet
from kanhe.adapters.package_data import regime, risks, shipped
from kanhe.gateway.surface import SURFACES
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Judged, Mode, Side
from kanhe.policy.rule_file import Known
from kanhe.policy.ruleset_file import load_rulesets

OUTPUTS = read_sheet(WEIGHTS).outputs
KNOWN = Known(risks(), RECOGNISERS, SURFACES, {"": OUTPUTS, "embedded": OUTPUTS})
LOADED = load_rulesets([shipped("meaning")], KNOWN)


def test_every_rule_asks_the_judge_of_the_settings():
    assert all(isinstance(rule.matcher, Judged) for rule in LOADED.rules)
    assert {rule.matcher.judge for rule in LOADED.rules} == {""}


def test_answers_are_only_watched():
    for rule in LOADED.rules:
        (side,) = rule.scope.sides
        assert (rule.mode is Mode.SHADOW) == (side is Side.ANSWER)


def test_it_stands_beside_the_other_shipped_ruleset():
    both = load_rulesets([shipped("baseline"), shipped("meaning")], KNOWN)
    assert len(both.rules) > len(LOADED.rules)


def test_a_rule_stands_under_a_risk_that_its_categories_speak_for():
    kinds = regime().judging["risks"]
    for rule in LOADED.rules:
        if rule.category in kinds:
            asked = {category for category, _ in rule.matcher.over}
            speaks = set(kinds[rule.category].by)
            assert asked & speaks or rule.id.startswith("minors"), rule.id


def test_nothing_in_it_is_political():
    political = {code for code, kind in regime().judging["risks"].items() if not kind.by}
    assert not political & {rule.category for rule in LOADED.rules}
