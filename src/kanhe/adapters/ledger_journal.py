"""The journal: where an entry becomes durable, before it stands in a tile.

Files `journal/<index of first entry, 20 digits>`, each a row of batches:

    "KJ01"  length of body, uint32  number of entries, uint32  index of the first, uint64
    body: the entries, each after its length in a uint16 (as in an entry bundle)
    CRC-32 of all that, uint32                                  (big-endian throughout)

A batch is durable before the next one is begun, so only the last can be torn; it was never
acknowledged, and reading ends before it. A file overrules its predecessors from its first index on:
that is how a batch that failed is cut away even where cutting the file failed too. Refused: going
on over a damaged batch that has good ones after it, because those were acknowledged.
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.errors import LedgerBroken
from kanhe.ledger.tile import bundle, unbundle

SEGMENT_BYTES = 1 << 20
"""A file that has reached this length is followed by a new one."""

_MAGIC = b"KJ01"
_HEAD = struct.Struct(">4sIIQ")
_CRC = struct.Struct(">I")


class Journal:
    """The writer's side. One thread at a time."""

    def __init__(self, disk: Disk, directory: Path, size: int) -> None:
        self._disk = disk
        self._directory = directory
        self._fd: int | None = None
        self._bytes = 0
        self.size = size

    def append(self, entries: Sequence[bytes]) -> int:
        """Make a batch durable; return the index of its first entry.

        Raises:
            OSError: It is not durable and does not count. The next call starts a new file.
        """
        first = self.size
        if self._fd is None or self._bytes >= SEGMENT_BYTES:
            self.rotate()
        batch = _batch(first, entries)
        assert self._fd is not None  # noqa: S101 - rotate has opened it, or raised
        try:
            self._disk.append(self._fd, batch)
        except OSError:
            self._abandon()
            raise
        self._bytes += len(batch)
        self.size = first + len(entries)
        return first

    def rotate(self) -> None:
        """Start a new file at the present size.

        Raises:
            OSError: It could not be made.
        """
        self.close()
        # Opened empty: a file of this name can hold no entry that was acknowledged.
        self._fd = self._disk.open_journal(segment(self._directory, self.size))
        self._bytes = 0
        try:
            self._disk.sync_directory(self._directory)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        if self._fd is not None:
            self._disk.close(self._fd)
            self._fd = None

    def _abandon(self) -> None:
        # After a failed write the kernel may have dropped the pages and cleared the error, so this
        # file is not written again. Cutting it is a courtesy to readers; the new file overrules it.
        assert self._fd is not None  # noqa: S101
        with contextlib.suppress(OSError):
            self._disk.cut(self._fd, self._bytes)
        self.close()


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch read back: index of its first entry, and the entries."""

    first: int
    entries: list[bytes]


def segment(directory: Path, first: int) -> Path:
    """Name the file that begins with entry `first`."""
    return directory / f"{first:020d}"


def segments(directory: Path) -> list[int]:
    """List the files by the index of their first entry, in order."""
    names = [path.name for path in directory.iterdir()] if directory.is_dir() else []
    return sorted(int(name) for name in names if len(name) == 20 and name.isdigit())


def waiting(directory: Path, start: int, stop: int | None = None) -> Iterator[Batch]:
    """Yield the durable entries from `start` to before `stop`, or to the end, in order.

    Raises:
        LedgerBroken: Entries that were acknowledged are missing or damaged.
    """
    firsts = segments(directory)
    index = start
    for here, beyond in zip(firsts, [*firsts, None][1:], strict=True):
        limit = min((edge for edge in (beyond, stop) if edge is not None), default=None)
        if limit is not None and limit <= index:
            continue
        if here > index:
            raise LedgerBroken(index, f"the journal goes on with entry {here}")
        for batch in _batches(segment(directory, here).read_bytes(), here, limit):
            entries = batch.entries[max(0, index - batch.first) :]
            if limit is not None:
                entries = entries[: limit - index]
            if entries:
                yield Batch(index, entries)
                index += len(entries)
        if limit is not None and index < limit:
            raise LedgerBroken(index, f"the journal is damaged before entry {limit}")


def _batch(first: int, entries: Sequence[bytes]) -> bytes:
    body = bundle(entries)
    head = _HEAD.pack(_MAGIC, len(body), len(entries), first)
    return b"".join((head, body, _CRC.pack(zlib.crc32(body, zlib.crc32(head)))))


def _batches(data: bytes, first: int, limit: int | None) -> Iterator[Batch]:
    position, index = 0, first
    while position < len(data) and (limit is None or index < limit):
        found = _parse(data, position)
        if found is None or found[0].first != index:
            _expect_torn(data, position, index, limit)
            return
        batch, position = found
        yield batch
        index += len(batch.entries)


def _parse(data: bytes, position: int) -> tuple[Batch, int] | None:
    if len(data) < position + _HEAD.size + _CRC.size:
        return None
    magic, length, count, first = _HEAD.unpack_from(data, position)
    end = position + _HEAD.size + length
    if magic != _MAGIC or len(data) < end + _CRC.size:
        return None
    if _CRC.unpack_from(data, end)[0] != zlib.crc32(memoryview(data)[position:end]):
        return None
    entries, whole = unbundle(data[position + _HEAD.size : end])
    if not whole or not entries or len(entries) != count:
        return None
    return Batch(first, entries), end + _CRC.size


def _expect_torn(data: bytes, position: int, index: int, limit: int | None) -> None:
    """Tell a torn last batch from damage: after damage, good batches follow."""
    while (position := data.find(_MAGIC, position + 1)) >= 0:
        later = _parse(data, position)
        if later and later[0].first > index and (limit is None or later[0].first < limit):
            raise LedgerBroken(index, f"the journal is damaged before entry {later[0].first}")
