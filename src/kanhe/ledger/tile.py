"""Tiles and entry bundles: how the tree is cut into files. C2SP tlog-tiles, tile height 8.

Tile n of level l holds 256 hashes, each over 256**l entries; bundle n holds the 256 entries under
tile n of level 0. The last of each level may be partial, and then its width stands in its name.
Refused are names in any other spelling: a name is also a path on disk and over HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from kanhe.ledger.tree import HASH_BYTES

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

ENTRIES = -1
"""The level that stands for entry bundles."""

CHECKPOINT = "checkpoint"

_NAME = re.compile(
    r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a tile or bundle stands: its level (`ENTRIES` for a bundle), number and width."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def name(self) -> str:
        """Its path below the log's address, e.g. `tile/0/x001/234.p/5`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"

    @property
    def first(self) -> int:
        """Index of the first entry that it covers."""
        return self.number << 8 * (max(self.level, 0) + 1)


def number_path(number: int) -> str:
    """Write a tile's number as path elements of three digits: 1234067 is `x001/x234/067`."""
    last = f"{number % 1000:03d}"
    while number := number // 1000:
        last = f"x{number % 1000:03d}/{last}"
    return last


def parse_name(name: str) -> Tile | None:
    """Read a name; None for whatever is not exactly the name of a tile or bundle."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    level, number, width = match.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(number.replace("/", "").replace("x", "")),
        int(width or WIDTH),
    )
    # Spelling it again refuses what the pattern lets by: levels over 63, widths over 255, `x000/`.
    return (
        tile
        if tile.name == name and tile.level < 64 and (tile.width < WIDTH or not width)
        else None
    )


def width_at(level: int, number: int, size: int) -> int:
    """Give the width of a tile in a log of `size` entries; 0 where there is none."""
    covered = size >> 8 * max(level, 0)
    return max(0, min(WIDTH, covered - number * WIDTH))


def bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries one after the other, each after its length in two big-endian bytes."""
    return b"".join([part for entry in entries for part in (len(entry).to_bytes(2), entry)])


def unbundle(data: bytes) -> tuple[list[bytes], bool]:
    """Read the entries of a bundle, and say whether it ends where its last entry ends."""
    entries: list[bytes] = []
    position, end = 0, len(data)
    while position + 2 <= end:
        start = position + 2
        position = start + (data[position] << 8 | data[position + 1])
        if position > end:
            return entries, False
        entries.append(data[start:position])
    return entries, position == end


def leaf_hashes(data: bytes) -> tuple[list[bytes], bool]:
    """Hash the entries of a bundle as leaves, and say whether it ends where its last entry ends.

    `unbundle` and `leaf_hash` in one loop: verification spends its time here.
    """
    leaves: list[bytes] = []
    add, digest = leaves.append, sha256
    position, end = 0, len(data)
    while position + 2 <= end:
        start = position + 2
        position = start + (data[position] << 8 | data[position + 1])
        if position > end:
            return leaves, False
        add(digest(b"\x00" + data[start:position]).digest())
    return leaves, position == end


def hashes(data: bytes) -> list[bytes]:
    """Read the hashes of a tile; a rest that is no whole hash is left out."""
    whole = len(data) - len(data) % HASH_BYTES
    return [data[start : start + HASH_BYTES] for start in range(0, whole, HASH_BYTES)]
