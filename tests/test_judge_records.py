"""Records as files: nothing counts that the ledger does not commit to."""

import json
import shutil
from datetime import timedelta

import pytest

from fakes_judge import NOW, FakeJudge, labelled, measured, row, said
from histories import data_directory
from kanhe.adapters.judge_records import (
    PLACES,
    RECORDS,
    Kept,
    identities,
    keep,
    keep_drift,
    load,
    remember,
    remembered,
    sets_at,
)
from kanhe.adapters.ledger_directory import entries_from
from kanhe.adapters.record_door import record
from kanhe.errors import FaultySet, RequestError
from kanhe.judge.record import DRIFTED, MEASURED, measured_facts, written
from kanhe.ledger.entry import decode
from ledgers import KEY

JUDGE = FakeJudge(said)
SET = labelled("mine", row("secret 0.9", True), row("secret 0.1", False))
FIRST, SECOND = (measured(JUDGE, SET, at=NOW + timedelta(days=n)) for n in (0, 1))


@pytest.fixture
def data(tmp_path):
    return data_directory(tmp_path)


def entries(data):
    return [decode(raw) for _, raw in entries_from(data / "ledger", KEY, 0)]


def test_a_record_is_kept_committed_to_and_read_back(data):
    name, number = keep(data, "x.example/ledger", FIRST)
    keep(data, "x.example/ledger", SECOND)
    assert (data / RECORDS / f"{name}.json").read_bytes() == written(FIRST)
    found = load(data)
    assert [one.record for one in found.records] == [FIRST, SECOND]
    assert (found.records[0].index, found.records[0].digest, found.doubts) == (number, name, ())
    assert [one.tag for one in entries(data)] == [MEASURED] * 2
    assert found.of(JUDGE.id) == found.records
    assert found.of(FakeJudge(said, version="2").id) == ()


def test_no_text_of_a_row_reaches_the_ledger(data):
    keep(data, "x.example/ledger", FIRST)
    assert not any(b"secret" in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_without_a_ledger_there_are_no_records(tmp_path):
    assert load(tmp_path) == Kept()


def test_a_file_that_nobody_committed_to_does_not_count(data):
    keep(data, "x.example/ledger", FIRST)
    forged = data / RECORDS / f"{'a' * 64}.json"
    forged.write_bytes(written(SECOND))
    assert [one.record for one in load(data).records] == [FIRST]


def test_an_altered_record_and_a_missing_one_are_told_and_do_not_count(data):
    """Planted: a miss mended into a catch, with the counts that go with it."""
    name, _ = keep(data, "x.example/ledger", FIRST)
    gone, _ = keep(data, "x.example/ledger", SECOND)
    path = data / RECORDS / f"{name}.json"
    path.write_bytes(path.read_bytes().replace(b'"limit":null', b'"limit":1'))
    (data / RECORDS / f"{gone}.json").unlink()
    found = load(data)
    assert found.records == ()
    assert "was altered" in found.doubts[0]
    assert "cannot be read" in found.doubts[1]


def test_an_entry_that_says_other_than_its_record_counts_for_nothing(data):
    """Planted: an entry by hand that tells of fewer false alarms than the record it names."""
    name, _ = keep(data, "x.example/ledger", FIRST)
    facts = measured_facts(FIRST) | {"sensitivity_ppm": 123}
    record(data, "x.example/ledger", MEASURED, facts)
    found = load(data)
    assert [one.index for one in found.records] == [0]
    assert found.doubts == (f"entry 1: the record {name[:12]} says other than its entry",)


def test_records_under_a_ledger_that_does_not_add_up_do_not_count(data):
    keep(data, "x.example/ledger", FIRST)
    shutil.rmtree(data / "ledger")
    for make in (lambda: None, (data / "ledger").mkdir):
        make()
        found = load(data)
        assert found.records == ()
        assert "cannot be believed" in found.doubts[0]


def test_a_drift_is_an_entry_with_both_records(data):
    one, other = (keep(data, "x.example/ledger", given)[0] for given in (FIRST, SECOND))
    keep_drift(data, "x.example/ledger", JUDGE.id, (one, other), ["fpr of mine"])
    last = entries(data)[-1]
    assert (last.tag, last.facts["before"], last.facts["after"]) == (DRIFTED, one, other)


def test_what_was_only_held_against_a_record_is_no_measuring_that_was_accepted(data):
    name, _ = keep(data, "x.example/ledger", FIRST)
    held, _ = keep(data, "x.example/ledger", SECOND, name)
    found = load(data)
    assert [one.against for one in found.records] == ["", name]
    assert found.accepted("fake").digest == name
    assert found.find(held).record == SECOND
    assert found.accepted("nobody") is None


def test_a_record_is_found_by_the_beginning_of_its_digest(data):
    name, _ = keep(data, "x.example/ledger", FIRST)
    found = load(data)
    assert found.find(name[:8]).digest == name
    with pytest.raises(RequestError, match="no record of a judge begins with 'zz'"):
        found.find("zz")
    keep(data, "x.example/ledger", SECOND)
    with pytest.raises(RequestError, match="2 records of a judge begin with ''"):
        load(data).find("")


def test_sets_are_found_where_they_were_seen_last_and_a_hint_is_no_more_than_that(data, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"text":"a","lang":"en","kind":"post","label":"safe","category":"none"}\n')
    sets = sets_at((path,))
    made = measured(FakeJudge(lambda _: 0.5), *sets)
    assert remembered(data, made) == ()
    remember(data, (path,), sets)
    assert remembered(data, made) == (path,)
    path.unlink()
    assert remembered(data, made) == ()
    (data / PLACES).write_text("[1]")
    assert remembered(data, made) == ()
    (data / PLACES).write_text(json.dumps({sets[0].sha256: 3}))
    assert remembered(data, made) == ()


def test_a_set_that_cannot_be_read_is_told_by_its_file(tmp_path):
    with pytest.raises(RequestError, match=r"no\.jsonl cannot be read"):
        sets_at((tmp_path / "no.jsonl",))
    (tmp_path / "bad.jsonl").write_text("{")
    with pytest.raises(FaultySet, match=r"bad\.jsonl:1"):
        sets_at((tmp_path / "bad.jsonl",))


def test_the_groups_that_are_shipped_can_be_had():
    assert len(identities().groups) >= 40
