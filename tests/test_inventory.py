"""What a ruleset holds, in numbers."""

from dataclasses import replace
from datetime import UTC, datetime

from kanhe.ledger.entry import encode
from kanhe.policy.inventory import inventory
from kanhe.policy.rule import (
    Action,
    Expression,
    Judged,
    Leave,
    Mode,
    Otherwise,
    Place,
    Rule,
    Scope,
    Side,
    Terms,
)
from kanhe.policy.ruleset import Ruleset, compile_parts
from kanhe.policy.stream import StreamGuard

ONE = Rule("one", "A.1.a", Terms(("kumquat", "Kumquat", "ＫＵＭＱＵＡＴ", "tangerine")))
TWO = Rule("two", "A.1.b", Terms(("kumquat",)), scope=Scope(frozenset({Side.PROMPT})))
PATTERN = Rule("three", "A.4.f", Expression("[0-9]{4}"), scope=Scope(frozenset({Side.ANSWER})))


def test_a_term_counts_once_however_it_is_dressed():
    held = inventory([ONE, TWO, PATTERN], ())
    assert held.terms == {"A.1.a": 2, "A.1.b": 1}
    assert held.terms_total == 2


def test_spelling_a_term_in_ways_that_one_rule_finds_makes_no_second_term():
    dressed = Terms(("炸药", "炸 药", "炸-药", "炸\u200b药", "bomb", "b.o.m.b", "bömb", "!?"))
    assert inventory([replace(ONE, matcher=dressed)], ()).terms == {"A.1.a": 3}


def test_terms_of_a_rule_for_one_model_caller_or_surface_are_no_part_of_the_library():
    for scope in (Scope(models=("m",)), Scope(applications=("a",)),
                  Scope(surfaces=frozenset({"tool_arguments"}))):  # fmt: skip
        held = inventory([replace(ONE, scope=scope)], ())
        assert (held.terms_total, held.terms) == (0, {})


def test_each_category_has_a_hash_of_its_own():
    first = inventory([ONE, TWO], ()).lexicons
    other = inventory([ONE, replace(TWO, matcher=Terms(("quince",)))], ()).lexicons
    assert first["A.1.a"] == other["A.1.a"]
    assert first["A.1.b"] != other["A.1.b"]


def test_only_rules_that_act_count():
    shadow, flag = replace(ONE, mode=Mode.SHADOW), replace(TWO, action=Action.FLAG)
    held = inventory([shadow, flag, PATTERN], [("one", True), ("three", False)])
    assert (held.rules_acting, held.rules_shadow) == (1, 1)
    assert (held.terms_total, held.terms) == (0, {})
    assert held.sides == {Side.PROMPT: 0, Side.ANSWER: 1}
    assert (held.examples, held.rules_tested, held.rules_spared) == (2, 0, 1)


def test_a_risk_is_covered_only_by_rules_that_look_at_what_everybody_is_told():
    narrow = [
        replace(ONE, id="model", scope=Scope(models=("small",))),
        replace(ONE, id="caller", scope=Scope(applications=("chat",))),
        replace(ONE, id="tools", scope=Scope(surfaces=frozenset({"tool_arguments"}))),
    ]
    assert inventory(narrow, ()).covers == {}
    held = inventory([*narrow, TWO, PATTERN], ())
    assert held.covers == {
        "A.1.b": {Side.PROMPT: 1, Side.ANSWER: 0},
        "A.4.f": {Side.PROMPT: 0, Side.ANSWER: 1},
    }


def test_the_hash_tells_a_changed_library_and_nothing_else():
    first = inventory([ONE, TWO], ()).lexicon
    assert inventory([TWO, replace(ONE, id="renamed")], ()).lexicon == first
    assert inventory([ONE, replace(TWO, category="A.1.c")], ()).lexicon != first
    assert inventory([ONE, replace(TWO, matcher=Terms(("quince",)))], ()).lexicon != first


def test_a_stand_in_is_found_beside_the_rules_and_leaves_them_as_they_were():
    rules = [TWO, PATTERN]
    ours = Ruleset(name="t", label="1", version="v", rules=rules,
                   parts=compile_parts(rules, {}), recognisers={})  # fmt: skip
    place = Place(Side.ANSWER)
    ours.plan(place)
    stand_in = Rule("stand-in", "test", Terms(("zqvx",)))
    more = ours.with_term(stand_in, "zqvx")

    def stops(ruleset, text):
        by = StreamGuard(ruleset.plan(place)).feed(text).stopped_by
        return by and by.rule.id

    assert stops(more, "a zqvx ") == "stand-in"
    assert stops(more, "a 1234 ") == "three"
    assert stops(ours, "a zqvx ") is None
    assert more.version == "v"
    assert ours.rules == (TWO, PATTERN)


ASKS = Rule("asks", "A.1.h", Judged("", (("drugs", 0.75), ("fraud", 0.8))))


def test_judged_rules_are_told_with_what_they_ask_of_whom():
    answers = replace(
        ASKS,
        matcher=Judged("guard", (("unsafe", 0.9),), leave=Leave.TRAIL, otherwise=Otherwise.PASS),
        scope=Scope(frozenset({Side.ANSWER}), applications=("chat",)),
        mode=Mode.SHADOW,
    )
    held = inventory([answers, ONE, ASKS, replace(ASKS, id="again")], ())
    first, second = (one.facts() for one in held.judged)
    assert first == {
        "judge": "", "category": "A.1.h", "over": {"drugs": 750_000, "fraud": 800_000},
        "sides": ["prompt", "answer"], "unit": "sentence", "leave": "hold", "otherwise": "refuse",
        "acts": True, "for_all": True, "rules": 2,
    }  # fmt: skip
    assert second | {"over": None} == first | {
        "judge": "guard", "over": None, "sides": ["answer"], "leave": "trail",
        "otherwise": "pass", "acts": False, "for_all": False, "rules": 1,
    }  # fmt: skip
    assert (held.rules_judged, held.rules_acting) == (2, 3)


def test_what_judged_rules_ask_fits_into_an_entry_whatever_they_are():
    """Planted: more rules than an entry could hold, each over all 26 categories."""
    over = tuple((f"discrimination.{n:020}", n / 100) for n in range(1, 27))
    many = [replace(ASKS, id=f"r{n}", matcher=Judged(f"judge-{n}", over)) for n in range(200)]
    held = inventory([replace(ASKS, mode=Mode.SHADOW), *many], ())
    assert held.rules_judged == 200
    assert all(one.acts for one in held.judged)
    encode("a:b:c", datetime.now(UTC), {"judged": [one.facts() for one in held.judged]})
