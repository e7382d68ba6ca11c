"""Lines have one spelling, come back as they were, and anything else is refused by number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import line
from kanhe.assess.item import BankKind, Expect
from kanhe.assess.line import Line, Part
from kanhe.assess.line_file import leaves, read_line, read_lines, write_line, write_lines
from kanhe.assess.outcome import Answered, Failed, Outcome, Trial, Verdict, Way
from kanhe.errors import AssessError

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
counts = st.integers(0, 10**9)
verdicts = st.builds(
    Verdict, st.sampled_from(Way), st.sampled_from([True, False, None]), words, words,
    st.none() | st.integers(0, 1000),
)  # fmt: skip
replies = st.one_of(
    st.builds(Answered, hashes, words, st.tuples(counts, counts), counts),
    st.builds(Failed, words, counts),
)
outcomes = st.builds(
    Outcome, st.builds(Trial, hashes, words, words, counts), replies,
    st.lists(verdicts, max_size=4).map(tuple),
)  # fmt: skip
some_lines = st.builds(
    Line, words, words, st.sampled_from(BankKind), words, words, st.sampled_from(Expect), words,
    st.sampled_from(Part), st.booleans(), outcomes,
    st.text("0123456789abcdef", min_size=24, max_size=24),
)  # fmt: skip


@given(st.lists(some_lines, max_size=5))
def test_lines_come_back_as_they_were(lines):
    raw = write_lines(lines)
    assert read_lines(raw) == tuple(lines)
    assert write_lines(read_lines(raw)) == raw


@given(some_lines, st.data())
def test_no_other_bytes_are_read_as_the_same_line(one, data):
    """Planted fault caught: a reader that lets spaces or another spelling of a letter pass."""
    raw = write_line(one)
    at = data.draw(st.integers(0, len(raw)))
    other = raw[:at] + data.draw(st.binary(max_size=2)) + raw[at + data.draw(st.integers(0, 2)) :]
    try:
        read = read_line(other)
    except AssessError:
        return
    assert (read == one) == (other == raw)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b'"output"', b'"outputs"', 1),
        lambda raw: raw.replace(b",", b", ", 1),
        lambda raw: raw.replace(b'"i7"', b'"\\u0069\\u0037"', 1),
        lambda raw: raw[:-1] + b",1]",
        lambda raw: raw[:-1],
        lambda raw: raw.replace(b",9,", b",true,", 1),
        lambda raw: raw.replace(b",9,32,7]", b",9]", 1),
        lambda raw: raw.replace(b",9,32,7]", b"]", 1),
        lambda raw: b"\xff" + raw,
        lambda raw: b"[" * 100_000,
        lambda raw: b"",
    ],
)
def test_a_line_that_is_none_is_named_by_its_number(change):
    raw = write_line(line(7, said={Way.KEYWORD: True}))
    whole = write_lines([line(1)]) + change(raw) + b"\n"
    with pytest.raises(AssessError, match="line 2 of the evidence"):
        read_lines(whole)


@pytest.mark.parametrize("more", [{"salt": "ab"}, {"salt": "G" * 24}])
def test_a_line_without_a_proper_salt_is_none(more):
    with pytest.raises(AssessError, match="salt"):
        read_line(write_line(replace(line(1), **more)))


def test_a_file_that_was_cut_off_is_seen():
    raw = write_lines([line(1), line(2)])
    assert len(leaves(raw)) == 2
    with pytest.raises(AssessError, match="line 2 of the evidence cannot be read: it is cut off"):
        leaves(raw[:-1])


def test_a_usual_line_is_small():
    usual = line(1234, said={Way.MANUAL: True, Way.KEYWORD: True, Way.CLASSIFIER: True})
    assert len(write_line(usual)) < 450
