"""The steps that durability rests on: what a test disk only keeps book of, the real one does."""

from __future__ import annotations

import fcntl
import os

import pytest

from kanhe.adapters.disk import Disk


@pytest.fixture
def synced(monkeypatch):
    """The paths that were synced, in order."""
    seen, real = [], os.fsync

    def fsync(fd):
        seen.append(os.readlink(f"/proc/self/fd/{fd}"))
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_a_write_to_a_journal_returns_only_when_it_is_on_the_medium(tmp_path):
    fd = Disk().open_journal(tmp_path / "journal")
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    Disk().append(fd, b"one")
    Disk().append(fd, b"two")
    Disk().cut(fd, 4)
    Disk().close(fd)
    assert flags & os.O_DSYNC
    assert (tmp_path / "journal").read_bytes() == b"onet"


def test_a_journal_begins_empty(tmp_path):
    (tmp_path / "journal").write_bytes(b"left over")
    Disk().close(Disk().open_journal(tmp_path / "journal"))
    assert (tmp_path / "journal").read_bytes() == b""


def test_a_file_is_synced_before_it_gets_its_name(tmp_path, synced):
    Disk().write_synced(tmp_path / "aside", b"content")
    assert synced == [str(tmp_path / "aside")]
    Disk().rename(tmp_path / "aside", tmp_path / "final")
    assert (tmp_path / "final").read_bytes() == b"content"


def test_a_directory_is_durable_when_it_is_made(tmp_path, synced):
    Disk().make_directory(tmp_path / "new")
    assert synced == [str(tmp_path)]
    Disk().make_directory(tmp_path / "new")
    Disk().sync_directory(tmp_path / "new")
    assert synced == [str(tmp_path), str(tmp_path / "new")]


def test_what_is_removed_may_be_gone_already(tmp_path):
    Disk().remove(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    Disk().remove_directory(tmp_path / "empty")
    assert list(tmp_path.iterdir()) == []
