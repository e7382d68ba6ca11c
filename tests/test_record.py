"""Records: equal ones have equal bytes, no text gets in, and what was mended by hand is none."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes_judge import NOW, FakeJudge, labelled, measured, row, said
from kanhe.errors import JudgeError, RequestError
from kanhe.judge.record import (
    DRIFTED,
    MEASURED,
    check_facts,
    digest,
    drifted_facts,
    instant,
    measured_facts,
    read,
    written,
)
from kanhe.ledger.entry import encode

SET = labelled(
    "mine",
    row("secret words 0.9", True, "fraud"),
    row("secret words 0.2", True, "fraud", lang="zh"),
    row("secret words 0.1", False),
    row("MUTE", False),
    row("DOWN", True),
)
RECORD = measured(FakeJudge(said), SET)


def test_a_record_is_read_as_it_was_written():
    raw = written(RECORD)
    assert read(raw) == RECORD
    assert written(read(raw)) == raw
    assert written(measured(FakeJudge(said), SET)) == raw


def test_a_record_holds_no_word_of_any_row():
    """Planted: "secret" stands in every row, and MUTE and DOWN in two."""
    raw = written(RECORD)
    assert b"secret" not in raw
    assert b"MUTE" not in raw
    (one,) = RECORD.sets
    assert (one.rows, one.marks) == (5, "100uf")


def test_a_record_holds_whole_numbers_only():
    def floats(value):
        if isinstance(value, dict):
            return [x for one in value.values() for x in floats(one)]
        if isinstance(value, list):
            return [x for one in value for x in floats(one)]
        return [value] if isinstance(value, float) else []

    assert floats(json.loads(written(RECORD))) == []


def changed(**path):
    def change(value):
        for name, new in path.items():
            *way, last = name.split("__")
            here = value
            for part in way:
                here = here[int(part)] if part.isdigit() else here[part]
            here[last] = new

    return change


FAULTS = {
    "a threshold that is none": changed(thresholds__unsafe=1_000_001),
    "no threshold": changed(thresholds={}),
    "a miss mended into a catch": changed(sets__0__marks="110uf"),
    "a row left out": changed(sets__0__marks="100u"),
    "a letter that is none": changed(sets__0__marks="100ux"),
    "better counts": changed(cells__0__counts__tp=7),
    "another form": changed(form=2),
    "a name that is missing": lambda value: value.pop("part"),
    "a local time": changed(at="2026-11-22T09:00:00+08:00"),
    "a set renamed": changed(cells__0__set="other"),
    "something beside it": changed(more=1),
}


@pytest.mark.parametrize("change", FAULTS.values(), ids=FAULTS)
def test_a_record_that_contradicts_itself_is_none(change):
    value = json.loads(written(RECORD))
    change(value)
    with pytest.raises(JudgeError, match="no record of a judge"):
        read(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"{}"])
def test_what_is_no_record_is_refused(raw):
    with pytest.raises(JudgeError):
        read(raw)


def test_other_spaces_are_another_record_and_refused():
    with pytest.raises(JudgeError, match="canonical"):
        read(written(RECORD).replace(b'"form":', b'"form": '))


def test_the_ledger_is_told_hashes_and_figures_and_can_hold_them():
    facts = measured_facts(RECORD)
    assert facts["record"] == digest(written(RECORD))
    assert facts["sets"] == [SET.sha256]
    assert (facts["rows"], facts["unscored"], facts["failed"]) == (5, 1, 1)
    assert (facts["sensitivity_ppm"], facts["fpr_ppm"]) == (333_333, 500_000)
    check_facts(MEASURED, facts)
    assert b"secret" not in encode(MEASURED, NOW, facts)


def test_a_figure_that_the_rows_cannot_give_is_null_on_the_ledger():
    only = measured(FakeJudge(lambda _: 0.9), labelled("u", row("a", True)))
    facts = measured_facts(only)
    assert (facts["fpr_ppm"], facts["f1_ppm"]) == (None, None)
    check_facts(MEASURED, facts)


def test_a_drift_is_told_with_both_records():
    facts = drifted_facts(RECORD.judge, "a" * 64, "b" * 64, ["fpr of mine"])
    check_facts(DRIFTED, facts)
    encode(DRIFTED, NOW, facts)


MEASURED_FACTS = measured_facts(RECORD)
REFUSED = {
    "a text beside": {**MEASURED_FACTS, "text": "x"},
    "a fact missing": {name: v for name, v in MEASURED_FACTS.items() if name != "rows"},
    "a hash that is none": {**MEASURED_FACTS, "record": "a"},
    "a rate above one": {**MEASURED_FACTS, "fpr_ppm": 1_000_001},
    "a fraction": {**MEASURED_FACTS, "fpr_ppm": 0.5},
    "a count below none": {**MEASURED_FACTS, "rows": -1},
    "a long name": {**MEASURED_FACTS, "judge": "a" * 300},
    "a line break": {**MEASURED_FACTS, "judge": "a\nb"},
    "sets that are none": {**MEASURED_FACTS, "sets": "abc"},
    "too many sets": {**MEASURED_FACTS, "sets": ["a"] * 300},
    "a word for a truth": {**MEASURED_FACTS, "pinned": "yes"},
}


@pytest.mark.parametrize("facts", REFUSED.values(), ids=REFUSED)
def test_what_is_no_measuring_is_not_recorded(facts):
    with pytest.raises(RequestError):
        check_facts(MEASURED, facts)


def test_an_instant_is_held_to_the_second_in_utc():
    assert instant(NOW + timedelta(microseconds=7)) == NOW


def test_a_judge_of_another_hash_has_another_record():
    other = replace(RECORD, judge=replace(RECORD.judge, hash="0" * 64))
    assert digest(written(other)) != digest(written(RECORD))
