"""Reading a log: its entries, and the proofs about them, from tiles and bundles.

Where the files are does not matter (see `log.Read`). Nothing here checks what it reads against a
root: a proof does that, and `verification` does it for the whole. Missing files are refused with
the first entry that they take along.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kanhe.errors import LedgerBroken
from kanhe.ledger import tile, tree
from kanhe.ledger.frontier import Edge, Frontier
from kanhe.ledger.log import Read
from kanhe.ledger.tile import ENTRIES, WIDTH, Tile, width_at
from kanhe.ledger.tree import HASH_BYTES

_HEIGHT = 8


class Log:
    """A log of `size` entries, read through `read`."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self.size = size
        self.content = lru_cache(maxsize=64)(self._content)

    def find(self, level: int, number: int) -> tuple[Tile, bytes | None]:
        """Give the tile or bundle that lies there for this size, and its content.

        Where the log has grown since and dropped a partial one, that is the full one: its width
        is then more than this size asks for.
        """
        at = Tile(level, number, width_at(level, number, self.size))
        data = self._read(at.name)
        if data is None and at.width < WIDTH:
            full = Tile(level, number)
            if (data := self._read(full.name)) is not None:
                return full, data
        return at, data

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the entries from `start` to before `stop`, in order."""
        stop = self.size if stop is None else min(stop, self.size)
        for number in range(start // WIDTH, -(-stop // WIDTH)):
            entries = tile.unbundle(self.content(ENTRIES, number))[0]
            low, high = max(0, start - number * WIDTH), min(WIDTH, stop - number * WIDTH)
            if len(entries) < high:
                raise LedgerBroken(number * WIDTH + len(entries), "its bundle is cut off")
            yield from entries[low:high]

    def node(self, level: int, index: int) -> bytes:
        """Give the hash of a complete subtree: the `Node` that proofs are made from."""
        above = level % _HEIGHT
        low = (index << above) % WIDTH
        row = tile.hashes(self.content(level // _HEIGHT, (index << above) // WIDTH))
        return tree.perfect_root(row[low : low + (1 << above)])

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Prove that entry `index` is among the first `size`, which are at most those here."""
        return tree.inclusion_proof(index, size, self.node)

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Prove that the log of `new` entries, at most those here, begins with that of `old`."""
        return tree.consistency_proof(old, new, self.node)

    def root(self, size: int) -> bytes:
        """Give the root that the tiles add up to for the first `size` entries."""
        return tree.root_of(size, self.node)

    def edge(self) -> Edge:
        """Give what a writer has to know to go on from here.

        Raises:
            LedgerBroken: The open files are missing or disagree; nothing may be added to them.
        """
        levels = []
        for level in range(_levels(self.size)):
            number = self.size >> _HEIGHT * (level + 1)
            width = width_at(level, number, self.size)
            levels.append(tile.hashes(self.content(level, number)) if width else [])
        number, rest = divmod(self.size, WIDTH)
        if not rest:
            return Edge(Frontier(self.size, levels))
        entries = tile.unbundle(self.content(ENTRIES, number))[0][:rest]
        leaves = [tree.leaf_hash(entry) for entry in entries]
        if leaves != levels[0]:
            pairs = enumerate(zip(leaves, levels[0], strict=False))
            place = next((at for at, (one, other) in pairs if one != other), len(leaves))
            raise LedgerBroken(number * WIDTH + place, "its bundle and its tile disagree")
        return Edge(Frontier(self.size, levels), tile.bundle(entries))

    def _content(self, level: int, number: int) -> bytes:
        at, data = self.find(level, number)
        if data is None:
            raise LedgerBroken(at.first, f"{at.name} is missing")
        width = width_at(level, number, self.size)
        if level == ENTRIES:
            return data
        if len(data) < width * HASH_BYTES:
            raise LedgerBroken(at.first, f"{at.name} is cut off")
        return data[: width * HASH_BYTES]


def _levels(size: int) -> int:
    return -(-size.bit_length() // _HEIGHT)
