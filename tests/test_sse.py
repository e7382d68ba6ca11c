"""Events read from bytes that may be cut anywhere.

The oracle reads the whole text at once with a regular expression and knows nothing of buffers.
Planted faults that these properties were seen to catch: a CR at the end of a read taken as a line
end; a BOM looked for in every read; the limit held against what is left of a read only.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.errors import UpstreamError
from kanhe.gateway.sse import EventReader

CORPUS = sorted((Path(__file__).parent / "corpus" / "sse").glob("*.sse"))


def read(pieces, most=1 << 20):
    reader = EventReader(most)
    return [data for piece in pieces for data in reader.feed(piece)] + reader.finish()


def expected(raw):
    """What the standard says, read at once; an event that only lacks its blank line counts."""
    lines = re.split(rb"\r\n|\r|\n", raw.removeprefix(b"\xef\xbb\xbf"))
    events, data = [], None
    for line in [*lines, b""]:
        name, _, value = line.partition(b":")
        if name == b"data":
            value = value.removeprefix(b" ")
            data = value if data is None else data + b"\n" + value
        elif not line and data is not None:
            events.append(data)
            data = None
    return events


def cut(raw, places):
    edges = sorted({0, len(raw), *(place % (len(raw) + 1) for place in places)})
    return [raw[low:high] for low, high in pairwise(edges)]


lines = st.sampled_from(
    [b"data: a", b"data:b", b"data:  c", b"data", b"data: ", b": note", b"event: x", b"dat", b"",
     b"", b"", b"data: \xff\xe7", b"id", b"\x00", b"data: [DONE]", b"\xef\xbb\xbfdata: d"]
)  # fmt: skip
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
texts = st.lists(st.tuples(lines, ends).map(b"".join), max_size=12).map(b"".join)


@given(texts, st.lists(st.integers(0, 10_000), max_size=8), st.sampled_from([b"", b"\xef\xbb\xbf"]))
@example(b"data: a\r\n\r\n", [8, 9, 10], b"")
@example(b"data: a\n\n", [1, 2], b"\xef\xbb\xbf")
def test_every_cut_gives_the_events_of_the_whole(raw, places, bom):
    assert read(cut(bom + raw, places)) == expected(bom + raw)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_the_corpus_reads_alike_byte_by_byte_and_at_once(path):
    raw = path.read_bytes()
    assert read([raw]) == read([raw[at : at + 1] for at in range(len(raw))]) == expected(raw)


@given(st.binary(max_size=80), st.lists(st.integers(0, 80), max_size=5))
def test_garbage_is_read_alike_however_it_is_cut(raw, places):
    assert read(cut(raw, places)) == read([raw])


@given(st.integers(1, 40), st.lists(st.integers(0, 60), max_size=5))
@example(14, [21])
@example(15, [21, 22])
def test_an_event_over_the_limit_ends_the_answer_however_it_is_cut(length, places):
    raw = b"data: " + b"x" * length + b"\n\n"
    if length + len(b"data: ") > 20:
        with pytest.raises(UpstreamError, match="more than 20 bytes"):
            read(cut(raw, places), most=20)
    else:
        assert read(cut(raw, places), most=20) == [b"x" * length]


def test_a_cr_at_the_end_of_a_read_may_be_half_of_a_crlf():
    reader = EventReader()
    assert reader.feed(b"data: a\r\n\r") == []
    assert reader.feed(b"\ndata: b\r\n\r\n") == [b"a", b"b"]


def test_comments_and_other_fields_end_here():
    assert read([b": secret\nevent: secret\nid: secret\nretry: 1\ndata: a\n\n: secret\n\n"]) == [
        b"a"
    ]


def test_an_empty_read_is_no_event():
    assert read([b"", b"data: a\n", b"", b"\n"]) == [b"a"]
