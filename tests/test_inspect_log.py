"""Logs of Inspect come in as counts of their samples, whatever their own sums say."""

import json
from io import BytesIO

import pytest

from foreign_logs import NAN, log, packed, plain, sample
from kanhe.assess.inspect_log import read_inspect
from kanhe.assess.inspect_zip import zipfile
from kanhe.errors import AssessError


def many(*values, scorer="refusal"):
    return [sample(number, {scorer: value}) for number, value in enumerate(values)]


def rows(given, read=plain):
    return {name: (passed, of) for name, passed, of in read_inspect(read(given), "a").evidence.rows}


SIX = log(many("C", "I", "C", "N", NAN, "C"), accuracy={"refusal": 0.6})


@pytest.mark.parametrize(
    "read",
    [plain, packed, lambda one: packed(one, compression=zipfile.ZIP_DEFLATED)],
    ids=["json", "eval", "eval of older versions"],
)
def test_scores_are_counted_by_scorer_and_slice_in_both_forms(read):
    found = read_inspect(read(SIX), "log")
    assert dict((name, rest) for name, *rest in found.evidence.rows) == {
        "refusal": [3, 5], "refusal · A.1.a": [1, 3], "refusal · A.1.b": [2, 2],
    }  # fmt: skip
    assert found.evidence.tool == "inspect_ai 0.3.285"
    assert found.evidence.title == "bank_mine · mockllm/model"
    assert [note.en for note in found.notes] == [
        "refusal: 1 of 6 samples have no verdict and are not counted"
    ]


@pytest.mark.parametrize("value", ["C", True, 1, 1.0, "yes", "True"])
def test_what_inspect_calls_correct_has_passed(value):
    assert rows(log(many(value)))["refusal"] == (1, 1)


@pytest.mark.parametrize("value", ["I", "N", "P", False, 0, 0.0, "no"])
def test_what_it_does_not_call_correct_has_not_passed(value):
    """Planted fault caught: half a point for what was partly right."""
    assert rows(log(many("C", value)))["refusal"] == (1, 2)


@pytest.mark.parametrize("value", [0.7, 3, "B", [1, 0], "maybe"])
def test_a_scorer_with_grades_between_is_set_aside_whole_and_told(value):
    samples = [sample(0, {"odd": 1, "sure": "C"}), sample(1, {"odd": value, "sure": "I"})]
    found = read_inspect(plain(log(samples)), "log")
    assert {name.partition(" ")[0] for name, _, _ in found.evidence.rows} == {"sure"}
    assert found.notes[0].en.startswith("odd: the scores are not passed or failed")


def test_scores_by_name_are_rows_of_their_own():
    found = rows(log(many({"facts": 1, "form": 0}, {"facts": 1, "form": 1})))
    assert (found["refusal/facts"], found["refusal/form"]) == ((2, 2), (1, 2))


def test_without_slices_there_is_one_row_a_scorer():
    samples = [sample(one, {"refusal": "C"}, metadata={}) for one in range(3)]
    assert rows(log(samples)) == {"refusal": (3, 3)}


def test_a_run_that_was_cut_short_is_told_in_its_title():
    given = log(many("C", "I", "C"), status="error")
    given["eval"]["dataset"]["samples"] = 40
    assert read_inspect(plain(given), "a").evidence.title.endswith("(error, 3/40)")
    cut = read_inspect(packed(given, cut_short=True), "a")
    assert cut.evidence.title.endswith("(started, 3/40)")
    assert rows(given, lambda one: packed(one, cut_short=True))["refusal"] == (2, 3)


def test_samples_that_failed_are_not_judged():
    samples = [sample(0, {"refusal": "C"}), sample(1, {}, error="ConnectionError()")]
    found = read_inspect(plain(log(samples)), "a")
    assert found.evidence.rows[0] == ("refusal", 1, 1)
    assert any("1 samples ended in an error" in note.en for note in found.notes)


def test_repetitions_are_told_for_they_are_not_independent():
    samples = [sample(0, {"refusal": "C"}, epoch) for epoch in (1, 2, 3)]
    found = read_inspect(plain(log(samples, epochs=3, accuracy={"refusal": 0.1})), "a")
    assert found.evidence.rows[0] == ("refusal", 3, 3)
    assert any("asked 3 times" in note.en for note in found.notes)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (plain(log(many("C", "I"), accuracy={"refusal": 1.0})), "says 1.0000 of refusal"),
        (plain(log(many("C", "I"), accuracy={"refusal": NAN})), "says nan"),
        (plain(log([sample(0, {"refusal": "C"})] * 2)), "twice"),
        (plain(log(many("C"), invalidated=True)), "invalid"),
        (plain(log(many(NAN))), "no verdict that can be counted"),
        (plain(log([])), "no samples"),
        (plain({"version": 2}), "no log of Inspect"),
        (b"[" * 100_000, "no JSON"),
        (b"not json", "no JSON"),
        (packed(SIX)[:-40], "cannot be read|can be read"),
        (packed(SIX).replace(b"summaries.json", b"summariez.json"), "has no samples"),
    ],
    ids=[
        "contradiction", "contradiction by NaN", "a sample twice", "invalidated", "nothing judged",
        "empty", "another file", "too deep", "no JSON", "cut off", "no summaries",
    ],
)  # fmt: skip
def test_what_cannot_be_evidence_is_refused(raw, says):
    with pytest.raises(AssessError, match=says) as caught:
        read_inspect(raw, "log")
    assert caught.value.advice


def test_no_byte_turned_over_makes_another_result():
    """Every 7th byte of a packed log turned: it reads the same, or is refused; it never crashes."""
    whole = packed(SIX)
    wanted = read_inspect(whole, "a").evidence.rows
    for at in range(0, len(whole), 7):
        turned = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        try:
            assert read_inspect(turned, "a").evidence.rows == wanted
        except AssessError:
            continue


def test_a_log_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("kanhe.assess.inspect_zip.BYTES", 1_000)
    with pytest.raises(AssessError, match="unpacks to more than 1,000 bytes"):
        read_inspect(packed(log(many(*["C"] * 100))), "bomb")


def test_pieces_that_together_unpack_to_too_much_are_refused(monkeypatch):
    """Planted fault caught: an allowance for each piece, of which there may be any number."""
    monkeypatch.setattr("kanhe.assess.inspect_zip.BYTES", 1_000)
    beside = BytesIO()
    with zipfile.ZipFile(beside, "w") as file:
        file.writestr("header.json", "{}")
        for n in range(4):
            file.writestr(f"_journal/summaries/{n}.json", json.dumps([{"id": "x" * 300}]))
    with pytest.raises(AssessError, match="unpacks to more than 1,000 bytes"):
        read_inspect(beside.getvalue(), "bomb")


def test_foreign_names_come_onto_one_line_without_control_characters():
    given = log(many("C", scorer="a\x1b[31m\nb" + "x" * 500))
    (name, *_), *_ = read_inspect(plain(given), "a").evidence.rows
    assert name.isprintable()
    assert len(name) <= 200
