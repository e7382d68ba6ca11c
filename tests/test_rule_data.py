"""Rules and findings as pages show them."""

from hypothesis import given
from hypothesis import strategies as st

from kanhe.console import rule_data
from kanhe.law.risk import Risk
from kanhe.policy.difference import difference
from kanhe.policy.example import found_in
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Finding, Mode, Place, Recognised, Rule, Side, Terms, Text
from kanhe.policy.ruleset import Ruleset, compile_parts
from kanhe.policy.stream import StreamGuard

RISKS = {"A.1.h": Risk("A.1.h", "其他", "other")}
ONE = Rule("one", "A.1.h", Terms(("kumquat",)), title=Text("一", "One"))
TWO = Rule("two", "own", Recognised("bank-card"), mode=Mode.SHADOW)


def ruleset(*rules):
    parts = compile_parts(rules, RECOGNISERS)
    return Ruleset(
        name="t", label="1", version="v", rules=rules, parts=parts, recognisers=RECOGNISERS
    )


def test_a_row_counts_what_was_found_on_each_side():
    counts = {
        ("one", "A.1.h", "block", "enforce", "prompt"): 2,
        ("one", "A.1.h", "block", "enforce", "answer"): 3,
        ("two", "own", "block", "shadow", "answer"): 5,
    }
    assert rule_data.row(ONE, RISKS, counts)["found"] == {"prompt": 2, "answer": 3}
    assert rule_data.row(TWO, RISKS, counts)["category_title"] is None


def test_a_rule_with_very_many_terms_tells_some_and_their_number():
    many = Rule("many", "A.1.h", Terms(tuple(f"t{n}" for n in range(1000))))
    told = rule_data.whole(many, RISKS, {})["matcher"]
    assert (len(told["terms"]), told["number"]) == (rule_data.MOST_TERMS, 1000)


def test_what_is_tried_tells_findings_of_shadow_rules_and_what_a_reader_is_shown():
    rules = ruleset(ONE, TWO)
    text = "卡号6225889960308247 a kumquat here"
    found = found_in(text, rules.watching(Side.ANSWER))
    told = rule_data.tried(text, found, StreamGuard(rules.plan(Place(Side.ANSWER))))
    assert {one["rule"] for one in told["findings"]} == {"one", "two"}
    assert told["stopped_by"] == "one"
    assert told["shown"] == "卡号6225889960308247 a "


def test_a_difference_is_told_with_its_terms():
    told = rule_data.told(difference([ONE], [Rule("one", "A.1.h", Terms(("fig",)))]), RISKS)
    (changed,) = told["changed"]
    assert (changed["terms_added"], changed["terms_removed"]) == (["fig"], ["kumquat"])
    assert changed["changes"][0]["what"] == "title"


spans = st.tuples(st.integers(0, 8), st.integers(1, 8)).map(lambda pair: (pair[0], sum(pair)))


@given(st.text(max_size=16), st.lists(spans, max_size=4))
def test_pieces_put_together_are_the_text_and_each_knows_its_rules(text, ranges):
    """The oracle looks at each character alone. Planted and caught: `<` for `<=` at an end."""
    found = [
        Finding(Rule(f"r{n}", "A.1.h", Terms(("x",))), start, min(end, len(text)))
        for n, (start, end) in enumerate(ranges)
        if start < len(text)
    ]
    pieces = rule_data.pieces(text, found)
    assert "".join(piece["text"] for piece in pieces) == text
    told = [frozenset(piece["rules"]) for piece in pieces for _ in piece["text"]]
    assert told == [
        frozenset(f.rule.id for f in found if f.start <= at < f.end) for at in range(len(text))
    ]
