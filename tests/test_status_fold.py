"""The fold over entries: what it counts and keeps is what decoding every entry would give."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.errors import LedgerError
from kanhe.ledger.entry import decode, encode
from kanhe.status.fold import Fold, folded
from kanhe.status.picture import Count, Sound

START = datetime(2026, 11, 1, tzinfo=UTC)
SOUND = Sound(0, b"")
LOOK_ALIKES = [',"tag":"gateway:a:b"}', '","facts":{', '{"at":"', '"}', "\\", '\\"', "gateway:x:y"]
TAGS = [
    "gateway:answer:begun",
    "gateway:answer:released",
    "operator:ruleset:loaded",
    "gateway-x:a:b",
]

texts = st.lists(st.sampled_from(LOOK_ALIKES) | st.text(max_size=3), max_size=4).map("".join)
keys = st.sampled_from(['tag":"gateway:a:b"}', "tag", "at", "facts", 'x","tag":"'])
values = st.recursive(
    texts | st.integers(0, 9) | st.none(), lambda inner: st.dictionaries(keys, inner, max_size=2)
)
facts = st.dictionaries(keys, values, max_size=3)
offsets = st.integers(-3_000, 90_000).map(lambda ms: timedelta(milliseconds=ms))
entries = st.lists(
    st.builds(lambda tag, at, some: encode(tag, START + at, some), st.sampled_from(TAGS), offsets,
              facts),
    max_size=12,
)  # fmt: skip


def oracle(raw, at=None):
    """Count and keep by decoding everything: {tag: (number, first, at, last, at)}, kept, size."""
    read = [(i, decode(one)) for i, one in enumerate(raw)]
    seen = [(i, entry) for i, entry in read if at is None or entry.at <= at]
    counts = {}
    for tag in {entry.tag for _, entry in seen}:
        of = [(i, entry.at) for i, entry in seen if entry.tag == tag]
        counts[tag] = (len(of), *of[0], *of[-1])
    kept = {tag: [(i, e.facts) for i, e in seen if e.tag == tag] for tag in counts
            if not tag.startswith("gateway:")}  # fmt: skip
    return counts, kept, len(seen)


def told(picture):
    counts = {tag: (c.number, c.first, c.first_at, c.last, c.last_at)
              for tag, c in picture.counts.items()}  # fmt: skip
    kept = {tag: [(s.index, s.facts) for s in some] for tag, some in picture.kept.items()}
    return counts, kept, picture.size


TRAP = encode("operator:a:b", START, {"x": ',"tag":"gateway:answer:begun"}'})


@given(entries, st.lists(st.integers(1, 5), max_size=6))
@example([TRAP], [])
def test_it_sees_what_decoding_every_entry_would_show(raw, cuts):
    """Fails with `find` in place of `rfind`, which takes the look-alike for the tag."""
    fold, index = Fold(), 0
    for cut in [*cuts, len(raw)]:
        fold.take_many(index, raw[index : index + cut])
        index = min(index + cut, len(raw))
    assert told(fold.picture(START + timedelta(days=1), SOUND)) == oracle(raw)


@given(entries, offsets)
def test_with_an_end_it_is_the_record_as_it_stood_then(raw, offset):
    """Fails where later entries of requests are counted, or where their indices shift."""
    at = START + offset
    assert told(folded(raw, at).picture(at, SOUND)) == oracle(raw, at)


@given(entries, offsets)
def test_it_says_itself_whether_it_can_tell_of_an_earlier_instant(raw, offset):
    """Fails where only the last entry's instant is looked at: a clock may have been set back."""
    at = START + offset
    fold = folded(raw)
    assert fold.tells(at) == all(decode(one).at <= at for one in raw)
    _, kept, _ = told(fold.picture(at, SOUND))
    assert kept == oracle(raw, at)[1]


@given(entries, st.integers(0, 12), st.none() | offsets)
def test_a_state_that_was_written_down_goes_on_as_if_it_had_not_been(raw, cut, end):
    until = None if end is None else START + end
    fold = Fold(until)
    fold.take_many(0, raw[:cut])
    again = Fold.from_json(json.loads(json.dumps(fold.to_json())))
    for one in (fold, again):
        one.take_many(one.next, raw[one.next :])
    at = START + timedelta(days=1)
    assert told(again.picture(at, SOUND)) == told(fold.picture(at, SOUND))
    assert again.tells(at) is fold.tells(at)


def test_one_by_one_is_the_same_as_many():
    raw = [encode(TAGS[n % 4], START + timedelta(seconds=n), {"n": n}) for n in range(40)]
    single = Fold()
    for index, one in enumerate(raw):
        single.take(index, one)
    at = START + timedelta(days=1)
    assert told(single.picture(at, SOUND)) == told(folded(raw).picture(at, SOUND))
    assert Counter({t: c.number for t, c in single.picture(at, SOUND).counts.items()}).total() == 40


def test_an_entry_that_is_left_out_is_noticed():
    fold = folded([TRAP])
    with pytest.raises(ValueError, match="entry 1 is to be taken next, not 2"):
        fold.take(2, TRAP)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"tag":"gateway:a:b"}',
        b'{"facts":{},"at":"2026-11-01T00:00:00.000Z","tag":"gateway:a:b"}',
        b'{"at":"2026-11-01T00:00:00.000Z","facts":{},"tag":"gateway:a:b" }',
    ],
)
def test_what_is_no_entry_of_ours_is_refused(raw):
    with pytest.raises(LedgerError, match="in the form of this ledger"):
        Fold().take(0, raw)


users = st.dictionaries(st.sampled_from(["user", "app", "a"]), texts, max_size=3)
requests = st.lists(
    st.builds(lambda tag, at, some: encode(tag, START + at, some),
              st.sampled_from(["gateway:answer:begun", "gateway:prompt:refused", "gateway:a:b"]),
              offsets, users),
    max_size=8,
)  # fmt: skip


@given(requests, st.integers(1, 8))
def test_requests_that_name_no_user_are_those_without_that_fact(raw, cut):
    """Fails where the mark of a name is looked for without its quotation marks."""
    fold = Fold()
    for index in range(0, len(raw), cut):
        fold.take_many(index, raw[index : index + cut])
    fold = Fold.from_json(json.loads(json.dumps(fold.to_json())))
    asked = [(i, one) for i, one in enumerate(map(decode, raw))
             if one.tag != "gateway:a:b" and "user" not in one.facts]  # fmt: skip
    found = fold.picture(START + timedelta(days=1), SOUND).nameless
    if not asked:
        assert found is None
    else:
        (first, one), (last, other) = asked[0], asked[-1]
        assert found == Count(len(asked), first, one.at, last, other.at)
