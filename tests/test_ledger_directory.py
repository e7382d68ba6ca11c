"""Reading beside a writer that publishes, and drops what it has published, at the same time."""

from __future__ import annotations

import pytest

from kanhe.adapters import ledger_directory
from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import JOURNAL, entries_from, read_from
from kanhe.adapters.ledger_files import take_up
from kanhe.adapters.ledger_journal import segment
from kanhe.errors import LedgerBroken
from ledgers import KEY, SIGNER, durable, entry, write


def test_published_and_waiting_entries_are_read_in_one_row(tmp_path):
    write(tmp_path, 300)
    journal, _ = take_up(tmp_path, SIGNER, Disk())
    journal.append([entry(300), entry(301)])
    for start in (0, 299, 300, 301, 302, 999):
        expected = [(index, entry(index)) for index in range(start, 302)]
        assert list(entries_from(tmp_path, KEY, start)) == expected
    journal.close()


def test_a_reader_that_was_overtaken_looks_again_and_misses_nothing(tmp_path, monkeypatch):
    """Between reading the checkpoint and the journal, the writer publishes and drops the journal.

    The writer's step is put where the reader turns from tiles to journal, once.
    """
    journal, publisher = take_up(tmp_path, SIGNER, Disk())
    journal.append([entry(0), entry(1)])
    real, turns = ledger_directory.waiting, []

    def overtaken(directory, start):
        if not turns:
            turns.append(start)
            journal.rotate()
            publisher.publish(2)
            journal.append([entry(2)])
        return real(directory, start)

    monkeypatch.setattr(ledger_directory, "waiting", overtaken)
    assert list(entries_from(tmp_path, KEY, 0)) == [(index, entry(index)) for index in range(3)]
    assert turns == [0]
    journal.close()


def test_a_hole_that_no_writer_explains_is_told(tmp_path):
    journal, _ = take_up(tmp_path, SIGNER, Disk())
    journal.append([entry(0)])
    journal.rotate()
    journal.append([entry(1)])
    journal.close()
    segment(tmp_path / JOURNAL, 0).unlink()
    with pytest.raises(LedgerBroken, match="goes on with entry 1"):
        durable(tmp_path)


@pytest.mark.parametrize("name", ["lock", "verifier.key", "journal/00000000000000000000", "", "."])
def test_only_the_logs_own_files_are_read(tmp_path, name):
    write(tmp_path, 1)
    assert read_from(tmp_path, name) is None


def test_a_file_in_place_of_a_directory_is_nothing_to_read(tmp_path):
    (tmp_path / "tile").touch()
    assert read_from(tmp_path, "tile/0/000") is None
