"""Tokens never say more than their text may, whatever they claim to spell.

Planted faults that these tests were seen to catch: tokens counted against the text beside them
instead of looked at; an alternative passed with a rule's finding in it; a token shown as one thing
and spelled as another.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.gateway.logprobs import TokenQueue, Tokens, tokens_of
from kanhe.policy.rule import Action
from oracle import shown
from strategies import pieces, rules
from test_stream import plan_of, rule


def token(text, *others, raw=...):
    spelled = list(text.encode()) if raw is ... else raw
    top = [{"token": one, "logprob": -1.0, "bytes": None} for one in others]
    return {"token": text, "logprob": -0.5, "bytes": spelled, "top_logprobs": top}


def said(*parts):
    return "".join(one["token"] for part in parts if part for one in part["content"])


@given(rules(), pieces, st.booleans())
def test_tokens_say_no_more_than_the_oracle_allows(some, texts, with_bytes):
    queue = TokenQueue(plan_of(some))
    out, taken = "", ""
    for text in texts:
        given_out = queue.pass_on({"content": [token(text, raw=... if with_bytes else None)]})
        taken += text
        if given_out is None:
            assert shown(some, taken)[0] != taken
            return
        out += said(given_out)
        # As if nothing more came: what is out may not run ahead of that either.
        assert shown(some, taken)[0].startswith(out)
    last = queue.finish()
    assert bool(last) == (shown(some, taken)[0] == taken)
    if last:
        assert out + said(last) == taken


def test_tokens_wait_for_what_is_held_and_come_at_the_end():
    queue = TokenQueue(plan_of([rule("独角兽")]))
    assert said(queue.pass_on({"content": [token("好"), token("独")]})) == "好"
    assert said(queue.pass_on({"content": [token("角")]})) == ""
    assert said(queue.finish()) == "独角"


def test_a_finding_ends_the_tokens_for_good():
    queue = TokenQueue(plan_of([rule("独角", action=Action.MASK)]))
    assert queue.pass_on({"content": [token("独"), token("角"), token("好")]}) is None
    assert queue.pass_on({"content": [token("a")]}) is None
    assert queue.finish() is None


def test_an_alternative_with_a_finding_is_left_out():
    plan = plan_of([rule("独角兽"), rule("秘密", action=Action.FLAG)])
    (one,) = TokenQueue(plan).pass_on({"content": [token("a", "b", "独角兽", "秘密")]})["content"]
    assert [other["token"] for other in one["top_logprobs"]] == ["b"]


def test_what_is_shown_is_what_was_looked_at():
    """The token says one thing and its bytes another: the bytes are looked at, and shown."""
    plan = plan_of([rule("独角兽")])
    assert tokens_of({"content": [token("好", raw=list("独角兽".encode()))]}, plan) is None
    assert said(tokens_of({"content": [token("独角兽", raw=[97])]}, plan)) == "a"


def test_a_character_cut_into_bytes_is_put_together():
    first, second = "独".encode()[:2], "独".encode()[2:]
    cut = {"content": [token("\\xe7", raw=list(first)), token("\\xac", raw=list(second))]}
    assert tokens_of(cut, plan_of([rule("独")])) is None
    assert [one["bytes"] for one in tokens_of(cut, plan_of([]))["content"]] == [
        list(first),
        list(second),
    ]


@pytest.mark.parametrize(
    "logprobs",
    [
        None, "text", [], {}, {"content": None}, {"content": {"a": 1}}, {"content": ["text"]},
        {"tokens": ["a"], "token_logprobs": [0.0]}, {"content": [{"token": 3}]},
        {"content": [{**token("a"), "logprob": "text"}]},
        {"content": [{**token("a"), "bytes": "text"}]},
        {"content": [{**token("a"), "bytes": [256]}]},
        {"content": [{**token("a"), "bytes": [True]}]},
    ],
)  # fmt: skip
def test_what_is_no_list_of_tokens_is_left_out(logprobs):
    assert tokens_of(logprobs, plan_of([])) is None


def test_fields_of_a_token_that_nobody_knows_are_left_out():
    odd = {**token("a"), "note": "text", "top_logprobs": [{"token": "b", "note": "x"}, "text"]}
    (one,) = tokens_of({"content": [odd], "refusal": ["text"]}, plan_of([]))["content"]
    assert one == {
        "token": "a",
        "logprob": -0.5,
        "bytes": [97],
        "top_logprobs": [{"token": "b", "logprob": None, "bytes": None}],
    }


def test_each_text_of_each_choice_has_its_own_tokens():
    plans = {"content": plan_of([rule("独角")]), "reasoning": plan_of([rule("b", word=False)])}
    tokens = Tokens(plans.__getitem__)
    assert said(tokens.pass_on(0, {"content": [token("独")]}, {"content"})) == ""
    assert said(tokens.pass_on(1, {"content": [token("角")]}, set())) == "角"
    assert tokens.pass_on(0, {"content": [token("b")]}, {"reasoning"}) is None
    assert tokens.pass_on(0, {"content": [token("a")]}, {"content", "reasoning"}) is None
    assert tokens.pass_on(0, {"content": [token("a")]}, {"tool_arguments"}) is None
    assert tokens.pass_on(0, None, {"content"}) is None
    assert said(*tokens.finish(0)) == "独"
    assert tokens.finish(0) == tokens.finish(1) == []
