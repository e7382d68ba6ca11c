"""Texts in, without a trace of their labels; a labelled set out, which judges are measured on."""

import json

import pytest

from kanhe.errors import FaultySet, RequestError
from kanhe.judge import label_set
from kanhe.judge.label_set import exported, read_items
from kanhe.judge.labelled import read_sets
from kanhe.judge.labelling import Result


def lines(*rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


ONE = {"text": "你好", "lang": "zh", "kind": "prompt"}
OTHER = {"text": "b", "lang": "en", "kind": "response", "context": "a", "group": "g", "source": "s",
         "license": "CC0", "id": "7", "label": "unsafe", "category": "fraud"}  # fmt: skip


def test_labels_that_are_there_are_not_kept_and_those_that_are_not_are_not_asked_for():
    found = read_items("x/mine.jsonl", lines(ONE, OTHER))
    assert (found.name, found.again) == ("mine", 0)
    first, second = found.items
    assert (first.text, first.context, first.lang, first.kind) == ("你好", "", "zh", "prompt")
    assert second.context == "a"
    assert second.carried == {"id": "7", "source": "s", "license": "CC0", "group": "g"}
    assert "fraud" not in repr(found)
    assert "unsafe" not in repr(found)


def test_equal_texts_are_labelled_once():
    found = read_items("mine.jsonl", lines(ONE, {**ONE, "id": "2"}, {**ONE, "context": "x"}))
    assert len(found.items) == 2
    assert found.again == 1


def test_faults_are_told_with_their_lines():
    with pytest.raises(FaultySet) as told:
        read_items("mine.jsonl", lines(ONE, {"text": "", "lang": "zh"}) + b"\n{\n[1]")
    places = {(fault.line, fault.what) for fault in told.value.faults}
    assert (2, "`kind` is missing") in places
    assert {line for line, _ in places} == {2, 3, 4}


def test_a_task_holds_so_many_and_no_more(monkeypatch):
    monkeypatch.setattr(label_set, "MOST", 1)
    with pytest.raises(RequestError, match="2 rows, and a task has at most 1"):
        read_items("mine.jsonl", lines(ONE, OTHER))


def test_half_a_surrogate_pair_becomes_what_a_page_can_show():
    found = read_items("mine.jsonl", b'{"text": "a\\ud800b", "lang": "zh", "kind": "post"}')
    assert found.items[0].text == "a\ufffdb"


def test_what_comes_out_is_a_labelled_set():
    found = read_items("mine.jsonl", lines(ONE, OTHER, {**ONE, "text": "open"}))
    raw = exported(found.items, [
        Result(0, "agreed", "safe", "none", 2, 2),
        Result(1, "adjudicated", "unsafe", "fraud", 3, 2),
        Result(2, "skipped"),
    ])  # fmt: skip
    (out,) = read_sets({"out.jsonl": raw})
    assert [(row.text, row.unsafe, row.category) for row in out.rows] == [
        ("你好", False, "none"), ("b", True, "fraud"),
    ]  # fmt: skip
    assert out.rows[1].group == "g"
    assert out.rows[1].context == "a"
    assert [json.loads(line)["same"] for line in raw.splitlines()] == [2, 2]
    assert [json.loads(line)["labels"] for line in raw.splitlines()] == [2, 3]
