import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.errors import LedgerError
from kanhe.ledger.entry import DEEPEST, LONGEST, Entry, decode, encode
from ledgers import NOW

TAG = "gateway:answer:stopped"
keys = st.text(st.characters(max_codepoint=127), max_size=6)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


def canonical(value):
    """RFC 8785 for our types, said plainly: the oracle."""
    if isinstance(value, dict):
        order = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in order) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        named = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
        escaped = (named.get(ord(c), c if c >= " " else f"\\u{ord(c):04x}") for c in value)
        return '"' + "".join(escaped) + '"'
    return json.dumps(value)


@given(st.dictionaries(keys, values, max_size=5))
def test_an_entry_is_canonical_json(facts):
    """Planted: `order=None` in the encoder, and `ensure_ascii` escapes; both are caught."""
    whole = {"at": "2026-11-01T08:30:00.123Z", "facts": facts, "tag": TAG}
    assert encode(TAG, NOW, facts).decode() == canonical(whole)


@given(st.dictionaries(keys, values, max_size=5))
def test_an_entry_reads_back_as_it_was_written(facts):
    cut = NOW.replace(microsecond=123_000)
    assert decode(encode(TAG, NOW, facts)) == Entry(cut, facts, TAG)


def test_a_tuple_is_written_as_a_list():
    assert encode(TAG, NOW, {"a": (1, ("x",))}) == encode(TAG, NOW, {"a": [1, ["x"]]})


@pytest.mark.parametrize(
    "tag",
    ["", "a:b", "a:b:c:d", "A:b:c", "a::c", "a:b:c\n", "a:b:1", "a:b:c ", "ä:b:c", "a:b:_c"],
)
def test_a_tag_outside_the_grammar_is_refused(tag):
    with pytest.raises(ValueError, match="source:subject:action"):
        encode(tag, NOW, {})


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (1.0, "float"),
        (b"x", "bytes"),
        (NOW, "datetime"),
        ({1, 2}, "set"),
        (2**53, "53 bits"),
        (-(2**53), "53 bits"),
        ([1.5], "float"),
        ({"b": [{"c": 1.5}]}, "float"),
        ({"ключ": 1}, "ASCII"),
        ({1: 1}, "ASCII"),
        ("\ud800", "no text"),
    ],
)
def test_a_fact_that_has_no_canonical_form_is_refused(fact, why):
    with pytest.raises(ValueError, match=why):
        encode(TAG, NOW, {"a": fact})


def test_facts_nested_too_deep_are_refused_and_not_followed():
    fact = []
    for _ in range(DEEPEST + 1):
        fact = [fact]
    with pytest.raises(ValueError, match="nests deeper"):
        encode(TAG, NOW, {"a": fact})


def test_an_entry_may_have_65535_bytes_and_no_more():
    room = LONGEST - len(encode(TAG, NOW, {"a": ""}))
    assert len(encode(TAG, NOW, {"a": "x" * room})) == LONGEST
    with pytest.raises(ValueError, match="65536 bytes"):
        encode(TAG, NOW, {"a": "x" * (room + 1)})


@pytest.mark.parametrize(
    "at", [NOW.replace(tzinfo=None), NOW.astimezone(timezone(timedelta(hours=8)))]
)
def test_an_instant_that_is_not_in_utc_is_refused(at):
    with pytest.raises(ValueError, match="not in UTC"):
        encode(TAG, at, {})


@pytest.mark.parametrize("raw", [b"", b"\xff", b"{}", b'{"at":"x","facts":{},"tag":"a:b:c"}'])
def test_bytes_that_are_no_entry_are_refused_with_advice(raw):
    with pytest.raises(LedgerError, match="not in the form"):
        decode(raw)


def test_an_instant_reads_back_in_utc():
    assert decode(encode(TAG, NOW, {})).at.tzinfo is UTC
    assert decode(encode(TAG, datetime(2026, 1, 1, tzinfo=UTC), {})).at.hour == 0
