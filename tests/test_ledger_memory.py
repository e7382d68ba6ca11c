"""What a key remembers of its signatures: never more than there was, and enough to see a cut."""

from __future__ import annotations

import pytest

from kanhe.adapters.ledger_memory import SignedMemory
from kanhe.errors import LedgerError
from kanhe.ledger.checkpoint import Checkpoint


def signed(size):
    return Checkpoint("a.example/log", size, bytes(32))


def test_nothing_is_known_at_first_and_the_last_one_later(tmp_path):
    memory = SignedMemory(tmp_path / "signed")
    assert memory.last() == 0
    memory.keep(signed(3))
    memory.keep(signed(7))
    assert SignedMemory(tmp_path / "signed").last() == 7
    assert [file.name for file in tmp_path.iterdir()] == ["signed"]


def test_fewer_entries_than_were_signed_are_refused(tmp_path):
    memory = SignedMemory(tmp_path / "signed")
    memory.keep(signed(7))
    memory.require(7, tmp_path)
    memory.require(9, tmp_path)
    with pytest.raises(LedgerError, match="has 6 entries, but its key has signed 7"):
        memory.require(6, tmp_path)


def test_a_memory_that_cannot_be_read_is_told_and_not_guessed(tmp_path):
    (tmp_path / "signed").write_text("many")
    with pytest.raises(LedgerError, match="does not tell"):
        SignedMemory(tmp_path / "signed").last()


def test_what_cannot_be_remembered_is_logged(tmp_path, caplog):
    SignedMemory(tmp_path / "none" / "signed").keep(signed(1))
    assert "cannot be remembered" in caplog.text
