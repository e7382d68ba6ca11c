"""What people are told has the shapes that the official SDK reads, and never the matched word."""

from __future__ import annotations

import json

import pytest
from openai.types import Completion
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from exchanges import content_of, events_of
from kanhe.gateway.refusal import (
    CHAT,
    COMPLETIONS,
    Notice,
    broken_tail,
    error_body,
    language_of,
    refused_prompt,
    stopped_tail,
    streamed_reply,
    whole_reply,
)
from kanhe.policy.rule import Text

STATED = Text("回答已停止。", "The answer was stopped.")
NOTICE = Notice("d1", "A.1.a", STATED, "objections@example.org")
REPLYING = Notice("d1", "A.1.a", STATED, "objections@example.org", Text("换个话题", "Else"))
CHATTED = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
CHUNKED = {**CHATTED, "object": "chat.completion.chunk"}
COMPLETED = {**CHATTED, "object": "text_completion"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("notice", [NOTICE, REPLYING])
def test_whole_replies_validate(notice, language):
    chat = json.loads(whole_reply(CHAT, CHATTED, notice, language))
    read = ChatCompletion.model_validate(chat)
    assert read.choices[0].message.content == notice.said(language)
    assert read.choices[0].finish_reason == "content_filter"
    old = Completion.model_validate_json(whole_reply(COMPLETIONS, COMPLETED, notice, language))
    assert old.choices[0].text == notice.said(language)


@pytest.mark.parametrize("usage", [True, False])
def test_streamed_replies_validate_and_end(usage):
    data = streamed_reply(CHAT, CHUNKED, NOTICE, "zh", usage=usage)
    chunks = [ChatCompletionChunk.model_validate(one) for one in events_of(data)]
    assert content_of(data) == NOTICE.words("zh")
    assert [c.finish_reason for one in chunks for c in one.choices][-1] == "content_filter"
    assert (chunks[-1].usage is not None) == usage
    old = streamed_reply(COMPLETIONS, COMPLETED, NOTICE, "en", usage=False)
    assert content_of(old) == NOTICE.words("en")


@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
@pytest.mark.parametrize("reply", [True, False])
def test_tails_close_every_open_choice_once(path, reply):
    envelope = CHUNKED if path == CHAT else COMPLETED
    counted = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    data = stopped_tail(path, envelope, {2, 0}, REPLYING, "en", usage=counted, reply=reply)
    ends = [c["index"] for one in events_of(data) for c in one["choices"] if c["finish_reason"]]
    assert ends == [0, 2]
    assert (content_of(data, 2) == "Else") == reply
    assert events_of(data)[-1]["usage"] == counted


@pytest.mark.obligation("cn-im-15-1")
@pytest.mark.obligation("cn-pipl-24-1")
def test_words_name_the_decision_and_where_to_object():
    for language in ("zh", "en"):
        assert "d1" in NOTICE.words(language)
        assert "objections@example.org" in NOTICE.words(language)
    assert NOTICE.fields() == {
        "decision": "d1", "category": "A.1.a", "object_to": "objections@example.org",
        "notice": {"zh": STATED.zh, "en": STATED.en},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid_request_error"), (502, "server_error")]
)
def test_errors_have_the_shape_of_the_api(status, kind):
    body = json.loads(error_body("m", "c", status=status))
    assert body == {"error": {"message": "m", "type": kind, "param": None, "code": "c"}}


def test_a_refused_prompt_and_a_broken_stream_carry_their_codes():
    assert json.loads(refused_prompt(NOTICE, "en"))["error"]["code"] == "content_policy"
    (one,) = events_of(broken_tail("m", "upstream_error"))
    assert one["error"]["code"] == "upstream_error"


@pytest.mark.parametrize(
    ("setting", "accepted", "text", "language"),
    [
        ("zh", "en", "hello", "zh"), ("en", "zh", "你好", "en"),
        ("auto", "fr, EN-gb;q=0.8", "你好", "en"), ("auto", "zh-CN", "hello", "zh"),
        ("auto", "fr", "你好", "zh"), ("auto", "", "hello", "en"), ("auto", "", "", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_settings_the_clients_or_the_texts(setting, accepted, text, language):
    assert language_of(setting, accepted, text) == language
