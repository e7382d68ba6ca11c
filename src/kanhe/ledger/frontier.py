"""The growing edge of the tree: entries go in, finished files come out.

It holds the open tile of each level and the open bundle, never more, so its size does not grow
with the log. It knows no disk: what it gives are names and contents. A tile's hash is pushed to
the level above only when the tile is full, so everything it gives as full is final.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kanhe.ledger import tile
from kanhe.ledger.tile import ENTRIES, WIDTH, Tile
from kanhe.ledger.tree import bag, leaf_hash, peaks, perfect_root


@dataclass(frozen=True, slots=True)
class File:
    """A tile or bundle with its content."""

    at: Tile
    content: bytes


@dataclass(slots=True)
class Frontier:
    """The edge of a log of `size` entries.

    `levels[l]` are the hashes of the open tile of level l, fewer than 256 each.
    """

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)

    def push(self, leaves: Sequence[bytes]) -> Iterator[File]:
        """Take the leaf hashes of the next entries; give the hash tiles that they fill."""
        start = 0
        while start < len(leaves):
            row = self._level(0)
            some = leaves[start : start + WIDTH - len(row)]
            row.extend(some)
            start += len(some)
            self.size += len(some)
            yield from self._fill()

    def root(self) -> bytes:
        """Give the root of the tree as it stands."""
        return bag([peak for row in reversed(self.levels) for peak in peaks(row)])

    def partials(self) -> Iterator[File]:
        """Give the open tiles of all levels as partial tiles."""
        for level, row in enumerate(self.levels):
            if row:
                number = self.size >> 8 * (level + 1)
                yield File(Tile(level, number, len(row)), b"".join(row))

    def _level(self, level: int) -> list[bytes]:
        if level == len(self.levels):
            self.levels.append([])
        return self.levels[level]

    def _fill(self) -> Iterator[File]:
        level = 0
        while len(row := self._level(level)) == WIDTH:
            number = (self.size >> 8 * (level + 1)) - 1
            yield File(Tile(level, number), b"".join(row))
            self._level(level + 1).append(perfect_root(row))
            row.clear()
            level += 1


@dataclass(slots=True)
class Edge:
    """A frontier together with the entries of the open bundle: what a writer has to remember."""

    tree: Frontier = field(default_factory=Frontier)
    open_bundle: bytes = b""

    def push(self, entries: Iterable[bytes]) -> Iterator[File]:
        """Take the next entries; give the bundles and hash tiles that they fill."""
        batch: list[bytes] = []
        room = WIDTH - self.tree.size % WIDTH
        for entry in entries:
            batch.append(entry)
            if len(batch) == room:
                yield from self._take(batch)
                batch, room = [], WIDTH
        yield from self._take(batch)

    def partials(self) -> Iterator[File]:
        """Give the open bundle and the open tiles."""
        if self.open_bundle:
            at = Tile(ENTRIES, self.tree.size // WIDTH, self.tree.size % WIDTH)
            yield File(at, self.open_bundle)
        yield from self.tree.partials()

    def _take(self, entries: list[bytes]) -> Iterator[File]:
        self.open_bundle += tile.bundle(entries)
        filled = list(self.tree.push([leaf_hash(entry) for entry in entries]))
        if filled:
            yield File(Tile(ENTRIES, filled[0].at.number), self.open_bundle)
            self.open_bundle = b""
        yield from filled
