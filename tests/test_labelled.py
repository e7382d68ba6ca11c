"""Labelled sets: whole or not at all, with every fault at its line."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.errors import FaultySet
from kanhe.judge import labelled
from kanhe.judge.labelled import read_sets
from kanhe.judge.split import Part, part_of, rows_of

GOOD = {"text": "how to bake", "lang": "en", "kind": "prompt", "label": "safe", "category": "none"}


def lines(*rows):
    return "\n".join(
        row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows
    ).encode()


def faults(*rows):
    with pytest.raises(FaultySet) as raised:
        read_sets({"a.jsonl": lines(*rows)})
    return [(one.line, one.what) for one in raised.value.faults]


def test_a_set_has_its_rows_the_hash_of_its_file_and_its_name():
    raw = lines(GOOD, "", {**GOOD, "label": "unsafe", "kind": "response", "context": "hello",
                           "category": "hate/women", "group": "g1"})  # fmt: skip
    (found,) = read_sets({"some/where/mine.v2.jsonl": raw})
    assert (found.name, found.sha256) == ("mine", sha256(raw).hexdigest())
    first, second = found.rows
    assert (first.unsafe, first.line, first.context) == (False, 1, "")
    assert (second.unsafe, second.line, second.context, second.head) == (True, 3, "hello", "hate")


def test_every_fault_is_told_at_once_with_its_line():
    found = faults(
        "{",
        "[]",
        {**GOOD, "lable": "safe"},
        {key: value for key, value in GOOD.items() if key != "label"},
        {**GOOD, "label": "bad", "kind": "reply"},
        {**GOOD, "text": "  "},
        {**GOOD, "group": 3},
    )
    assert [line for line, _ in found] == [1, 2, 3, 4, 5, 5, 6, 7]
    assert "unknown key 'lable'" in found[2][1]
    assert "`label` is missing" in found[3][1]


def test_a_misspelt_key_is_told_the_right_one():
    with pytest.raises(FaultySet, match="Write `context`"):
        read_sets({"a.jsonl": lines({**GOOD, "contxt": "hello"})})


@pytest.mark.parametrize("value", ["a\x1b[2J", "a\nb", "\ud800"])
def test_a_name_that_a_terminal_could_obey_is_refused_and_a_text_is_not(value):
    assert "control characters" in faults(json.dumps({**GOOD, "category": value}))[0][1]
    assert row(text=value).text == value


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xff\n", b'{"text": NaN}'])
def test_what_holds_no_rows_is_no_set(raw):
    with pytest.raises(FaultySet):
        read_sets({"a.jsonl": raw})


def test_bounds_are_kept(monkeypatch):
    monkeypatch.setattr(labelled, "CHARACTERS", 10)
    monkeypatch.setattr(labelled, "ROWS", 2)
    assert "11 characters" in faults(GOOD)[0][1]
    assert "more than 2 rows" in faults(*[{**GOOD, "text": f"t{n}"} for n in range(3)])[0][1]
    monkeypatch.setattr(labelled, "BYTES", 5)
    assert "bytes" in faults(GOOD)[0][1]


def test_a_key_that_stands_twice_is_a_fault():
    """Planted: of two labels the first was lost unseen."""
    raw = json.dumps(GOOD).replace('"text"', '"label": "unsafe", "text"').encode()
    with pytest.raises(FaultySet, match="`label` stands twice"):
        read_sets({"a.jsonl": raw})


@pytest.mark.parametrize("encoding", ["utf-16", "gbk"])
def test_a_file_that_is_not_utf_8_is_told_so_once(encoding):
    raw = "\n".join([json.dumps(GOOD | {"text": "你好"}, ensure_ascii=False)] * 3).encode(encoding)
    with pytest.raises(FaultySet) as told:
        read_sets({"a.jsonl": raw})
    (fault,) = told.value.faults
    assert fault.what.startswith("is not UTF-8: byte 0x")


def test_names_that_are_none_of_ours_are_told_and_are_no_fault():
    bad = {**GOOD, "label": "unsafe"}
    raw = lines({**bad, "category": "frauds"}, {**bad, "text": "b", "category": "HT1/x"},
                {**GOOD, "text": "c", "lang": "cn", "category": "benign"},
                {**bad, "text": "d", "category": "own.a"})  # fmt: skip
    (found,) = read_sets({"a.jsonl": raw})
    assert found.notes == (
        "2 unsafe rows have categories that are none of Kanhe's, told by their own names: 'frauds' "
        "(did you mean fraud?), 'HT1'",
        "1 row is in a language other than zh and en: 'cn'",
    )


def test_how_many_labelled_is_a_number_or_as_older_sets_have_it_a_text():
    raw = lines({**GOOD, "labels": 2}, {**GOOD, "text": "b", "labels": "2"})
    assert len(read_sets({"a.jsonl": raw})[0].rows) == 2
    with pytest.raises(FaultySet, match="`same` is a bool"):
        read_sets({"a.jsonl": lines({**GOOD, "same": True})})


def test_rows_that_stand_twice_or_are_labelled_both_ways_are_reported():
    raw = lines(GOOD, GOOD, {**GOOD, "label": "unsafe"}, {**GOOD, "kind": "post"})
    (found,) = read_sets({"a.jsonl": raw})
    assert len(found.rows) == 4
    assert found.notes == (
        "2 of 4 rows stand twice, first in line 2",
        "1 row is labelled both ways, first in line 3",
    )


def test_one_file_given_twice_would_count_twice_and_is_refused():
    with pytest.raises(FaultySet, match="the same file"):
        read_sets({"a.jsonl": lines(GOOD), "b.jsonl": lines(GOOD)})
    with pytest.raises(FaultySet, match="the name of another"):
        read_sets({"x/a.jsonl": lines(GOOD), "y/a.jsonl": lines({**GOOD, "text": "b"})})


@given(st.text(min_size=1).filter(str.strip))
def test_a_text_comes_through_as_it_was_written(text):
    """Oracle: the text itself. Planted fault caught: decoded, then cut by `splitlines`."""
    (found,) = read_sets({"a.jsonl": lines({**GOOD, "text": text})})
    assert [row.text for row in found.rows] == [text]


def test_a_byte_order_mark_is_passed_over():
    assert len(read_sets({"a.jsonl": b"\xef\xbb\xbf" + lines(GOOD)})[0].rows) == 1


def row(**more):
    return read_sets({"a.jsonl": lines(json.dumps({**GOOD, **more}))})[0].rows[0]


def test_a_part_follows_from_the_group_and_of_one_without_from_the_text():
    def digit(text):
        return int(sha256(text.encode()).hexdigest(), 16) % 10

    by = {"train": range(6), "calibration": [6], "test": range(7, 10)}
    for number in range(60):
        name = f"g{number}"
        assert digit(name) in by[part_of(row(group=name))]
        assert digit(name) in by[part_of(row(text=name))]


def test_a_set_with_an_official_split_keeps_it():
    cold = "thu-coai/COLDataset@a0c55a9454"
    named = [part_of(row(source=cold, orig_split=one)) for one in ("train", "dev", "test")]
    assert named == [Part.TRAIN, Part.CALIBRATION, Part.TEST]
    other = row(source="x/y", orig_split="test", group="g1")
    assert part_of(other) is part_of(row(group="g1"))


def test_all_rows_are_one_part_and_no_more():
    rows = [row(group=f"g{number}") for number in range(50)]
    parts = [rows_of(rows, part) for part in Part]
    assert sum(map(len, parts)) == len(rows_of(rows, None)) == 50


def test_the_public_sets_can_all_be_read(shared_data):
    """Of each the first rows: a field or a kind that we do not know would show there."""
    files = sorted((shared_data / "dev").glob("*.jsonl"))
    assert len(files) > 20
    for file in files:
        head = b"\n".join(file.read_bytes().split(b"\n")[:40])
        assert read_sets({file.name: head})[0].rows
