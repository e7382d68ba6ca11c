"""The journal's files as they are; what a crash makes of them is in test_ledger_crash.py."""

from __future__ import annotations

import struct
import zlib

import pytest

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import JOURNAL
from kanhe.adapters.ledger_files import take_up
from kanhe.adapters.ledger_journal import Batch, Journal, segment, segments, waiting
from kanhe.errors import LedgerBroken
from ledgers import SIGNER, entry


def raw_batch(body, count, first):
    head = struct.pack(">4sIIQ", b"KJ01", len(body), count, first)
    return head + body + struct.pack(">I", zlib.crc32(head + body))


def test_a_batch_is_written_as_the_module_says(tmp_path):
    journal = Journal(Disk(), tmp_path, 7)
    assert journal.append([b"one", b"three"]) == 7
    journal.close()
    assert segments(tmp_path) == [7]
    expected = raw_batch(b"\0\3one\0\5three", 2, 7)
    assert segment(tmp_path, 7).read_bytes() == expected
    assert list(waiting(tmp_path, 7)) == [Batch(7, [b"one", b"three"])]


@pytest.mark.parametrize(
    ("body", "count"), [(b"\0\3one", 2), (b"\0\3on", 1), (b"", 0), (b"\0\3oneX", 1)]
)
def test_a_batch_that_contradicts_itself_is_none(tmp_path, body, count):
    segment(tmp_path, 0).write_bytes(raw_batch(body, count, 0))
    assert list(waiting(tmp_path, 0)) == []


def test_a_batch_of_other_indices_is_none(tmp_path):
    segment(tmp_path, 0).write_bytes(raw_batch(b"\0\3one", 1, 0) + raw_batch(b"\0\3two", 1, 0))
    assert list(waiting(tmp_path, 0)) == [Batch(0, [b"one"])]


def test_what_was_cut_away_does_not_count_as_damage(tmp_path):
    """A torn batch, then a leftover that the next file has overruled."""
    good, torn = raw_batch(b"\0\3one", 1, 0), raw_batch(b"\0\3two", 1, 1)[:-1]
    segment(tmp_path, 0).write_bytes(good + torn + raw_batch(b"\0\3old", 1, 5))
    segment(tmp_path, 1).write_bytes(raw_batch(b"\0\3new", 1, 1))
    assert [batch.entries for batch in waiting(tmp_path, 0)] == [[b"one"], [b"new"]]


def test_a_stretch_may_begin_and_end_inside_a_batch(tmp_path):
    journal = Journal(Disk(), tmp_path, 0)
    for size in (3, 3):
        journal.append([entry(journal.size + i) for i in range(size)])
    journal.close()
    for start in range(7):
        for stop in range(start, 7):
            found = [raw for batch in waiting(tmp_path, start, stop) for raw in batch.entries]
            assert found == [entry(index) for index in range(start, stop)]


def test_other_files_in_the_folder_are_passed_over(tmp_path):
    (tmp_path / "notes.txt").touch()
    (tmp_path / "123").touch()
    assert segments(tmp_path) == []
    assert segments(tmp_path / "absent") == []


def test_a_file_is_kept_as_long_as_one_of_its_entries_is_unpublished(tmp_path):
    journal, publisher = take_up(tmp_path, SIGNER, Disk())
    for _ in range(3):
        journal.append([entry(journal.size), entry(journal.size + 1)])
        journal.rotate()
    publisher.publish(3)
    assert segments(tmp_path / JOURNAL) == [2, 4, 6]
    journal.close()


def test_nothing_is_signed_for_a_journal_that_is_gone(tmp_path):
    journal, publisher = take_up(tmp_path, SIGNER, Disk())
    journal.append([entry(0)])
    journal.close()
    segment(tmp_path / JOURNAL, 0).unlink()
    with pytest.raises(LedgerBroken, match="ends before entry 1"):
        publisher.publish(1)
    assert publisher.head.size == 0
