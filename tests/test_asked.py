"""A request is read once, and what it cannot be is told with the field's name."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.errors import RequestError, TooLarge
from kanhe.gateway.asked import Asked, read_request
from kanhe.gateway.refusal import CHAT, COMPLETIONS, EMBEDDINGS

CHATS = {"messages": [{"role": "user", "content": "hi"}]}


def read(body, path=CHAT, user=""):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_request(path, data, application="a", user=user, language="", most_turns=3)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (CHAT, b"{", "no JSON"),
        (CHAT, b'{"messages":[],"messages":[]}', "stands twice"),
        (CHAT, [], "the body is a list"),
        (CHAT, None, "the body is null"),
        (CHAT, 3, "the body is a number"),
        (CHAT, "x", "the body is a string"),
        (CHAT, True, "the body is a boolean"),
        (CHAT, {}, "'messages' is missing"),
        (COMPLETIONS, CHATS, "'prompt' is missing"),
        (EMBEDDINGS, {}, "'input' is missing"),
        (CHAT, {"messages": {}}, "no list"),
        (CHAT, {"messages": []}, "no list"),
        (CHAT, {"messages": ["x"]}, r"messages\[0\] has no role"),
        (CHAT, {"messages": [{"role": 3}]}, r"messages\[0\] has no role"),
        (CHAT, {**CHATS, "model": 3}, "'model' is a number, not str"),
        (CHAT, {**CHATS, "stream": "yes"}, "'stream' is a string, not bool"),
        (CHAT, {**CHATS, "user": {}}, "'user' is an object, not str"),
    ],
)
def test_what_is_no_request_is_told(path, body, said):
    with pytest.raises(RequestError, match=said) as caught:
        read(body, path)
    assert caught.value.status == 400
    assert caught.value.advice


def test_too_many_turns_are_too_large():
    with pytest.raises(TooLarge) as caught:
        read({"messages": CHATS["messages"] * 4})
    assert (caught.value.status, caught.value.code) == (413, "too_many_turns")


def test_the_header_names_the_user_where_the_body_does_not():
    assert read({**CHATS, "user": "b"}, user="h").user == "b"
    assert read({**CHATS, "safety_identifier": "s"}, user="h").user == "s"
    assert read(CHATS, user="h").user == "h"
    assert read({**CHATS, "user": " ｂ "}).user == "b"
    assert read({**CHATS, "user": "b"}).user == "b"
    assert read({**CHATS, "user": None}).user == ""


def test_only_true_asks_for_a_stream_and_vectors_never_do():
    assert read({**CHATS, "stream": True}).streamed
    assert not read({**CHATS, "stream": None}).streamed
    assert not read({"input": "x", "stream": True}, EMBEDDINGS).streamed


@pytest.mark.parametrize("options", [None, [], {}, {"include_usage": 1}, {"include_usage": False}])
def test_usage_is_wanted_only_where_it_is_asked_for(options):
    assert not read({**CHATS, "stream_options": options}).wants_usage
    assert read({**CHATS, "stream_options": {"include_usage": True}}).wants_usage


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (CHATS, "hi"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]}, "a"),
        ({"messages": [{"role": "user", "content": ["a"]}], "prompt": "p"}, "p"),
        ({"messages": 5, "prompt": ["p"]}, ""),
        ({"messages": {"a": 1}, "input": "i"}, "i"),
        ({"messages": ["x"]}, ""),
        ({}, ""),
    ],
)
def test_the_persons_last_words_tell_the_language(body, words):
    assert Asked(COMPLETIONS, body, "a").last_words == words


keys = st.sampled_from(["messages", "prompt", "role", "content", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
)


@given(values)
def test_any_json_is_a_request_or_a_clear_error(body):
    for path in (CHAT, COMPLETIONS, EMBEDDINGS):
        with suppress(RequestError):
            assert isinstance(read(body, path).last_words, str)


def test_a_role_is_no_place_for_text():
    with pytest.raises(RequestError) as caught:
        read({"messages": [{"role": "how.to.do.it", "content": "hi"}]})
    assert "role" in str(caught.value)
    assert "how.to" not in str(caught.value)
