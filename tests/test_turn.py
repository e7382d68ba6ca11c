"""What is recorded of one request: each end once, in the words of the ledger, never the text.

A planted fault that these tests were seen to catch: an end after the end.
"""

from __future__ import annotations

import asyncio

import pytest

from exchanges import NOW, Gateway, turns
from kanhe.errors import LedgerUnwritable, TooLarge
from kanhe.gateway.asked import Asked
from kanhe.gateway.check import Noticed
from kanhe.gateway.refusal import CHAT, COMPLETIONS
from kanhe.gateway.turn import Turn, told
from kanhe.policy.rule import Finding, Text
from test_stream import rule
from upstream import on_loop

OWN = rule("独角兽", notice=Text("自己的话", "own words"))
FOUND = Noticed("content", Finding(OWN, 2, 5, ("case",)))


def turn_of(gateway, path=CHAT, **body):
    asked = Asked(path, body, "app", "u")
    return Turn(gateway.exchange.house, asked, "d1", "p", "en", "m", gateway.exchange.ruleset())


ENDS = {
    "released": lambda turn: turn.released({"characters": 1}, ()),
    "failed": lambda turn: turn.failed(TooLarge("x", advice="")),
    "abandoned": lambda turn: turn.abandoned(3),
    "stopped": lambda turn: asyncio.ensure_future(turn.stopped(FOUND, {}, ())),
}


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
@on_loop
async def test_whatever_comes_after_the_end_is_not_recorded(first, second):
    gateway = Gateway()
    turn = turn_of(gateway)
    ENDS[first](turn)
    await turns()
    ENDS[second](turn)
    turn.broken(RuntimeError())
    await turns()
    assert [kind for kind, _ in gateway.ends] == [first]


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (asyncio.CancelledError(), ("abandoned", {"decision": "d1", "released": 0})),
        (
            TooLarge("x", advice=""),
            ("failed", {"decision": "d1", "code": "request_too_large", "released": 0}),
        ),
        (RuntimeError(), ("failed", {"decision": "d1", "code": "internal_error", "released": 0})),
        (LedgerUnwritable("x", advice=""), None),
    ],
)  # fmt: skip
@on_loop
async def test_an_exchange_that_breaks_has_the_end_that_broke_it(error, end):
    gateway = Gateway()
    turn_of(gateway).broken(error)
    await turns()
    assert gateway.ends == ([end] if end else [])


@on_loop
async def test_a_rules_own_words_stand_before_those_of_the_regime():
    notice = await turn_of(Gateway()).stopped(FOUND, {}, ())
    assert notice.stated.en == "own words"
    assert notice.reply is None


@pytest.mark.parametrize(
    ("path", "stream", "kind"),
    [(CHAT, True, "chat.completion.chunk"), (CHAT, False, "chat.completion"),
     (COMPLETIONS, True, "text_completion")],
)  # fmt: skip
@on_loop
async def test_an_answer_of_ours_has_the_kind_that_was_asked_for(path, stream, kind):
    envelope = turn_of(Gateway(), path, stream=stream).envelope()
    assert envelope == {
        "id": "chatcmpl-d1", "object": kind, "created": int(NOW.timestamp()), "model": "m",
    }  # fmt: skip


def test_findings_are_told_without_their_text_and_not_without_end():
    (one, *others) = told((FOUND,) * 100)
    assert len(others) == 63
    assert one == {
        "rule": "r", "action": "block", "mode": "enforce", "surface": "content", "folds": ["case"],
    }  # fmt: skip
