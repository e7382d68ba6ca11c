r"""An event taken by a template is the event that a parser reads, and is sent as it.

Planted faults that these tests were seen to catch: middles taken without looking at their quotes
and number; a template learned beside a second text; an event with our own mark in another field.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.gateway.template import _MARK, learn
from kanhe.gateway.wire import BadJson, decode, encode

CONTENT = {"id": "c", "choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]}
REASONING = {"choices": [{"delta": {"role": "assistant", "reasoning_content": "x"}, "index": 1}]}
LEGACY = {"choices": [{"text": "x", "index": 2, "logprobs": None, "finish_reason": None}]}
CALL = {"choices": [{"delta": {"tool_calls": [{"index": 3, "function": {"arguments": "x"}}]}}]}
FIELDS = {
    "content": (CONTENT, (0, "content")),
    "reasoning": (REASONING, (1, "reasoning_content")),
    "legacy": (LEGACY, (2, "text")),
    "call": (CALL, (0, "tool_calls", 3, "arguments")),
}


def text_at(event, key):
    choice = event["choices"][0]
    if key[1] == "tool_calls":
        return choice["delta"]["tool_calls"][0]["function"]["arguments"]
    return choice["delta"][key[1]] if "delta" in choice else choice[key[1]]


def learned(event):
    data = json.dumps(event).encode()
    template = learn(data, decode(data))
    assert template
    return template


@pytest.mark.parametrize("name", FIELDS)
def test_each_kind_of_text_is_learned_by_its_key(name):
    event, key = FIELDS[name]
    assert learned(event).key == key


middles = st.lists(
    st.sampled_from(
        [b"a", b'\\"', b'"', b"\\", b"\\\\", b"\\u84dd", b"\\u00", "蓝".encode(), b",", b":", b"}",
         b"]", b"{", b"[", b"\n", b"\xff", b'","', b'":"', b'"content":', b" "]
    ),
    max_size=6,
).map(b"".join)  # fmt: skip


@given(st.sampled_from(sorted(FIELDS)), st.lists(middles, min_size=1, max_size=5))
@example("content", [b"a\\", b",", b","])
@example("content", [b'a","content":"b'])
@example("content", [b"\\", b"\\"])
def test_what_a_template_takes_is_what_a_parser_reads(name, some):
    event, key = FIELDS[name]
    template = learned(event)
    events = [template.before + middle + template.after for middle in some]
    raw, texts = template.take(events, 0)
    for data, middle, text in zip(events, raw, texts, strict=False):
        read = decode(data)
        assert text_at(read, key) == text
        assert read == decode(template.before + encode(text)[1:-1] + template.after)
        assert data == template.before + middle + template.after
    assert len(raw) == len(texts) <= len(events)


@given(st.lists(st.text(max_size=4), min_size=1, max_size=5), st.text(max_size=3), st.data())
def test_spread_events_say_the_carried_text_and_all_but_what_is_held(texts, carried, data):
    template = learned(CONTENT)
    whole = carried + "".join(texts)
    held = data.draw(st.integers(0, len(whole)))
    raw = [encode(text)[1:-1] for text in texts]
    out = template.spread(raw, texts, carried, held)
    events = [json.loads(one.removeprefix(b"data: ")) for one in out.split(b"\n\n") if one]
    said = "".join(text_at(event, (0, "content")) for event in events)
    assert said == whole[: len(whole) - held]


def test_an_event_is_written_with_its_text_and_none_without():
    template = learned(CONTENT)
    (line,) = template.event('a"\n').strip().split(b"\n")
    assert text_at(json.loads(line.removeprefix(b"data: ")), (0, "content")) == 'a"\n'
    assert template.event("") == b""


def choice_with(**fields):
    return json.dumps({"choices": [{"index": 0, **fields}]})


@pytest.mark.parametrize(
    "raw",
    [
        choice_with(delta={"content": "x"}, text="second"),
        choice_with(delta={"content": "x", "refusal": "y"}),
        choice_with(delta={"content": "x"}, finish_reason="stop"),
        choice_with(delta={"content": "x"}, logprobs={"content": []}),
        choice_with(delta={"content": "x"}, note="text"),
        choice_with(delta={"content": "x", "odd": 1}),
        choice_with(delta={"content": ["x"]}),
        choice_with(delta="x"),
        choice_with(delta={}),
        choice_with(
            delta={"tool_calls": [{"index": 0, "id": "c", "function": {"arguments": "x"}}]}
        ),
        choice_with(delta={"tool_calls": [{"function": {"arguments": "x", "name": "y"}}]}),
        choice_with(delta={"tool_calls": [{"function": {"arguments": "x"}}] * 2}),
        choice_with(delta={"tool_calls": [{"function": "x"}]}),
        json.dumps({"choices": []}),
        json.dumps({"choices": [{"delta": {"content": "x"}}] * 2}),
        json.dumps({"choices": ["x"]}),
        json.dumps({**CONTENT, "usage": {"total_tokens": 1}}),
        '{"choices":[{"delta":{"\\u0063ontent":"x"}}]}',
        '{"choices":[{"delta":{"content" : "x"}}]}',
        '{"choices":[{"delta":{"content":"x"},"note":{"\\"content\\":":1}}]}',
        '{"a":{"content":"x"},"choices":[{"delta":{"\\u0063ontent":"y"}}]}',
        '{"choices":[{"delta":{"content":"x","content":"y"}}]}',
        '{"choices":[{"delta":{"content":"x","\\u0063ontent":"y"}}]}',
        json.dumps({**CONTENT, "id": _MARK}),
        '{"a":{"content":3},"choices":[{"delta":{"\\u0063ontent":"y"}}]}',
        '{"x\\"content":"v","choices":[{"delta":{"\\u0063ontent":"y"}}]}',
    ],
)
def test_an_event_that_is_not_one_known_text_is_not_learned(raw):
    data = raw.encode()
    assert learn(data, decode(data)) is None


def test_a_field_that_only_looks_like_the_text_inside_a_string_is_not_taken_for_it():
    """`"content":"` stands in the id, spelled there as it would be in JSON."""
    data = b'{"id":"\\"content\\":\\"","choices":[{"delta":{"content":"x"}}]}'
    template = learn(data, decode(data))
    assert template is None or template.before.endswith(b'{"delta":{"content":"')


def test_a_shorter_event_that_begins_and_ends_alike_is_no_misfit():
    template = learned(CONTENT)
    overlapping = template.before[:-1] + template.after
    assert template.take([overlapping], 0) == ([], [])
    with pytest.raises(BadJson):
        decode(overlapping)


def test_events_that_differ_around_their_text_end_the_run():
    template = learned(CONTENT)
    same = template.before + b"a" + template.after
    other = same.replace(b'"c"', b'"d"')
    assert template.take([same, other, same], 0) == ([b"a"], ["a"])
    assert template.take([same, other, same], 2) == ([b"a"], ["a"])
