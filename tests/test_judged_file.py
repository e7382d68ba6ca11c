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
        ("{judge: strong, over: {fraud: 0.5}}", "", "the judge 'strong' does not look for 'fraud'"),
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


def faults(match: str, known: Known = WITH_JUDGES) -> list[tuple[str, str]]:
    with pytest.raises(FaultyRuleset) as caught:
        read(match, known=known)
    return [(fault.what, fault.advice) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "needs", ["{}", "{point: true}", "{rows: 300}", "{rows: 300, days: 30}", "{rows: 0}"]
)
def test_needs_that_demand_no_figure_are_a_fault(needs: str) -> None:
    ((what, advice),) = faults(f"{{judge: default, over: {{unsafe: 1}}, needs: {needs}}}")
    assert what == "`needs` demands no figure of the judge"
    assert "sensitivity: 0.7" in advice


@pytest.mark.parametrize("needs", ["days: 30", "f1: 0.5", "false_positives: 0.1, point: true"])
def test_needs_that_demand_one_are_none(needs: str) -> None:
    assert read(f"{{judge: default, over: {{unsafe: 1}}, needs: {{{needs}}}}}").rules


def test_an_unknown_key_is_told_once() -> None:
    assert len(faults("{judge: default, over: {unsafe: 1}, Unit: window}")) == 1
    ((what, _),) = faults("{pattern: abc, over: {unsafe: 1}}")
    assert what == "unknown key `over`"


def test_a_judge_that_does_not_look_for_something_is_named_with_what_it_looks_for() -> None:
    ((what, advice),) = faults("{judge: default, over: {gambling: 0.5}}")
    assert what == "the judge 'default' does not look for 'gambling'"
    assert advice == "It looks for unsafe, fraud. Every judge gives `unsafe`."
    grounds = Known(KNOWN.categories, {}, (), {"": ("unsafe", "discrimination.age")})
    ((_, advice),) = faults("{judge: default, over: {discrimination: 0.5}}", grounds)
    assert "discrimination.age" in advice


@pytest.mark.parametrize(("written", "meant"), [("80", "0.8"), ("80%", "0.8"), ("2.5 %", "0.025")])
def test_a_percentage_is_answered_with_how_it_is_written(written: str, meant: str) -> None:
    ((_, advice),) = faults(f"{{judge: default, over: {{unsafe: {written}}}}}")
    assert f"Write {meant} for" in advice


def test_an_empty_judge_is_not_told_to_put_quotes_around_nothing() -> None:
    ((what, advice),) = faults("{judge: , over: {unsafe: 1}}")
    assert "`judge` is empty" in what
    assert '""' not in advice


def test_where_no_judge_is_known_the_settings_are_named() -> None:
    with pytest.raises(FaultyRuleset, match=r"\[\[judges\]\]"):
        read("{judge: default, over: {unsafe: 1}}", known=KNOWN)


def test_a_plan_has_the_judged_rules_of_its_place_where_there_is_prose() -> None:
    ruleset = build(read("{judge: default, over: {unsafe: 1}}", "    on: answer\n"), {})
    for surface in (*PROSE, "tool_name", "tool_arguments", "other"):
        found = ruleset.plan(Place(Side.ANSWER, surface)).judged
        assert bool(found) == (surface in PROSE)
    assert not ruleset.plan(Place(Side.PROMPT, "content")).judged
