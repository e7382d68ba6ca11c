"""Texts that are complete are judged as a stream would be, and masked where they stand.

Planted faults that these tests were seen to catch: a mask written to the wrong part; a text with a
finding remembered as clean; a mask that has no place let through.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.gateway.check import Passed, Stopped, check_patiently
from kanhe.gateway.judging import Inquiry
from kanhe.gateway.surface import Spot, Unseen, prompt_spots
from kanhe.policy.rule import Action
from oracle import shown
from strategies import LETTERS, rules
from test_stream import plan_of, rule


def conversation(*contents):
    return {"messages": [{"role": "user", "content": content} for content in contents]}


def looked(body, some):
    plan = plan_of(some)
    return check(prompt_spots(body, Unseen()), lambda surface: plan)


def check(spots, plan_for):
    inquiry = Inquiry(None, "prompt")
    return asyncio.run(check_patiently(spots, plan_for, inquiry, come_again=True))


@given(rules(), st.lists(st.text(alphabet=LETTERS, max_size=6), min_size=1, max_size=4))
def test_each_text_becomes_what_the_oracle_shows(some, contents):
    body = conversation(*contents)
    verdict = looked(body, some)
    for message, content in zip(body["messages"], contents, strict=True):
        expected, stop = shown(some, content)
        if stop:
            assert isinstance(verdict, Stopped)
            assert verdict.before == expected
            assert verdict.spot.text == content
            return
        assert message["content"] == expected
    assert isinstance(verdict, Passed)
    changed = [message["content"] for message in body["messages"]] != contents
    assert verdict.changed == changed


def test_a_term_cut_by_the_edge_of_two_parts_is_found():
    body = conversation([{"type": "text", "text": "独角"}, {"type": "text", "text": "兽"}])
    assert isinstance(looked(body, [rule("独角兽")]), Stopped)


def test_earlier_turns_are_looked_at():
    body = conversation("独角兽", "hello")
    assert isinstance(looked(body, [rule("独角兽")]), Stopped)


def test_what_was_clean_once_is_judged_anew_where_another_plan_looks():
    text = "harmless " * 20
    first, second = plan_of([rule("独角兽")]), plan_of([rule("harmless")])
    for _ in range(2):
        body = conversation(text)
        spots = prompt_spots(body, Unseen())
        assert isinstance(check(spots, lambda _: first), Passed)
        assert isinstance(check(prompt_spots(body, Unseen()), lambda _: second), Stopped)


@pytest.mark.parametrize("action", list(Action))
def test_a_finding_is_found_again_each_time(action):
    plan = plan_of([rule("独角兽", action=action, mask="*")])
    text = "好 " * 40 + "独角兽"
    for _ in range(3):
        spots = prompt_spots(conversation(text), Unseen())
        verdict = check(spots, lambda _: plan)
        found = [*verdict.noticed, *([verdict.by] if isinstance(verdict, Stopped) else [])]
        assert [one.surface for one in found] == ["content"]


def test_only_so_many_texts_are_known_again(monkeypatch):
    monkeypatch.setattr("kanhe.gateway.check._MOST_KNOWN", 2)
    plan = plan_of([rule("独角兽")])
    for number in range(5):
        spots = prompt_spots(conversation(f"{number} " * 50), Unseen())
        assert isinstance(check(spots, lambda _: plan), Passed)
    assert len(plan.clean) == 2


def test_what_cannot_be_masked_stops():
    plan = plan_of([rule("独角兽", action=Action.MASK)])
    verdict = check([Spot("other", "a 独角兽", None)], lambda _: plan)
    assert isinstance(verdict, Stopped)
    assert verdict.by.finding.rule.action is Action.MASK
    # A key of a tool's parameters is such a text.
    body = {"tools": [{"function": {"parameters": {"独角兽": {"type": "string"}}}}]}
    assert isinstance(looked(body, [rule("独角兽", action=Action.MASK)]), Stopped)


def test_what_is_only_flagged_in_a_key_passes():
    plan = plan_of([rule("独角兽", action=Action.FLAG)])
    verdict = check([Spot("other", "独角兽", None)], lambda _: plan)
    assert isinstance(verdict, Passed)
    assert len(verdict.noticed) == 1


def test_a_surface_without_rules_costs_nothing_and_passes():
    body = conversation("独角兽")
    assert looked(body, []) == Passed((), changed=False)


def test_a_long_text_lets_others_have_their_turn():
    async def run():
        turns = 0

        async def other():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        others = asyncio.ensure_future(other())
        plan = plan_of([rule("独角兽")])
        spots = prompt_spots(conversation("a" * 20_000 + "独角兽"), Unseen())
        inquiry = Inquiry(None, "prompt")
        verdict = await check_patiently(spots, lambda _: plan, inquiry, come_again=True)
        others.cancel()
        return verdict, turns

    verdict, turns = asyncio.run(run())
    assert isinstance(verdict, Stopped)
    assert turns >= 4
