"""Following a log: what `verification` proves once, kept proven as the log grows.

A full bundle never changes, so its hash is kept and only what is new is read; the open files at the
edge are read each time, and the root over everything is held against each new checkpoint. Refused
is whatever does not fit, with the place at which that showed; `verification.verify` then names the
first entry that does not follow, which may stand before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TypeAlias

from kanhe.errors import LedgerBroken
from kanhe.ledger import tile
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.frontier import Frontier
from kanhe.ledger.log import Read
from kanhe.ledger.reading import Log
from kanhe.ledger.tile import ENTRIES, WIDTH, Tile
from kanhe.ledger.tree import HASH_BYTES, leaf_hash, perfect_root

Take: TypeAlias = Callable[[int, list[bytes]], None]
"""Is given the entries of each bundle, and the index of the first."""

Roots: TypeAlias = Callable[[], "list[bytes] | None"]
"""Waits for work that was begun elsewhere: the hashes of some bundles; None: one does not fit."""

Elsewhere: TypeAlias = Callable[[int, int], tuple[int, Roots]]
"""Begin to check bundles from one number to before another; say from which number on it does."""


def bundle_root(read: Read, number: int) -> tuple[bytes, list[bytes]]:
    """Check a full bundle against its tile; give the hash over its entries, and them.

    Raises:
        LedgerBroken: One of them is missing, or they disagree.
    """
    first, name = number * WIDTH, Tile(ENTRIES, number).name
    data, row = read(name), read(Tile(0, number).name)
    if data is None or row is None:
        raise LedgerBroken(first, f"{name} or its tile is missing")
    entries, whole = tile.unbundle(data)
    # `leaf_hash` written out: a first look spends its time here.
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
    if not whole or len(leaves) != WIDTH or b"".join(leaves) != row:
        raise LedgerBroken(first, f"{name} and its tile disagree")
    return perfect_root(leaves), entries


def roots_between(read: Read, start: int, stop: int) -> list[bytes] | None:
    """Give the hashes of full bundles; None where one does not fit its tile."""
    try:
        return [bundle_root(read, number)[0] for number in range(start, stop)]
    except LedgerBroken:
        return None


class Following:
    """What is proven of one log so far. Use it from one thread at a time.

    After a refusal it has proven nothing and must not be used any more.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rows: list[list[bytes]] = [[]]

    @property
    def bundles(self) -> int:
        """How many full bundles are proven."""
        return len(self._rows[0])

    def follow(
        self, signed: Checkpoint, take: Take, elsewhere: Elsewhere | None = None
    ) -> Iterator[Tile]:
        """Prove that the log is what `signed` vouches for; hand each new bundle to `take`.

        The open bundle is handed over each time, and again once it is full. What was handed over
        counts only when the iteration has ended without an error.

        Args:
            signed: A checkpoint, its signature checked, no older than the last one.
            take: Is given the bundles in their order.
            elsewhere: Another process that shares the work.

        Yields:
            Each full tile above the lowest level, before it is read.

        Raises:
            LedgerBroken: It is not.
        """
        self._take_full(signed.size // WIDTH, take, elsewhere)
        yield from self._fill()
        log = Log(self._read, signed.size)
        leaves = self._take_open(log, take)
        open_rows = [row[len(row) // WIDTH * WIDTH :] for row in self._rows]
        edge = Frontier(signed.size, [leaves, *open_rows])
        for file in edge.partials():
            at, found = log.find(file.at.level, file.at.number)
            whole = found is not None and len(found) == at.width * HASH_BYTES
            if not found or not whole or not found.startswith(file.content):
                raise LedgerBroken(file.at.first, f"{file.at.name} is not as its entries are")
        if edge.root() != signed.root:
            raise LedgerBroken(0, "the entries do not give the root that was signed")

    def again(self, at: Tile) -> None:
        """Prove a full bundle or tile once more that was proven before.

        Raises:
            LedgerBroken: It was altered since.
        """
        if at.level > 0:
            self._expect(at)
        elif bundle_root(self._read, at.number)[0] != self._rows[0][at.number]:
            raise LedgerBroken(at.first, f"{at.name} was altered together with its tile")

    def _take_full(self, stop: int, take: Take, elsewhere: Elsewhere | None) -> None:
        roots, start = self._rows[0], self.bundles
        here, others = elsewhere(start, stop) if elsewhere else (stop, None)
        for number in range(start, here):
            root, entries = bundle_root(self._read, number)
            roots.append(root)
            take(number * WIDTH, entries)
        for number in range(here, stop):
            data = self._read(Tile(ENTRIES, number).name) or b""
            take(number * WIDTH, tile.unbundle(data)[0])
        if others:
            found = others()
            if found is None:
                raise LedgerBroken(here * WIDTH, "a bundle and its tile disagree")
            roots.extend(found)

    def _take_open(self, log: Log, take: Take) -> list[bytes]:
        number, rest = divmod(log.size, WIDTH)
        if not rest:
            return []
        data = log.find(ENTRIES, number)[1]
        if data is None:
            raise LedgerBroken(number * WIDTH, "its bundle is missing")
        entries, whole = tile.unbundle(data)
        if not whole or len(entries) < rest:
            raise LedgerBroken(number * WIDTH + len(entries), "its bundle is cut off")
        take(number * WIDTH, entries[:rest])
        return [leaf_hash(entry) for entry in entries[:rest]]

    def _fill(self) -> Iterator[Tile]:
        """Compute the rows above from what is new; hold each full tile against its file."""
        level = 0
        while len(self._rows[level]) >= WIDTH:
            if level + 1 == len(self._rows):
                self._rows.append([])
            row, above = self._rows[level], self._rows[level + 1]
            while (len(above) + 1) * WIDTH <= len(row):
                at = Tile(level + 1, len(above))
                yield at
                self._expect(at)
                above.append(perfect_root(row[len(above) * WIDTH : (len(above) + 1) * WIDTH]))
            level += 1

    def _expect(self, at: Tile) -> None:
        row = self._rows[at.level - 1]
        if self._read(at.name) != b"".join(row[at.number * WIDTH : (at.number + 1) * WIDTH]):
            raise LedgerBroken(at.first, f"{at.name} is not as its entries are")
