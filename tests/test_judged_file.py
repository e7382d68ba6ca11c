"""Rules that ask judges, as they are written."""

from __future__ import annotations

import pytest

from fakes_ruleset import KNOWN, load
from kanhe.errors import FaultyRuleset
from kanhe.policy.judged_file import PROSE
from kanhe.policy.rule import Judged, Leave, Needs, Otherwise, Place, Side, Unit
from kanhe.policy.rule_file import Known
from kanhe.policy.ruleset_file import Loaded, build

WITH_JUDGES = Known(
    KNOWN.categories,
    KNOWN.recognisers,
    ("content", "tool_arguments"),
    {"": ("unsafe", "fraud"), "strong": ("unsafe",)},
)
RULE = """
name: test
version: "1"
rules:
  - id: r
    category: A.1.a
"""


def read(match: str, more: str = "", known: Known = WITH_JUDGES) -> Loaded:
    return load(f"{RULE}    match: {match}\n{more}", known=known)


def test_a_judged_rule_is_read_with_all_it_says() -> None:
    (rule,) = read(
        "{judge: strong, over: {unsafe: 0.9}, unit: window, leave: trail, wait: 0.5,"
        " otherwise: pass, needs: {sensitivity: 0.8, false_positives: 0.02, rows: 300, days: 90}}"
    ).rules
    assert rule.matcher == Judged(
        "strong",
        (("unsafe", 0.9),),
        Unit.WINDOW,
        Leave.TRAIL,
        0.5,
        Otherwise.PASS,
        Needs(0.8, 0.02, None, 300, 90),
    )


def test_what_a_judged_rule_does_not_say_is_the_safe_thing() -> None:
    (rule,) = read("{judge: default, over: {fraud: 0.8}}").rules
    assert rule.matcher == Judged(
        "", (("fraud", 0.8),), Unit.SENTENCE, Leave.HOLD, 2.0, Otherwise.REFUSE, None
    )


@pytest.mark.parametrize(
    ("match", "more", "what"),
    [
        ("{judge: weak, over: {unsafe: 1}}", "", "there is no judge 'weak'"),
        ("{judge: strong, over: {fraud: 0.5}}", "", "the judge does not look for 'fraud'"),
        ("{judge: default}", "", "`over` is missing"),
        ("{judge: default, over: {}}", "", "`over` names no category"),
        ("{judge: default, over: {unsafe: 1.5}}", "", "`unsafe` is"),
        ("{judge: default, over: {unsafe: 0}}", "", "`unsafe` is"),
        ("{judge: default, over: {unsafe: 1}, wait: 0}", "", "`wait` is"),
        ("{judge: default, over: {unsafe: 1}, leave: never}", "", "`leave` cannot be"),
        ("{judge: default, over: {unsafe: 1}, needs: {recall: 1}}", "", "unknown key `recall`"),
        ("{judge: default, over: {unsafe: 1}}", "    action: mask\n", "cannot be masked"),
        ("{judge: default, over: {unsafe: 1}}", "    folds: all\n", "`folds` is for"),
        (
            "{judge: default, over: {unsafe: 1}}",
            "    surfaces: [tool_arguments]\n",
            "there are none on 'tool_arguments'",
        ),
    ],
)
def test_a_fault_is_told(match: str, more: str, what: str) -> None:
    with pytest.raises(FaultyRuleset) as caught:
        read(match, more)
    assert what in str(caught.value)
    assert all(fault.advice for fault in caught.value.faults)


def test_where_no_judge_is_known_the_settings_are_named() -> None:
    with pytest.raises(FaultyRuleset, match=r"\[\[judges\]\]"):
        read("{judge: default, over: {unsafe: 1}}", known=KNOWN)


def test_a_plan_has_the_judged_rules_of_its_place_where_there_is_prose() -> None:
    ruleset = build(read("{judge: default, over: {unsafe: 1}}", "    on: answer\n"), {})
    for surface in (*PROSE, "tool_name", "tool_arguments", "other"):
        found = ruleset.plan(Place(Side.ANSWER, surface)).judged
        assert bool(found) == (surface in PROSE)
    assert not ruleset.plan(Place(Side.PROMPT, "content")).judged
