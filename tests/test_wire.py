"""JSON in and out: one document has one reading, and what could be read by a person is known."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.gateway.wire import (
    MOST_DEPTH,
    BadJson,
    carries_text,
    decode,
    decode_strictly,
    encode,
    is_name,
    strings,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(values)
def test_documents_come_back_as_they_went(value):
    assert decode_strictly(json.dumps(value).encode()) == decode(encode(value)) == value


@pytest.mark.parametrize(
    "raw",
    [b'{"a":1,"a":2}', b'{"x":{"a":1,"\\u0061":2}}', b'[{"a":1,"b":2,"a":3}]'],
    ids=["plain", "escaped", "not side by side"],
)
def test_a_key_that_stands_twice_is_refused(raw):
    with pytest.raises(BadJson, match="'a' stands twice"):
        decode_strictly(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"\x00", b'"\x00"', b'{"a":"\n"}', b'"\xff"', b'"\xed\xa0\x80"', b'"\\ud800"',
        b'"\\ud800\\ud800"', b'"\\udc00"', b"NaN", b"[Infinity]", b"-Infinity", b"1e999",
        '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32"), b"\xef\xbb\xbf{}", b"{} {}",
        b"[" * 50_000 + b"]" * 50_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"9" * 50_000,
    ],
    ids=repr,
)  # fmt: skip
def test_what_two_readers_could_read_in_two_ways_is_refused(raw):
    with pytest.raises(BadJson):
        decode_strictly(raw)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_is_bounded_where_we_can_still_look(opening):
    closing = b"]" if opening == b"[" else b"}"
    assert decode(opening * MOST_DEPTH + b"1" + closing * MOST_DEPTH)
    with pytest.raises(BadJson, match="nested"):
        decode(opening * (MOST_DEPTH + 1) + b"1" + closing * (MOST_DEPTH + 1))


def test_brackets_in_texts_and_side_by_side_are_no_depth():
    assert decode(encode(["[{" * 200])) == ["[{" * 200]
    assert decode(b"[" + b"[]," * 300 + b"1]")


def test_long_integers_are_numbers():
    assert decode_strictly(b"[123456789012345678901234567890]") == [123456789012345678901234567890]


@given(values)
def test_text_is_carried_where_a_string_is(value):
    """Absolute: every string of the document, looked for in its own way."""
    found = []

    def walk(one):
        if isinstance(one, str):
            found.append(one)
        for key, item in one.items() if isinstance(one, dict) else ():
            found.append(key)
            walk(item)
        for item in one if isinstance(one, list) else ():
            walk(item)

    walk(value)
    assert sorted(strings(value)) == sorted(found)
    if not carries_text(value):
        assert all(not text or is_name(text) for text in found)


@pytest.mark.parametrize(
    ("value", "named"),
    [("chatcmpl-1", True), ("a b", False), ("独", False), ("x" * 257, False), (None, True),
     (3, True), ({"text": "x"}, False), (["x"], False), ({}, True), ([1], True)],
)  # fmt: skip
def test_a_name_is_short_ascii_and_never_an_object_with_text(value, named):
    assert is_name(value) is named
