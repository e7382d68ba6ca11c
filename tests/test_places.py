"""Where text stands in one choice: known where the wire promises an order, else unknown."""

from __future__ import annotations

import pytest

from kanhe.errors import UpstreamError
from kanhe.gateway.event import number_of, read_event, texts_beside
from kanhe.gateway.places import Known, Unknown, is_unknown, places


def known(choice, index=0):
    return [(p.key, p.surface) for p in places(index, choice) if isinstance(p, Known)]


def unknown(choice, index=0):
    return [p.key for p in places(index, choice) if isinstance(p, Unknown)]


def test_each_text_of_a_delta_has_its_own_key():
    calls = [
        {"index": 2, "function": {"name": "f", "arguments": "{}"}},
        {"custom": {"name": "g", "input": "x"}},
    ]
    delta = {"role": "assistant", "content": "a", "refusal": "b", "tool_calls": calls,
             "function_call": {"arguments": "c"}}  # fmt: skip
    assert known({"text": "t", "delta": delta}, 7) == [
        ((7, "text"), "content"), ((7, "content"), "content"), ((7, "refusal"), "refusal"),
        ((7, "tool_calls", 2, "name"), "tool_name"),
        ((7, "tool_calls", 2, "arguments"), "tool_arguments"),
        ((7, "tool_calls", 1, "name"), "tool_name"),
        ((7, "tool_calls", 1, "input"), "tool_arguments"),
        ((7, "tool_calls", "function_call", "arguments"), "tool_arguments"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "keys"),
    [
        ({"message": {"content": "a"}}, [(0, "message")]),
        ({"delta": {"content": [{"text": "a"}]}}, [(0, "content")]),
        ({"delta": {"delta": "a", "logprobs": "b"}}, [(0, "delta"), (0, "logprobs")]),
        ({"delta": {"tool_calls": "a"}}, [(0, "tool_calls")]),
        ({"delta": {"tool_calls": [{"function": "a"}]}}, [(0, "tool_calls", 0, "function")]),
        ({"delta": {"tool_calls": [{"note": "a"}]}}, [(0, "tool_calls", 0, "note")]),
        ({"delta": {"tool_calls": [{"function": {"note": "a"}}]}}, [(0, "tool_calls", 0, "note")]),
        (
            {"delta": {"tool_calls": [{"function": {"name": ["a"]}}]}},
            [(0, "tool_calls", 0, "name")],
        ),
        ({"delta": {"function_call": "a"}}, [(0, "function_call")]),
        ({"delta": {"role": "a b", "id": {"a": "b"}}}, [(0, "role"), (0, "id")]),
        ({"finish_reason": "because I say so"}, [(0, "finish_reason")]),
        ({"独角兽": 1}, [(0, "独角兽")]),
        ({"delta": None, "logprobs": {"content": []}, "timings": {"ms": 1}}, []),
    ],
)
def test_what_has_no_promised_order_is_unknown(choice, keys):
    assert unknown(choice) == keys


def test_an_unknown_field_goes_back_where_it_stood():
    deep = {"tool_calls": [{"index": 1, "function": {"note": "a"}}], "thoughts": "b"}
    old = {"function_call": {"note": "c"}}
    back = [
        p.wrap({p.name: p.holder[p.name]}) for d in (deep, old) for p in places(3, {"delta": d})
    ]
    assert [one["delta"] for one in back] == [
        {"tool_calls": [{"index": 1, "function": {"note": "a"}}]},
        {"thoughts": "b"},
        {"function_call": {"note": "c"}},
    ]
    assert all(one["index"] == 3 for one in back)


def test_a_call_of_a_kind_that_nobody_knows_goes_back_to_its_call():
    (place,) = places(0, {"delta": {"tool_calls": [{"index": 4, "note": "a"}]}})
    assert place.wrap({"note": "a"})["delta"] == {"tool_calls": [{"index": 4, "note": "a"}]}


@pytest.mark.parametrize("call", ["a", None, {"index": "1"}, {"index": True}, {"index": 1.0}])
def test_a_call_without_a_number_is_refused(call):
    with pytest.raises(UpstreamError, match="no number"):
        list(places(0, {"delta": {"tool_calls": [call]}}))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("id", "chatcmpl-1", False), ("id", "a b", True), ("x", 1, False), ("x", "a", True),
     ("x", "", False), ("a b", None, True), ("x", {"a": 1}, False), ("x", {"a b": 1}, True)],
)  # fmt: skip
def test_a_field_is_unknown_where_a_person_could_read_it(name, value, told):
    assert is_unknown(name, value) is told


def test_usage_is_numbers_or_text_like_any_other():
    assert texts_beside({"usage": {"total_tokens": 1}, "choices": ["a"], "id": "c"}) == []
    assert texts_beside({"usage": {"note": "a"}, "message": "b"}) == ["usage", "message"]


@pytest.mark.parametrize("raw", [b"", b"[]", b"3", b'{"error":{"a":1}}', b'{"choices":[3]}'])
def test_what_is_no_event_is_refused(raw):
    with pytest.raises(UpstreamError):
        read_event(raw)


def test_an_empty_error_is_none():
    assert read_event(b'{"error":null,"choices":null}') == {"error": None, "choices": None}


@pytest.mark.parametrize(
    "choice", [{"index": "0"}, {"index": True}, {"index": None}, {"delta": []}]
)
def test_a_choice_without_a_number_is_refused(choice):
    with pytest.raises(UpstreamError):
        number_of(choice)
    assert number_of({}) == 0
