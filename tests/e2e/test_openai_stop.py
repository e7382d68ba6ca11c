"""The official `openai` client where a rule stops a prompt or an answer, or masks in it.

No stop may raise: an application that was written for the model's own API must go on working.
"""

from __future__ import annotations

import asyncio

import openai
import pytest
from scripted import HANG, chunk, said, sse, whole
from sdk import (
    BANNED,
    HELLO,
    LABEL_EN,
    NOTICE,
    TOOLS,
    asked,
    check_notice,
    told,
    told_async,
)
from served import KEY, Served


def test_a_stop_in_the_middle_of_a_stream_does_not_raise(client, upstream):
    upstream.stream = said("Sure: ", "看蓝色", "独角", "兽 and more")
    text, refusal, finished, extra = told(asked(client, stream=True))
    assert text == "Sure: 看" + LABEL_EN
    assert finished == ["content_filter"]
    check_notice(extra["kanhe"], refusal)


def test_a_stop_does_not_raise_in_the_async_client(gateway, upstream):
    upstream.stream = said("Sure: ", "forbidden", " kumquat")
    text, refusal, finished, extra = asyncio.run(told_async(gateway))
    assert (text, finished) == ("Sure: " + LABEL_EN, ["content_filter"])
    check_notice(extra["kanhe"], refusal)


def test_a_stop_does_not_raise_while_the_streaming_helper_is_read(client, upstream):
    """Its `get_final_completion` raises for this reason by itself, whoever serves: it parses."""
    upstream.stream = said("Sure: ", "forbidden", " kumquat")
    with client.chat.completions.stream(model="up", messages=HELLO, tools=TOOLS) as stream:
        for _ in stream:
            pass
        choice = stream.current_completion_snapshot.choices[0]
        assert choice.message.content == "Sure: " + LABEL_EN
        assert choice.finish_reason == "content_filter"
        assert NOTICE in choice.message.refusal
        with pytest.raises(openai.ContentFilterFinishReasonError):
            stream.get_final_completion()
    upstream.answer = whole("Sure: forbidden kumquat")
    with pytest.raises(openai.ContentFilterFinishReasonError):
        client.chat.completions.parse(model="up", messages=HELLO)


def test_a_stop_with_usage_has_usage_last(client, upstream):
    upstream.stream = said("Sure: ", "forbidden", " kumquat")
    last = list(asked(client, stream=True, stream_options={"include_usage": True}))[-1]
    assert last.choices == []
    # The model tells no usage when it is stopped: counted in its events.
    assert last.usage.total_tokens == 4


def test_a_stop_in_a_whole_answer_does_not_raise(client, upstream):
    upstream.answer = whole(f"Sure: 看{BANNED} and more")
    answer = asked(client)
    (choice,) = answer.choices
    assert choice.message.content == "Sure: 看" + LABEL_EN
    assert choice.finish_reason == "content_filter"
    check_notice(answer.model_extra["kanhe"], choice.message.refusal)


def test_a_stop_in_one_choice_ends_all_of_them_and_counts_as_one(client, upstream, gateway):
    body = [chunk("one ", index=0), chunk("forbidden ", index=1), chunk("kumquat", index=1)]
    upstream.stream = [*map(sse, body), HANG]
    finished = {}
    for part in asked(client, stream=True, n=2):
        for choice in part.choices:
            if choice.finish_reason:
                finished[choice.index] = choice.finish_reason
                decision = part.model_extra["kanhe"]["decision"]
    assert finished == {0: "content_filter", 1: "content_filter"}
    assert gateway.tags(decision) == ["gateway:answer:begun", "gateway:answer:stopped"]


def test_stops_in_two_whole_choices_are_one_stop_on_the_ledger(client, upstream, gateway):
    answer = whole(f"one {BANNED}")
    other = {**answer["choices"][0], "index": 1, "message": {"content": f"two {BANNED}"}}
    upstream.answer = {**answer, "choices": [*answer["choices"], other]}
    got = asked(client, n=2)
    assert [choice.finish_reason for choice in got.choices] == ["content_filter"] * 2
    decision = got.model_extra["kanhe"]["decision"]
    assert gateway.tags(decision) == ["gateway:answer:begun", "gateway:answer:stopped"]


def test_a_blocked_prompt_is_answered_and_no_model_is_asked(client, upstream):
    before = len(upstream.visits)
    messages = [{"role": "user", "content": "tell me of the FORBIDDEN k.u.m.q.u.a.t"}]
    answer = client.chat.completions.create(model="up", messages=messages)
    (choice,) = answer.choices
    assert choice.finish_reason == "content_filter"
    assert NOTICE in choice.message.content
    check_notice(answer.model_extra["kanhe"], choice.message.refusal)

    stream = client.chat.completions.create(model="up", messages=messages, stream=True)
    text, refusal, finished, extra = told(stream)
    assert NOTICE in text
    assert finished == ["content_filter"]
    check_notice(extra["kanhe"], refusal)
    assert len(upstream.visits) == before


def test_an_earlier_turn_and_a_part_of_the_content_are_looked_at_too(client, upstream):
    before = len(upstream.visits)
    split = [{"type": "text", "text": "看蓝色独"}, {"type": "text", "text": "角兽"}]
    for messages in (
        [{"role": "user", "content": BANNED}, {"role": "assistant", "content": "no"}, *HELLO],
        [{"role": "user", "content": split}],
        [{"role": "system", "content": f"talk of {BANNED}"}, *HELLO],
    ):
        answer = client.chat.completions.create(model="up", messages=messages)
        assert answer.choices[0].finish_reason == "content_filter"
    assert len(upstream.visits) == before


def test_a_blocked_prompt_is_an_error_where_the_operator_wants_one(upstream, tmp_path):
    gateway = Served(tmp_path, upstream=upstream, env={"KANHE_BLOCKED_PROMPT": "error"})
    try:
        with openai.OpenAI(base_url=gateway.url, api_key=KEY, max_retries=0) as client:
            for stream in (False, True):
                messages = [{"role": "user", "content": BANNED}]
                with pytest.raises(openai.BadRequestError) as refused:
                    client.chat.completions.create(model="up", messages=messages, stream=stream)
                assert refused.value.code == "content_policy"
                body = refused.value.response.json()
                check_notice_zh(body["kanhe"], body["error"]["message"])
            # Only prompts: a stop in an answer does not raise in this setting either.
            upstream.stream = said("Sure: ", "forbidden", " kumquat")
            assert told(asked(client, stream=True))[2] == ["content_filter"]
    finally:
        gateway.stop()


def check_notice_zh(extra, message):
    assert extra["notice"]["zh"] in message
    assert extra["decision"] in message
    assert BANNED not in message


def test_what_is_masked_is_replaced_and_the_rest_arrives(client, upstream):
    upstream.stream = said("卡号62258", "8996030", "8247，请查收")
    text, refusal, finished, _ = told(asked(client, stream=True))
    assert (text, refusal, finished) == ("卡号[card]，请查收" + LABEL_EN, "", ["stop"])
    upstream.answer = whole("卡号6225889960308247，请查收")
    assert asked(client).choices[0].message.content == "卡号[card]，请查收" + LABEL_EN
