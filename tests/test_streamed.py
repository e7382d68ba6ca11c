"""A streamed answer to its end, whichever end it is: what the client gets, and what is recorded.

Planted faults that these tests were seen to catch: an end recorded twice; a late answer told as a
broken one; a stop whose record cannot be written that sends its notice all the same.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from openai.types import Completion
from openai.types.chat import ChatCompletionChunk

from exchanges import (
    DONE,
    LABEL,
    Gateway,
    answer,
    chunk,
    content_of,
    event,
    events_of,
    turns,
)
from fakes import ScriptedModel
from kanhe.errors import UpstreamError, UpstreamTimeout
from kanhe.gateway.refusal import COMPLETIONS
from kanhe.policy.rule import Action, Text
from test_stream import rule
from upstream import on_loop

TERM = "独角兽"
BLOCK = rule(TERM, word=False)


def kinds(gateway):
    return [kind for kind, _ in gateway.ends]


@pytest.mark.obligation("cn-im-14-1")
@on_loop
async def test_a_stop_closes_the_model_and_ends_in_a_form_that_sdks_accept():
    more = asyncio.Event()
    reads = [event(chunk({"content": text})) for text in ["a", "独", "角", "兽"]]
    gateway = Gateway([BLOCK], ScriptedModel(*reads, more, *answer("never")))
    asked = {"max_tokens": 10, "stream_options": {"include_usage": True}}
    _, data = await gateway.ask("hello", user="u", **asked)
    assert gateway.model.replies[0].closed.is_set()
    assert gateway.model.replies[0].read == 4
    assert content_of(data) == "a (AI-generated)"
    *_, end, usage = events_of(data)
    assert end["choices"][0]["finish_reason"] == "content_filter"
    assert end["kanhe"]["category"] == "c"
    # The model did not tell any more: counted in events, each of which is about a token.
    assert usage["usage"]["total_tokens"] == 4
    for one in events_of(data):
        ChatCompletionChunk.model_validate(one)
    assert gateway.ends == [
        ("stopped", {"decision": "d1", "rule": "r", "category": "c", "severity": "medium",
                     "ruleset": "v1", "surface": "content", "folds": [], "length": 3, "released": 1,
                     "events": 4, "tokens_saved_at_most": 6, "user": "p-app-1"})
    ]  # fmt: skip


@on_loop
async def test_a_stop_at_once_still_has_an_envelope():
    gateway = Gateway(
        [BLOCK], ScriptedModel(event({"choices": [{"index": 0, "delta": {"content": TERM}}]}))
    )
    _, data = await gateway.ask("hello")
    for one in events_of(data):
        ChatCompletionChunk.model_validate(one)


@on_loop
async def test_a_prepared_reply_is_said_where_the_answer_stopped():
    reply = Text("换个话题", "Something else.")
    some = [rule(TERM, word=False, action=Action.ANSWER, reply=reply)]
    _, data = await Gateway(some, ScriptedModel(*answer("a ", TERM))).ask("hello")
    assert content_of(data) == "a  (AI-generated)Something else."


@on_loop
async def test_every_choice_is_guarded_and_closed():
    reads = [chunk({"content": "a"}), chunk({"content": "b"}, 1), chunk({"content": TERM}, 1)]
    _, data = await Gateway([BLOCK], ScriptedModel(*map(event, reads))).ask("hello", n=2)
    ends = {c["index"]: c["finish_reason"] for e in events_of(data) for c in e["choices"]
            if c["finish_reason"]}  # fmt: skip
    assert ends == {0: "content_filter", 1: "content_filter"}
    assert content_of(data, 1).startswith("b")


@on_loop
async def test_completions_stream_as_text():
    reads = [{"id": "c", "choices": [{"index": 0, "text": text, "finish_reason": end}]}
             for text, end in [("a", None), (TERM, "stop")]]  # fmt: skip
    gateway = Gateway([BLOCK], ScriptedModel(*map(event, reads)))
    _, data = await gateway.ask("hello", path=COMPLETIONS)
    assert content_of(data) == "a (AI-generated)"
    last = {"object": "text_completion", "created": 1, "model": "m", **events_of(data)[-1]}
    Completion.model_validate(last)
    assert kinds(gateway) == ["stopped"]


@on_loop
async def test_json_answers_carry_the_machine_mark_only():
    gateway = Gateway(model=ScriptedModel(*answer("{}")))
    _, data = await gateway.ask("hello", response_format={"type": "json_object"})
    assert content_of(data) == "{}"
    assert events_of(data)[0]["AIGC"] == LABEL.metadata("d1")
    begun = gateway.ledger.entries[0]
    assert begun.tag == "gateway:answer:begun"
    assert begun.facts["visible_label"] is False
    assert list(begun.facts)[-1] == "visible_label"  # where the fold looks for it


@pytest.mark.parametrize(
    ("reads", "said"),
    [
        ([event(chunk({"content": "a"})), b"data: {no json}\n\n"], "no JSON"),
        ([event(chunk({"content": "a"})), event({"error": {"message": "CUDA"}})], "with an error"),
        ([event(chunk({"content": "a"})), b"data: " + b"x" * 3000], "more than 2000 bytes"),
        ([event(chunk({"content": "a"}))], "before the end"),
        ([event(chunk({"content": "a"})), UpstreamError("it broke", advice="")], "it broke"),
        ([event(chunk({"content": "a"})) + b"data: {no json}\n\n"], "no JSON"),
        ([event(chunk({"content": "a"})), b"data: {cut"], "no JSON"),
    ],
)
@on_loop
async def test_a_failure_in_the_middle_is_told_in_the_stream(reads, said):
    gateway = Gateway(model=ScriptedModel(*reads), event_bytes=2000)
    _, data = await gateway.ask()
    *_, last = events_of(data)
    assert said in last["error"]["message"]
    assert content_of(data) == "a (AI-generated)"
    assert "CUDA" not in data.decode()
    assert gateway.ends == [("failed", {"decision": "d1", "code": "upstream_error", "released": 1})]
    assert gateway.model.replies[0].closed.is_set()


@pytest.mark.parametrize("reads", [[b"data: {no"], [b""], [UpstreamError("x", advice="")]])
@on_loop
async def test_a_failure_before_the_first_byte_is_an_error(reads):
    gateway = Gateway(model=ScriptedModel(*reads))
    with pytest.raises(UpstreamError):
        await gateway.ask()
    await turns()
    assert kinds(gateway) == ["failed"]


@on_loop
async def test_an_end_without_done_is_an_end_if_every_choice_told_its_own():
    reads = [event(chunk({"content": "a"})), event(chunk({}, finish="stop")).rstrip()]
    gateway = Gateway(model=ScriptedModel(*reads))
    _, data = await gateway.ask()
    assert content_of(data) == "a (AI-generated)"
    assert kinds(gateway) == ["released"]


@on_loop
async def test_an_answer_of_nothing_is_released():
    gateway = Gateway(model=ScriptedModel(DONE))
    outcome = await gateway.outcome()
    assert outcome.said == DONE
    await turns()
    assert kinds(gateway) == ["released"]


@pytest.mark.parametrize("begun", [True, False])
@on_loop
async def test_an_answer_that_takes_too_long_is_told_so(begun):
    reads = [event(chunk({"content": "a"}))] if begun else []
    gateway = Gateway(model=ScriptedModel(*reads, asyncio.Event()), answer_s=0.01)
    if begun:
        _, data = await gateway.ask()
        assert "longer than 0.01 s" in events_of(data)[-1]["error"]["message"]
    else:
        with pytest.raises(UpstreamTimeout):
            await gateway.ask()
        await turns()
    assert gateway.ends[0][1]["code"] == "upstream_timeout"
    assert kinds(gateway) == ["failed"]


@on_loop
async def test_a_read_that_comes_after_the_time_is_not_sent():
    class Stubborn(ScriptedModel):
        """Goes on after it was closed, as a proxy's buffer does."""

        async def call(self, call):
            reply = await super().call(call)

            async def chunks():
                yield event(chunk({"content": "a"}))
                await reply.closed.wait()
                yield event(chunk({"content": "late"}))

            reply.chunks = chunks
            return reply

    _, data = await Gateway(model=Stubborn(), answer_s=0.01).ask()
    assert b"late" not in data
    assert "longer than" in events_of(data)[-1]["error"]["message"]


@on_loop
async def test_a_client_that_leaves_in_the_middle_stops_the_model():
    gateway = Gateway(model=ScriptedModel(event(chunk({"content": "abc"})), asyncio.Event()))
    outcome = await gateway.outcome()
    pieces = outcome.rest.pieces()
    reading = asyncio.ensure_future(anext(pieces, b""))
    await turns()
    outcome.rest.abandon()
    outcome.rest.abandon()
    assert await reading == b""
    await pieces.aclose()
    await outcome.rest.drop()
    outcome.rest.abandon()
    await turns()
    assert gateway.ends == [("abandoned", {"decision": "d1", "released": 3})]
    assert gateway.model.replies[0].closed.is_set()


@pytest.mark.parametrize("started", [True, False])
@on_loop
async def test_a_stream_that_nobody_reads_on_is_dropped_and_recorded(started):
    gateway = Gateway(model=ScriptedModel(*answer("a", "b", "c")))
    outcome = await gateway.outcome()
    if started:
        pieces = outcome.rest.pieces()
        await anext(pieces)
        await pieces.aclose()
    else:
        await outcome.rest.drop()
    await turns()
    assert kinds(gateway) == ["abandoned"]
    assert gateway.model.replies[0].closed.is_set()


@on_loop
async def test_a_stop_that_cannot_be_recorded_sends_no_notice():
    gateway = Gateway([BLOCK], ScriptedModel(*answer("a", TERM)))
    outcome = await gateway.outcome()
    gateway.ledger.unwritable = "disk full"
    data = outcome.said + b"".join([piece async for piece in outcome.rest.pieces()])
    *_, last = events_of(data)
    assert last["error"]["code"] == "ledger_unwritable"
    assert b"objections" not in data
    assert kinds(gateway) == []
    assert gateway.model.replies[0].closed.is_set()


@on_loop
async def test_held_fields_are_named_on_record_and_their_text_is_not():
    reads = [event(chunk({"content": "a", "thoughts": "b", "a text": 1})), *answer()]
    gateway = Gateway(model=ScriptedModel(*reads))
    _, data = await gateway.ask()
    assert gateway.ends[0][1]["held_fields"] == ["", "thoughts"]
    assert {"thoughts": "b"} in [e["choices"][0]["delta"] for e in events_of(data)]


@on_loop
async def test_unknown_fields_end_the_answer_where_the_operator_refuses_them():
    reads = [event(chunk({"content": "a"})), event(chunk({"thoughts": "b"}))]
    gateway = Gateway(model=ScriptedModel(*reads), refuse_unknown=True)
    _, data = await gateway.ask()
    assert "'thoughts'" in events_of(data)[-1]["error"]["message"]
    assert kinds(gateway) == ["failed"]


@on_loop
async def test_what_is_held_to_the_end_can_still_stop():
    reads = [event(chunk({"content": "a", "thoughts": TERM})), *answer()]
    gateway = Gateway([BLOCK], ScriptedModel(*reads))
    _, data = await gateway.ask()
    assert TERM not in json.dumps(events_of(data), ensure_ascii=False)
    assert kinds(gateway) == ["stopped"]


@on_loop
async def test_a_mask_is_on_record_with_the_release():
    some = [rule(TERM, word=False, action=Action.MASK, mask="*")]
    gateway = Gateway(some, ScriptedModel(*answer("a", TERM)))
    _, data = await gateway.ask()
    assert content_of(data) == "a* (AI-generated)"
    ((_, facts),) = gateway.ends
    assert [one["action"] for one in facts["noticed"]] == ["mask"]


@on_loop
async def test_a_stop_tells_what_was_noticed_before_it():
    some = [rule("a", word=False, action=Action.FLAG), BLOCK]
    gateway = Gateway(some, ScriptedModel(*answer("a", TERM)))
    await gateway.ask()
    ((_, facts),) = gateway.ends
    assert [one["action"] for one in facts["noticed"]] == ["flag"]
