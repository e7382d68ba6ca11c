"""The official `openai` client, sync and async, in front of a real gateway on a real socket."""

from __future__ import annotations

import asyncio
import json

import openai
import pytest
from scripted import HANG, chunk, said, sse, whole
from sdk import (
    BANNED,
    HELLO,
    LABEL_EN,
    LABEL_ZH,
    TOOLS,
    asked,
    told,
    told_async,
)


def test_a_whole_answer_arrives_with_its_label_and_usage(client, upstream):
    upstream.answer = whole("Good morning")
    answer = asked(client)
    assert answer.choices[0].message.content == "Good morning" + LABEL_EN
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 5
    assert answer.model_extra["AIGC"]["Label"] == "1"


def test_a_stream_arrives_in_pieces_with_its_label(client, upstream):
    upstream.stream = said("Good ", "morning")
    parts = list(asked(client, stream=True))
    assert told(parts)[:3] == ("Good morning" + LABEL_EN, "", ["stop"])
    assert "AIGC" in parts[0].model_extra


def test_pieces_arrive_while_the_model_still_speaks(client, upstream):
    upstream.stream = [*said("first ", "second")[:-2], HANG]
    with asked(client, stream=True) as stream:
        text = ""
        for part in stream:
            text += part.choices[0].delta.content or ""
            if text.endswith("second"):
                break
    assert upstream.last.gone.wait(10)


def test_the_async_client_reads_the_same(gateway, upstream):
    upstream.stream = said("Good ", "morning")
    text, refusal, finished, _ = asyncio.run(told_async(gateway))
    assert (text, refusal, finished) == ("Good morning" + LABEL_EN, "", ["stop"])


def test_the_label_follows_the_users_language(client, upstream):
    upstream.answer = whole("早上好")
    zh = [{"role": "user", "content": "你好"}]
    answer = client.chat.completions.create(model="up", messages=zh)
    assert answer.choices[0].message.content == "早上好" + LABEL_ZH


def test_usage_ends_a_stream_that_asks_for_it(client, upstream):
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    upstream.stream = said("hi")
    upstream.stream.insert(-1, sse({**chunk(), "choices": [], "usage": usage}))
    last = list(asked(client, stream=True, stream_options={"include_usage": True}))[-1]
    assert last.choices == []
    assert last.usage.total_tokens == 5
    assert upstream.last.body["stream_options"] == {"include_usage": True}


def calling(*pieces):
    """A stream that calls a tool, its arguments cut into `pieces`."""
    head = {"index": 0, "id": "call_1", "type": "function"}
    first = {**head, "function": {"name": "weather", "arguments": ""}}
    rest = [{"index": 0, "function": {"arguments": piece}} for piece in pieces]
    calls = [sse(chunk(tool_calls=[call])) for call in (first, *rest)]
    return [*calls, sse(chunk(finish="tool_calls")), b"data: [DONE]\n\n"]


def called(stream):
    name, arguments, finished = "", "", []
    for part in stream:
        for choice in part.choices:
            for call in choice.delta.tool_calls or ():
                name += call.function.name or ""
                arguments += call.function.arguments or ""
            finished += [choice.finish_reason] if choice.finish_reason else []
    return name, arguments, finished


def test_tool_calls_stream_in_pieces_and_stay_json(client, upstream):
    upstream.stream = calling('{"ci', 'ty": "北', '京", "n": 1}')
    name, arguments, finished = called(asked(client, stream=True, tools=TOOLS, tool_choice="auto"))
    assert (name, finished) == ("weather", ["tool_calls"])
    assert json.loads(arguments) == {"city": "北京", "n": 1}
    assert upstream.last.body["tools"] == TOOLS


def test_a_finding_in_tool_arguments_stops_them_before_its_first_character(client, upstream):
    upstream.stream = calling('{"q": "看', "蓝色\\u72ec", '角兽"}')
    _, arguments, finished = called(asked(client, stream=True, tools=TOOLS))
    assert (arguments, finished) == ('{"q": "看', ["content_filter"])


def test_a_whole_tool_call_arrives(client, upstream):
    function = {"name": "weather", "arguments": '{"city": "北京"}'}
    calls = [{"id": "call_1", "type": "function", "function": function}]
    upstream.answer = whole(None, tool_calls=calls)
    message = asked(client, tools=TOOLS).choices[0].message
    assert message.tool_calls[0].function.arguments == '{"city": "北京"}'
    assert message.content is None


def test_every_choice_has_its_own_guard(client, upstream):
    body = [
        chunk("one ", index=0), chunk("蓝色", index=1), chunk("two", index=0),
        chunk("的马", index=1), chunk(finish="stop", index=0), chunk(finish="stop", index=1),
    ]  # fmt: skip
    upstream.stream = [*map(sse, body), b"data: [DONE]\n\n"]
    texts = {0: "", 1: ""}
    for part in asked(client, stream=True, n=2):
        for choice in part.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == {0: "one two" + LABEL_EN, 1: "蓝色的马" + LABEL_EN}


def test_reasoning_arrives_apart_from_the_answer_and_is_guarded(client, upstream):
    upstream.stream = [
        sse(chunk(reasoning_content="let me ")), sse(chunk(reasoning_content="think")),
        *said("done"),
    ]  # fmt: skip
    reasoning = ""
    for part in asked(client, stream=True):
        for choice in part.choices:
            reasoning += getattr(choice.delta, "reasoning_content", None) or ""
    assert reasoning == "let me think"

    upstream.stream = [sse(chunk(reasoning_content=part)) for part in ("hm 蓝色", "独角", "兽")]
    shown = [part.choices[0] for part in asked(client, stream=True) if part.choices]
    texts = [getattr(choice.delta, "reasoning_content", None) or "" for choice in shown]
    assert "".join(texts) == "hm "
    assert shown[-1].finish_reason == "content_filter"


def test_logprobs_are_of_released_tokens_only(client, upstream):
    def token(text):
        return {"token": text, "logprob": -0.1, "bytes": list(text.encode()), "top_logprobs": []}

    def spoken(text):
        event = chunk(text)
        event["choices"][0]["logprobs"] = {"content": [token(text)], "refusal": None}
        return sse(event)

    upstream.stream = [spoken(text) for text in ("Hi ", "you ", "看蓝色", "独角兽", " x")]
    tokens, text = "", ""
    for part in asked(client, stream=True, logprobs=True):
        for choice in part.choices:
            text += choice.delta.content or ""
            for one in (choice.logprobs and choice.logprobs.content) or ():
                tokens += one.token
    assert text == "Hi you 看" + LABEL_EN
    assert tokens == "Hi you "


def completion(text):
    choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
    return {"id": "cmpl-up", "object": "text_completion", "created": 1700000000, "model": "up",
            "choices": [choice]}  # fmt: skip


def test_legacy_completions_are_served_and_guarded(client, upstream):
    upstream.answer = completion("Good morning")
    answer = client.completions.create(model="up", prompt="hello")
    assert answer.choices[0].text == "Good morning" + LABEL_EN

    events = [completion(text) for text in ("Good ", "forbidden kum", "quat")]
    for event in events:
        event["choices"][0]["finish_reason"] = None
    upstream.stream = [sse(event) for event in events]
    shown = list(client.completions.create(model="up", prompt="hello", stream=True))
    assert "".join(part.choices[0].text for part in shown) == "Good " + LABEL_EN
    assert shown[-1].choices[0].finish_reason == "content_filter"


def test_embeddings_pass_and_their_input_is_guarded(client, upstream):
    data = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    upstream.answer = {"object": "list", "data": data, "model": "up", "usage": usage}
    answer = client.embeddings.create(model="up", input="hello", encoding_format="float")
    assert answer.data[0].embedding == [0.5, 0.25]
    # There is no form of an embedding that says "no", so this one is an error in every setting.
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="up", input=["hello", BANNED], encoding_format="float")
    assert refused.value.code == "content_policy"


def test_models_are_listed_and_looked_up(client):
    assert [model.id for model in client.models.list()] == ["up"]
    assert client.models.retrieve("up").owned_by == "kanhe"
    with pytest.raises(openai.NotFoundError) as missing:
        client.models.retrieve("other")
    assert missing.value.code == "model_not_found"


def test_a_shadow_rule_never_acts(client, upstream, gateway):
    upstream.stream = said("a shadow", "word here")
    assert told(asked(client, stream=True))[:3] == ("a shadowword here" + LABEL_EN, "", ["stop"])
    assert b'mode="shadow",rule="tried-out"' in gateway.get("/metrics")


def test_images_and_unknown_fields_reach_the_model(client, upstream):
    upstream.answer = whole("a cat")
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "what is it"}, image]}]
    client.chat.completions.create(model="up", messages=messages, extra_body={"top_k": 7})
    assert upstream.last.body["messages"] == messages
    assert upstream.last.body["top_k"] == 7


def test_an_unknown_model_and_a_wrong_key_are_errors_of_their_kind(client, gateway):
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="other", messages=HELLO)
    assert missing.value.code == "model_not_found"
    with (
        openai.OpenAI(base_url=gateway.url, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as unknown,
    ):
        asked(stranger)
    assert unknown.value.code == "invalid_api_key"
