"""What is assessed, over HTTP: conversations, stops of Kanhe's, and answers that are none."""

from __future__ import annotations

import asyncio
import json

import pytest

from fakes import ScriptedModel
from kanhe.adapters.assess_target import HttpTarget, Sampling
from kanhe.errors import TargetError, UpstreamError


def answered(text="fine", *, status=200, **more):
    message = {"role": "assistant", "content": text}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], **more}
    return ScriptedModel(json.dumps(body).encode(), status=status, content_type="application/json")


def ask(model, *turns, **how):
    return asyncio.run(HttpTarget(model, "m", Sampling(**how)).ask(turns or ("hello",)))


def test_an_answer_is_read_with_what_it_cost():
    said = ask(answered(usage={"prompt_tokens": 3, "completion_tokens": 4}))
    assert (said.text, said.decision, said.tokens) == ("fine", "", (3, 4))


def test_the_request_says_how_the_model_is_to_answer():
    model = answered()
    ask(model, "hello", max_tokens=32, seed=7, system="be brief", more={"top_k": 1})
    body = json.loads(model.calls[0].body)
    assert body["max_tokens"] == 32
    assert (body["temperature"], body["seed"], body["top_k"]) == (0.0, 7, 1)
    assert [one["role"] for one in body["messages"]] == ["system", "user"]


def test_the_turns_of_an_item_are_one_conversation():
    model = answered("yes")
    said = ask(model, "one", "two")
    assert said.text == "yes\n\nyes"
    last = json.loads(model.calls[-1].body)["messages"]
    assert [one["content"] for one in last] == ["one", "yes", "two"]


def test_a_stop_of_kanhes_is_an_answer_with_its_decision():
    said = ask(answered("It was stopped.", kanhe={"decision": "d17"}))
    assert (said.text, said.decision) == ("It was stopped.", "d17")


def test_a_refusal_of_the_api_is_an_answer():
    message = {"role": "assistant", "content": None, "refusal": "I will not."}
    raw = json.dumps({"choices": [{"message": message}]}).encode()
    model = ScriptedModel(raw, content_type="application/json")
    assert ask(model).text == "I will not."


@pytest.mark.parametrize(
    ("status", "again"), [(429, True), (503, True), (401, False), (404, False)]
)
def test_a_status_tells_whether_to_ask_again(status, again):
    with pytest.raises(TargetError, match=str(status)) as caught:
        ask(answered(status=status))
    assert caught.value.again is again


def test_what_nobody_tells_the_price_of_counts_as_the_most_that_it_can_have_cost():
    """Planted fault caught: counting nothing, by which a budget is never spent."""
    assert ask(answered("四个汉字"), "问", max_tokens=512).tokens == (3, 12)
    assert ask(answered("x" * 100), "问", max_tokens=8).tokens == (3, 8)
    assert ask(answered("fine", usage={"completion_tokens": True}), "问").tokens == (3, 4)


@pytest.mark.parametrize("number", ["", 7, None, ["d1"], "d 17", "张三 13800000000", "d" * 65])
def test_a_number_of_a_decision_that_is_none_never_gets_into_evidence(number):
    """Planted fault caught: keeping whatever the endpoint puts there."""
    assert ask(answered("fine", kanhe={"decision": number})).decision == ""


def test_only_the_gateway_can_say_that_it_stopped_an_answer():
    """Planted fault caught: a model around it that calls its answers stopped, and so refused."""
    target = HttpTarget(answered(kanhe={"decision": "d17"}), "m", Sampling(), stops=False)
    assert asyncio.run(target.ask(["hello"])).decision == ""


def test_an_answer_longer_than_its_tokens_can_be_is_none():
    """Planted fault caught: a server that ignores max_tokens and keeps the judging busy."""
    with pytest.raises(TargetError, match="cannot have so many") as caught:
        ask(answered("大" * 200_000), max_tokens=12)
    assert not caught.value.again
    assert len(ask(answered("大" * 200_000), max_tokens=8000).text) == 200_000


_BAD = b'{"choices": [{"message": {"content": "\xff\xfe"}}]}'
_HALF = b'{"choices": [{"message": {"content": "\\ud800"}}]}'


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html>", b"[]", b'{"choices": []}', b'{"choices": [{}]}', _BAD, _HALF, b"[" * 100_000,
     b'{"choices": [{"message": {"conte'],
)  # fmt: skip
def test_what_is_no_answer_of_this_api_is_refused(raw):
    with pytest.raises(TargetError, match="none of the OpenAI chat API"):
        ask(ScriptedModel(raw, content_type="application/json"))


def test_a_broken_connection_is_worth_another_try():
    class Broken(ScriptedModel):
        async def call(self, call):
            raise UpstreamError("it hung up", advice="-")

    with pytest.raises(TargetError, match="it hung up") as caught:
        ask(Broken())
    assert caught.value.again
