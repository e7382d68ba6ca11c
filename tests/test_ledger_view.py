"""The view of the ledger: what it shows was proven, and what was altered is named and not believed.

Planted faults that these catch (each was tried): not checking files again after the first look;
taking the journal's word once it is published; not remembering the size that was signed last.
"""

import os
import shutil

import pytest

from histories import START, add, begun, data_directory, ended, requests
from kanhe.adapters.ledger_directory import entries_from
from kanhe.adapters.ledger_view import LedgerView, open_view
from kanhe.errors import LedgerError
from kanhe.gateway.decision import DecisionQuery
from kanhe.ledger.note import Signer
from kanhe.status.fold import folded
from kanhe.status.picture import Sound, Unsound
from ledgers import KEY

LATER = START.replace(year=2027)


@pytest.fixture
def data(tmp_path):
    add(data_directory(tmp_path), [("operator:test:made", {"n": 1}), *requests(400)])
    return tmp_path


def oracle(data, at=LATER):
    """Fold all durable entries by plain means, one look at the files."""
    raw = [entry for _, entry in entries_from(data / "ledger", KEY, 0)]
    return folded(raw, until=at).picture(at, Sound(0, b""))


def seen(picture):
    return picture.size, picture.counts, picture.kept


def flip(path, at=100):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_a_picture_holds_what_the_entries_say(data):
    picture = open_view(data).picture(LATER)
    assert seen(picture) == seen(oracle(data))
    assert picture.soundness.size == 801


@pytest.mark.parametrize("alone", [False, True])
def test_a_second_process_changes_nothing(data, alone):
    add(data, requests(30_000, 1000))
    assert seen(open_view(data, alone=alone).picture(LATER)) == seen(oracle(data))


@pytest.mark.parametrize("step", [1, 100, 128, 300])
def test_a_view_that_follows_shows_the_same_as_one_that_begins(data, step):
    view = open_view(data)
    for round_ in range(3):
        add(data, requests(step, 10_000 * (round_ + 1)))
        picture = view.picture(LATER)
        assert isinstance(picture.soundness, Sound), picture.soundness
        assert seen(picture) == seen(oracle(data))


def test_entries_in_the_journal_count_as_the_newest_and_stand_behind_what_is_signed(data):
    view = open_view(data)
    view.catch_up()
    add(data, [("operator:test:made", {"n": 2})], publish=False)
    picture = view.picture(LATER)
    assert picture.size == 802
    assert picture.soundness.size == 801
    assert [one.index for one in picture.all("operator:test:made")] == [0, 801]
    add(data, [])  # what waited is published at the next start
    assert view.picture(LATER).soundness.size == 802
    assert seen(view.picture(LATER)) == seen(oracle(data))


def test_what_was_published_otherwise_than_it_waited_is_read_anew(data):
    view = open_view(data)
    view.catch_up()
    kept = shutil.copytree(data / "ledger", data / "before")
    add(data, [("operator:test:made", {"n": 2})], publish=False)
    assert view.picture(LATER).last("operator:test:made").facts == {"n": 2}
    shutil.rmtree(data / "ledger")
    shutil.move(kept, data / "ledger")
    add(data, [("operator:test:made", {"n": 3})])
    picture = view.picture(LATER)
    assert isinstance(picture.soundness, Sound)
    assert picture.last("operator:test:made").facts == {"n": 3}


def test_an_earlier_instant_shows_what_was_there_then(data):
    then = START.replace(minute=3)
    picture = open_view(data).picture(then)
    assert seen(picture) == seen(oracle(data, then))
    assert picture.size == 181


FILES = {
    "a full bundle": "tile/entries/000",
    "the open bundle": "tile/entries/003.p/33",
    "a full tile": "tile/0/001",
    "the open tile": "tile/0/003.p/33",
    "a tile above": "tile/1/000.p/3",
}


@pytest.mark.parametrize("warm", [False, True], ids=["at the first look", "later"])
@pytest.mark.parametrize("name", FILES.values(), ids=FILES)
def test_an_altered_file_is_noticed(data, name, warm):
    view = open_view(data)
    if warm:
        assert isinstance(view.catch_up(), Sound)
    flip(data / "ledger" / name, at=40)
    found = view.catch_up()
    assert isinstance(found, Unsound)
    assert found.index is not None
    assert view.picture(LATER).soundness == found


@pytest.mark.parametrize("warm", [False, True], ids=["at the first look", "later"])
@pytest.mark.parametrize("name", FILES.values(), ids=FILES)
def test_a_missing_file_is_noticed(data, name, warm):
    view = open_view(data)
    if warm:
        view.catch_up()
    (data / "ledger" / name).unlink()
    assert isinstance(view.catch_up(), Unsound)


def test_the_first_entry_that_does_not_follow_is_named(data):
    raw = (data / "ledger/tile/entries/001").read_bytes()
    at = raw.index(b'"characters":5')
    (data / "ledger/tile/entries/001").write_bytes(raw[:at] + b'"characters":6' + raw[at + 14 :])
    found = open_view(data).catch_up()
    assert found.index in (256, 257)
    assert str(found.index) in found.why


def test_an_alteration_that_keeps_the_time_of_modification_is_noticed(data):
    view = open_view(data)
    view.catch_up()
    path = data / "ledger/tile/entries/001"
    before = path.stat()
    flip(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert isinstance(view.catch_up(), Unsound)


def test_a_file_that_was_only_touched_is_proven_again_and_believed(data):
    view = open_view(data)
    view.catch_up()
    os.utime(data / "ledger/tile/entries/001")
    assert isinstance(view.catch_up(), Sound)


def test_a_checkpoint_of_another_key_is_not_believed(data):
    other = Signer(KEY.name, bytes(32)).verifier()
    assert isinstance(LedgerView(data / "ledger", other).catch_up(), Unsound)


def test_an_older_copy_is_not_the_ledger(data):
    older = shutil.copytree(data / "ledger", data / "older")
    add(data, requests(300, 5000))
    view = open_view(data)
    assert isinstance(view.catch_up(), Sound)
    shutil.rmtree(data / "ledger")
    shutil.move(older, data / "ledger")
    (data / "keys/ledger.signed").rename(data / "keys/aside")
    for looking in (view,):  # who has seen the newer one needs no other memory
        assert "801 entries" in looking.catch_up().why
    (data / "keys/aside").rename(data / "keys/ledger.signed")
    assert "1401" in open_view(data).catch_up().why


def test_a_ledger_that_is_cut_off_is_not_believed(data):
    shutil.rmtree(data / "ledger/tile/entries")
    assert isinstance(open_view(data).catch_up(), Unsound)


def test_what_was_mended_is_believed_again(data, monkeypatch):
    view = open_view(data)
    path = data / "ledger/tile/entries/001"
    good = path.read_bytes()
    flip(path)
    assert isinstance(view.catch_up(), Unsound)
    path.write_bytes(good)
    assert isinstance(view.catch_up(), Unsound)  # not looked at again at once
    monkeypatch.setattr("kanhe.adapters.ledger_view._AGAIN_S", 0.0)
    assert isinstance(view.catch_up(), Sound)
    assert seen(view.picture(LATER)) == seen(oracle(data))


def test_a_directory_without_a_ledger_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="no ledger"):
        open_view(tmp_path)


def test_a_ledger_that_is_gone_is_not_none(data):
    shutil.rmtree(data / "ledger")
    assert isinstance(open_view(data).catch_up(), Unsound)


def test_an_entry_and_its_proof_are_given_by_number(data):
    view = open_view(data)
    assert view.proof(7).check(KEY).size == 801
    assert view.proof(7).entry == view.entry(7)
    with pytest.raises(LedgerError, match="no entry 801"):
        view.entry(801)
    with pytest.raises(LedgerError, match="published 801"):
        view.proof(801)


def test_decisions_are_found_without_anybody_else_looking_first(data):
    add(data, [begun("f" * 24), ended("f" * 24, "stopped", rule="r", category="A.1")])
    view = open_view(data)
    found = view.decision("f" * 24)
    assert (found.rule, found.entries) == ("r", (801, 802))
    assert len(view.decisions(DecisionQuery(limit=500)).decisions) == 401
    view.close()
