"""One exchange over twins of its ports: in which order things happen, and what is on record.

Planted faults that these tests were seen to catch: an answer released while its beginning is not
durable; a model left running after a failure; a client that leaves recorded twice, or not at all;
a fault of ours recorded as the client's.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from exchanges import (
    DONE,
    Gateway,
    answer,
    chunk,
    content_of,
    event,
    events_of,
    json_model,
    turns,
    whole,
)
from fakes import MemoryLedger, ScriptedModel
from kanhe.errors import LedgerUnwritable, RequestError, UpstreamBusy, UpstreamError
from kanhe.gateway.refusal import COMPLETIONS, EMBEDDINGS
from kanhe.policy.rule import Action, Scope, Side, Text
from test_stream import rule
from upstream import on_loop

TERM = "独角兽"
BLOCK = rule(TERM, word=False)


class NeverDurable(MemoryLedger):
    """A ledger whose disk never answers."""

    def submit(self, tag, facts):
        self.submitted = tag
        return asyncio.get_running_loop().create_future()


@on_loop
async def test_an_answer_is_begun_released_and_labelled():
    gateway = Gateway()
    status, data = await gateway.ask("hi", user="u", metadata={"k": "v"})
    assert status == 200
    assert content_of(data) == "hello (AI-generated)"
    begun, released = gateway.ledger.entries
    assert begun.tag == "gateway:answer:begun"
    assert begun.facts == {
        "app": "app", "decision": "d1", "model": "m", "path": "/chat/completions",
        "prompt": "c-d1", "ruleset": "v1", "user": "p-app-1",
    }  # fmt: skip
    assert released.tag == "gateway:answer:released"
    assert released.facts == {"decision": "d1", "characters": 5, "events": 3}
    (call,) = gateway.model.calls
    assert json.loads(call.body)["model"] == "up"
    assert gateway.model.replies[0].closed.is_set()


@pytest.mark.obligation("eu-aia-12-1")
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_nothing_is_released_before_the_beginning_is_durable(stream):
    model = None if stream else whole()
    gateway = Gateway(model=model, ledger=NeverDurable())
    asking = asyncio.ensure_future(gateway.outcome(stream=stream))
    await turns()
    assert gateway.ledger.submitted == "gateway:answer:begun"
    assert gateway.model.calls
    assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert gateway.model.replies[0].closed.is_set()
    assert gateway.model.replies[0].read == 0


@pytest.mark.obligation("cn-im-4-1")
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_a_beginning_that_cannot_be_recorded_ends_the_exchange(stream):
    gateway = Gateway(model=None if stream else whole())
    gateway.ledger.unwritable = "disk full"
    with pytest.raises(LedgerUnwritable):
        await gateway.outcome(stream=stream)
    gateway.ledger.unwritable = None
    await turns()
    assert gateway.ledger.entries == []
    assert gateway.model.replies[0].closed.is_set()
    assert gateway.journal.lost == 1


@pytest.mark.obligation("cn-ds-10-1")
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_a_stopped_prompt_reaches_no_model(stream):
    gateway = Gateway([BLOCK])
    status, data = await gateway.ask(f"a {TERM} b", stream=stream)
    assert (status, gateway.model.calls) == (200, [])
    assert TERM not in data.decode()
    assert b"objections@example.org" in data
    (entry,) = gateway.ledger.entries
    assert entry.tag == "gateway:prompt:refused"
    assert entry.facts == {
        "app": "app", "decision": "d1", "model": "m", "path": "/chat/completions", "rule": "r",
        "category": "c", "severity": "medium", "ruleset": "v1", "surface": "content", "folds": [],
        "length": 3,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/chat/completions", COMPLETIONS, EMBEDDINGS])
@on_loop
async def test_a_stopped_prompt_is_an_error_where_the_operator_wants_one(path):
    gateway = Gateway([BLOCK], blocked_prompt="error")
    status, data = await gateway.ask(TERM, path=path)
    error = json.loads(data)
    assert (status, error["error"]["code"]) == (400, "content_policy")
    assert error["kanhe"]["decision"] == "d1"
    assert TERM not in data.decode()


@on_loop
async def test_an_embedding_cannot_be_a_notice_and_is_an_error_by_any_setting():
    status, _ = await Gateway([BLOCK]).ask(TERM, path=EMBEDDINGS)
    assert status == 400


@on_loop
async def test_a_prepared_reply_stands_in_place_of_the_answer():
    reply = Text("我们换个话题", "Let us talk about something else")
    answered = rule(TERM, word=False, action=Action.ANSWER, reply=reply)
    _, data = await Gateway([answered]).ask(TERM)
    assert content_of(data) == reply.en
    _, data = await Gateway([answered]).ask(TERM, path=COMPLETIONS, language="zh")
    assert content_of(data) == reply.zh


@on_loop
async def test_a_masked_prompt_reaches_the_model_masked():
    gateway = Gateway([rule(TERM, word=False, action=Action.MASK, mask="*")])
    await gateway.ask(f"a {TERM} b")
    sent = json.loads(gateway.model.calls[0].body)
    assert sent["messages"][0]["content"] == "a * b"
    assert gateway.ledger.entries[0].facts["noticed"] == [
        {"rule": "r", "action": "mask", "mode": "enforce", "surface": "content", "folds": []}
    ]


@on_loop
async def test_earlier_answers_lose_our_label_before_anyone_looks():
    gateway = Gateway()
    old = [
        {"role": "assistant", "content": "hello (AI-generated)"},
        {"role": "user", "content": "b"},
    ]
    await gateway.ask("", messages=old)
    sent = json.loads(gateway.model.calls[0].body)
    assert sent["messages"][0]["content"] == "hello"


@on_loop
async def test_what_was_not_looked_at_is_on_record():
    gateway = Gateway()
    await gateway.ask([{"type": "image_url", "image_url": {"url": "data:"}}])
    assert gateway.ledger.entries[0].facts["unseen"] == ["image"]


@on_loop
async def test_a_model_that_nobody_has_is_told_and_not_recorded():
    gateway = Gateway()
    with pytest.raises(RequestError, match="no model 'x'") as caught:
        await gateway.ask(model="x")
    assert caught.value.status == 404
    assert gateway.ledger.entries == []


@pytest.mark.parametrize("error", [UpstreamBusy("down", advice=""), UpstreamError("x", advice="")])
@on_loop
async def test_a_model_that_cannot_be_called_is_a_failure_on_record(error):
    gateway = Gateway()
    gateway.model.before = error
    with pytest.raises(type(error)):
        await gateway.ask()
    await turns()
    assert gateway.ends == [("failed", {"decision": "d1", "code": error.code, "released": 0})]


@on_loop
async def test_not_even_an_error_leaves_before_the_beginning_is_durable():
    gateway = Gateway(ledger=NeverDurable())
    gateway.model.before = UpstreamError("x", advice="")
    asking = asyncio.ensure_future(gateway.outcome())
    await turns()
    assert not asking.done()
    asking.cancel()


@on_loop
async def test_a_fault_of_ours_is_on_record_as_ours():
    gateway = Gateway()
    gateway.model.before = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        await gateway.ask()
    await turns()
    assert gateway.ends == [("failed", {"decision": "d1", "code": "internal_error", "released": 0})]


@pytest.mark.parametrize("where", ["the call", "the first byte", "a whole answer"])
@on_loop
async def test_a_client_that_leaves_before_the_answer_is_on_record_once(where):
    waiting = asyncio.Event()
    kind = "application/json" if where == "a whole answer" else "text/event-stream"
    model = ScriptedModel(waiting, content_type=kind)
    model.before = waiting if where == "the call" else None
    gateway = Gateway(model=model)
    asking = asyncio.ensure_future(gateway.ask())
    await turns()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await turns()
    assert gateway.ends == [("abandoned", {"decision": "d1", "released": 0})]
    assert all(reply.closed.is_set() for reply in model.replies)


@pytest.mark.obligation("cn-bsr-7-5")
@on_loop
async def test_violations_in_a_row_suspend_the_user_and_nobody_else():
    gateway = Gateway([BLOCK])
    await gateway.ask(TERM, user="u")
    await gateway.ask(TERM, user="u")
    assert gateway.ledger.entries[-1].facts["suspended_until"] == "2026-11-02T10:00:00+00:00"
    status, data = await gateway.ask("hello", user="u")
    refused = json.loads(data)
    assert (status, refused["error"]["code"]) == (403, "user_suspended")
    assert refused["kanhe"]["until"] == "2026-11-02T10:00:00+00:00"
    assert gateway.ledger.entries[-1].tag == "gateway:user:refused"
    assert gateway.model.calls == []
    status, _ = await gateway.ask("hello", user="another")
    assert status == 200
    gateway.now = gateway.now.replace(hour=11)
    status, _ = await gateway.ask("hello", user="u")
    assert status == 200


@pytest.mark.obligation("cn-im-14-2")
@on_loop
async def test_a_stopped_answer_is_a_strike_and_a_clean_one_breaks_the_row():
    gateway = Gateway([BLOCK])
    await gateway.ask(TERM, user="u")
    await gateway.ask("hello", user="u")
    await gateway.ask(TERM, user="u")
    status, _ = await gateway.ask("hello", user="u")
    assert status == 200
    gateway = Gateway([BLOCK], ScriptedModel(*answer(TERM)))
    for _ in range(2):
        await gateway.ask("hello", user="u")
    assert "suspended_until" in gateway.ledger.entries[-1].facts


@on_loop
async def test_without_a_user_nobody_is_struck():
    gateway = Gateway([BLOCK])
    for _ in range(4):
        status, _ = await gateway.ask(TERM)
        assert status == 200
    assert gateway.strikes.records == {}


@on_loop
async def test_a_stream_that_comes_as_json_is_looked_at_whole():
    gateway = Gateway([BLOCK], whole(f"a {TERM}"))
    status, data = await gateway.ask()
    assert status == 200
    assert TERM not in json.dumps(events_of(data), ensure_ascii=False)
    assert [kind for kind, _ in gateway.ends] == ["stopped"]


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@on_loop
async def test_an_error_of_the_model_keeps_its_status(kind):
    model = json_model({"error": {"message": "too long", "code": "x"}}, status=400)
    model._made = (*model._made[:2], kind)
    gateway = Gateway(model=model)
    status, data = await gateway.ask()
    assert status == 400
    assert json.loads(data)["error"]["message"] == "the model answered with status 400: too long"
    assert gateway.ends == [("failed", {"decision": "d1", "code": "upstream_error", "released": 0})]


@on_loop
async def test_rules_look_where_they_are_told_to():
    prompts = rule(TERM, word=False, scope=Scope(sides=frozenset({Side.PROMPT})))
    gateway = Gateway([prompts], ScriptedModel(*answer(TERM)))
    _, data = await gateway.ask("hello")
    assert content_of(data).startswith(TERM)


@on_loop
async def test_the_name_of_a_producer_may_be_chinese():
    outcome = await Gateway().outcome()
    assert outcome.headers["x-kanhe-aigc"].isascii()
    assert json.loads(outcome.headers["x-kanhe-aigc"])["ContentProducer"] == "某公司"
    async for _ in outcome.rest.pieces():
        pass


def recorded(gateway):
    return json.dumps([entry.facts for entry in gateway.ledger.entries], ensure_ascii=False)


SECRETS = ["蓝色独角兽", "e.g. secret-term 42"]


@pytest.mark.obligation("cn-im-11-1")
@pytest.mark.parametrize("term", SECRETS)
@pytest.mark.parametrize("action", [Action.BLOCK, Action.MASK, Action.ANSWER])
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_the_matched_text_stands_nowhere(term, action, stream):
    """Neither in what is sent, nor on the ledger, on any surface, in prompt or answer."""
    reply = Text("换个话题", "Something else") if action is Action.ANSWER else None
    some = [rule(term, word=False, action=action, mask="*", reply=reply)]
    bodies = [
        {"content": f"a {term} b"},
        {"reasoning_content": term},
        {"refusal": term},
        {"tool_calls": [{"index": 0, "id": "t", "function": {"name": term, "arguments": "{}"}}]},
        {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": json.dumps(term)}}]},
        {"thoughts": [{"text": term[:3]}, {"text": term[3:]}]},
        {term: 1},
    ]
    for body in bodies:
        if stream:
            events = [chunk({}), chunk(body), chunk({}, finish="stop")]
            model = ScriptedModel(*map(event, events), DONE)
        else:
            choice = {"index": 0, "message": {"role": "assistant", **body}}
            model = json_model({"choices": [choice]})
        gateway = Gateway(some, model)
        _, data = await gateway.ask("hello", stream=stream)
        read = events_of(data) if stream else json.loads(data)
        record = recorded(gateway)
        assert term not in json.dumps(read, ensure_ascii=False) + record
        assert json.dumps(term)[1:-1] not in data.decode()
        assert [kind for kind, _ in gateway.ends] in (["released"], ["stopped"])
    gateway = Gateway(some, None if stream else whole())
    _, data = await gateway.ask(f"a {term}", stream=stream)
    record = recorded(gateway)
    assert term not in data.decode() + record
