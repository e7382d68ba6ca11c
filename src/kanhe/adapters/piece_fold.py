"""The fold that the encoder's vocabulary was made with: its own table, compatibility forms and all.

It is not `policy.fold`: this one has to do exactly what the encoder saw when it was trained. The
table is a double-array trie over UTF-8 (as SentencePiece stores it) from which the longest match
at each place is replaced. Few characters join with the one before; without them every character
stands alone, and `str.translate` does the same in a fiftieth of the time.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

SPACE = "\u2581"
"""What stands for a space in pieces."""

_RUN_OF_SPACES = re.compile(" {2,}")
_MATCHED, _IS_LEAF, _FAR, _VALUE = 0x8000_00FF, 0x100, 0x200, 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class Singles:
    """What is known of the table beforehand, so that it need not be searched at each start.

    Attributes:
        alone: What each character becomes that stands alone in the table.
        joining: The characters that a longer entry may continue with.
    """

    alone: Mapping[str, str]
    joining: str


class PieceFold:
    """The fold. Equal text gives equal text.

    Args:
        table: As the model file holds it: the size of the trie, the trie, then the replacements.
        singles: What `singles_of` found in it.

    Raises:
        ValueError: The table is cut short.
    """

    def __init__(self, table: bytes, singles: Singles) -> None:
        self._trie = CharTrie(table)
        self._alone = str.maketrans(dict(singles.alone))
        self._joins = re.compile(f"[{re.escape(singles.joining)}]") if singles.joining else None

    def fold(self, text: str) -> str:
        """Replace, draw spaces together, put one in front, and write them as `SPACE`."""
        if self._joins is not None and self._joins.search(text):
            plain = self._trie.replace(text)
        else:
            plain = text.translate(self._alone)
        plain = _RUN_OF_SPACES.sub(" ", plain).lstrip(" ")
        return f" {plain}".replace(" ", SPACE).rstrip(SPACE) if plain else ""


class CharTrie:
    """The table itself: a trie over the bytes of UTF-8, and what stands for each key."""

    def __init__(self, table: bytes) -> None:
        (size,) = struct.unpack_from("<I", table)
        if size % 4 or 4 + size > len(table):
            raise ValueError(f"a trie of {size} bytes does not fit into a table of {len(table)}")
        self._units = struct.unpack_from(f"<{size // 4}I", table, 4)
        self._texts = table[4 + size :]

    def replace(self, text: str) -> str:
        """Replace the longest match at each place, from the left."""
        raw = text.encode()
        made = bytearray()
        at = 0
        while at < len(raw):
            end, value = self._longest(raw, at)
            if end > at:
                made += self._text(value)
                at = end
            else:
                width = _width(raw[at])
                made += raw[at : at + width]
                at += width
        return made.decode()

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield every key and what stands for it; slow, for the first start."""
        units, every = np.array(self._units, np.uint32), np.arange(1, 256, dtype=np.uint32)

        def bytes_below(node: int) -> list[int]:
            children = every ^ np.uint32(node)
            found = units.take(children, mode="clip") & np.uint32(_MATCHED) == every
            return [byte for byte in every[found].tolist() if node ^ byte < len(units)]

        open_nodes = [(_offset(self._units[0]), b"")]
        while open_nodes:
            node, key = open_nodes.pop()
            for byte in bytes_below(node):
                child = node ^ byte
                unit, longer = self._units[child], key + bytes([byte])
                below = child ^ _offset(unit)
                if unit & _IS_LEAF:
                    yield longer.decode(), self._text(self._units[below] & _VALUE).decode()
                open_nodes.append((below, longer))

    def _longest(self, raw: bytes, at: int) -> tuple[int, int]:
        units = self._units
        node = _offset(units[0])
        end, value = at, 0
        for place in range(at, len(raw)):
            byte = raw[place]
            node ^= byte
            unit = units[node]
            if unit & _MATCHED != byte:
                break
            node ^= _offset(unit)
            if unit & _IS_LEAF:
                end, value = place + 1, units[node] & _VALUE
        return end, value

    def _text(self, value: int) -> bytes:
        return self._texts[value : self._texts.index(b"\0", value)]


def singles_of(table: bytes) -> Singles:
    """Search a table for what `PieceFold` wants to know beforehand: a second's work."""
    alone: dict[str, str] = {}
    joining: set[str] = set()
    for key, text in CharTrie(table).entries():
        if len(key) == 1:
            alone[key] = text
        joining.update(key[1:])
    return Singles(alone, "".join(sorted(joining)))


def _offset(unit: int) -> int:
    return (unit >> 10) << ((unit & _FAR) >> 6)


def _width(first: int) -> int:
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
