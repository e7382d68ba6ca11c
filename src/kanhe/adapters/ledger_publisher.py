"""Publishing: from the journal into tiles, bundles and a signed checkpoint, in the C2SP layout.

The order is the whole safety: files of the new size, then the checkpoint that vouches for them,
then the journal files that are no longer needed. Each file is written aside, synced, renamed, and
its directory synced before the next step, so a power loss leaves the old state or the new one, and
files of a size that no checkpoint vouches for are simply written again. Refused: going on from
tiles that do not add up to the checkpoint, and signing for a journal with a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import JOURNAL, reader
from kanhe.adapters.ledger_journal import segment, segments, waiting
from kanhe.errors import LedgerBroken
from kanhe.ledger import checkpoint
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.frontier import Edge, File
from kanhe.ledger.note import Signer
from kanhe.ledger.reading import Log
from kanhe.ledger.tile import CHECKPOINT, WIDTH, Tile
from kanhe.ledger.tree import EMPTY_ROOT

_ASIDE = "tmp"


class Publisher:
    """The published half of a ledger directory. One thread at a time."""

    def __init__(self, disk: Disk, directory: Path, signer: Signer) -> None:
        """Take up a directory where its checkpoint stands; make an empty log where there is none.

        Raises:
            LedgerBroken: What is there does not add up, or is another log's.
            LedgerError: The checkpoint is not signed by this key.
            OSError: The directory could not be read or written.
        """
        self._disk = disk
        self._directory = directory
        self._signer = signer
        self._read = reader(directory)
        self._unsynced: set[Path] = set()
        self._stale = False
        for part in (directory, directory / JOURNAL, directory / _ASIDE):
            disk.make_directory(part)
        for left in (directory / _ASIDE).iterdir():
            disk.remove(left)
        self.head, self._edge = self._resume()

    def publish(self, size: int) -> Checkpoint:
        """Publish the journal up to `size` entries, and drop what is then no longer needed.

        Raises:
            LedgerBroken: The journal does not hold them.
            OSError: It could not be written; calling again takes up from the last checkpoint.
        """
        if size == self.head.size:
            return self.head
        if self._stale:
            self.head, self._edge = self._resume()
        # Until it is done, the edge in memory is ahead of the checkpoint on disk.
        self._stale = True
        self._publish(size)
        self._stale = False
        self._tidy()
        return self.head

    def put(self, name: str, content: bytes) -> None:
        """Replace one file, durably and all at once."""
        self._put(name, content)
        self._sync_directories()

    def _publish(self, size: int) -> None:
        edge, full = self._edge, []
        for batch in waiting(self._directory / JOURNAL, self.head.size, size):
            for file in edge.push(batch.entries):
                self._place(file)
                full.append(file.at)
        if edge.tree.size != size:
            raise LedgerBroken(edge.tree.size, f"the journal ends before entry {size}")
        self._place_all(edge.partials())
        self._sync_directories()
        self._sign(Checkpoint(self._signer.name, size, edge.tree.root()))
        for at in full:
            self._drop_partials(at)

    def _tidy(self) -> None:
        """Drop journal files whose entries are all published; the newest stays in use."""
        journal = self._directory / JOURNAL
        firsts = segments(journal)
        for here, beyond in pairwise(firsts):
            if beyond <= self.head.size:
                self._disk.remove(segment(journal, here))

    def _resume(self) -> tuple[Checkpoint, Edge]:
        raw = self._read(CHECKPOINT)
        if raw is None:
            if (self._directory / "tile").exists() or segments(self._directory / JOURNAL):
                raise LedgerBroken(0, "there are entries, but the checkpoint is gone")
            head = Checkpoint(self._signer.name, 0, EMPTY_ROOT)
            self._sign(head)
            return head, Edge()
        head = checkpoint.opened(raw, self._signer.verifier()).checkpoint
        edge = Log(self._read, head.size).edge()
        if edge.tree.root() != head.root:
            raise LedgerBroken(
                head.size // WIDTH * WIDTH, "the open tiles do not give the root that was signed"
            )
        return head, edge

    def _sign(self, head: Checkpoint) -> None:
        self.put(CHECKPOINT, head.signed(self._signer))
        self.head = head

    def _place_all(self, files: Iterable[File]) -> None:
        for file in files:
            self._place(file)

    def _place(self, file: File) -> None:
        self._put(file.at.name, file.content)

    def _put(self, name: str, content: bytes) -> None:
        target = self._directory / name
        aside = self._directory / _ASIDE / name.replace("/", "-")
        self._make_parents(target.parent)
        self._disk.write_synced(aside, content)
        self._disk.rename(aside, target)
        self._unsynced.add(target.parent)

    def _make_parents(self, directory: Path) -> None:
        if not directory.is_dir():
            self._make_parents(directory.parent)
            self._disk.make_directory(directory)

    def _sync_directories(self) -> None:
        for directory in sorted(self._unsynced):
            self._disk.sync_directory(directory)
        self._unsynced.clear()

    def _drop_partials(self, at: Tile) -> None:
        full = self._directory / at.name
        partials = full.with_name(full.name + ".p")
        if partials.is_dir():
            for partial in partials.iterdir():
                self._disk.remove(partial)
            self._disk.remove_directory(partials)
