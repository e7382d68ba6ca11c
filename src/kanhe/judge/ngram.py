"""Hashed n-grams: which buckets of a table a text touches, by whole arrays and without a loop.

One to five characters on end, and one or two words of spaced scripts. A text is framed by a mark,
so that its beginning and its end are n-grams too; none reaches from one text into the next. Sums
are of integers, so that a text's score does not depend on what else stands in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.plain import Codes

Words = NDArray[np.uint64]

CHARACTERS = 5
"""Characters of the longest n-gram."""
KINDS = CHARACTERS + 2
"""Rows of `Grams.buckets`: characters by length, then single words, then pairs of words."""

_FRAME = 1
_HAN_FROM = 0x2E80
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_BASE = 0x5851F42D4C957F2D
_ARE_WORDS = (ord("0"), ord("9")), (ord("a"), ord("z")), (0xAA, 0x2E7F)


@dataclass(frozen=True, slots=True)
class Grams:
    """The buckets of a batch.

    Attributes:
        buckets: One row for each kind, one column for each place (a text's characters and its
            frame); `1 << bits` where no n-gram of that kind begins.
        starts: The first column of each text.
        weights: For each text, 1 / √(its places): sums grow like the square root of a length.
    """

    buckets: NDArray[np.int64]
    starts: NDArray[np.int64]
    weights: NDArray[np.float32]


def grams(texts: Sequence[Codes], bits: int) -> Grams:
    """Give the buckets of texts without regard to case, of a table of `1 << bits` (at most 2^24).

    A text is what `Plain.lowered` gives. An empty batch has no starts.
    """
    sizes = np.array([text.size + 2 for text in texts], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    places = np.full(int(sizes.sum()), _FRAME, np.uint64)
    for text, start in zip(texts, starts.tolist(), strict=False):
        places[start + 1 : start + 1 + text.size] = text
    owner_end = np.repeat(starts + sizes, sizes)
    found = np.full((KINDS, places.size), 1 << bits, np.int64)
    _characters(places, owner_end, bits, found)
    _words(places, owner_end, bits, found)
    return Grams(found, starts, (1 / np.sqrt(sizes)).astype(np.float32))


def totals(found: Grams, table: NDArray[np.int8]) -> NDArray[np.int64]:
    """Sum what a table has for the n-grams of each text.

    Args:
        found: Of the same bits as the table.
        table: `(1 << bits) + 1` rows; the last one, where no n-gram begins, is zero.

    Returns:
        Texts × columns, or one number for each text where the table has no columns.
    """
    shape = (found.buckets.shape[1], *table.shape[1:])
    sums = np.zeros(shape, np.int32)
    for row in found.buckets:
        sums += table[row]
    return np.add.reduceat(sums, found.starts, axis=0, dtype=np.int64)


def _characters(
    places: Words, owner_end: NDArray[np.int64], bits: int, found: NDArray[np.int64]
) -> None:
    n = places.size
    rolling = np.zeros(n, np.uint64)
    at = np.arange(n)
    for length in range(1, CHARACTERS + 1):
        reach = n - length + 1
        if reach <= 0:
            return
        rolling = (rolling[:reach] + places[length - 1 :]) * _STEP
        whole = at[:reach] + length <= owner_end[:reach]
        found[length - 1, :reach] = np.where(whole, _bucket(rolling, length, bits), 1 << bits)


def _words(
    places: Words, owner_end: NDArray[np.int64], bits: int, found: NDArray[np.int64]
) -> None:
    inside = np.zeros(places.size + 1, np.bool_)
    for low, high in _ARE_WORDS:
        inside[:-1] |= (places >= low) & (places <= high)
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    # A text begins and ends with its frame, which is no letter: edges come in pairs.
    begins, ends = edges[::2], edges[1::2]
    if not begins.size:
        return
    hashed = _word_hashes(places, begins, ends)
    found[CHARACTERS, begins] = _bucket(hashed, CHARACTERS + 1, bits)
    pairs = hashed[:-1] * _STEP + hashed[1:]
    together = owner_end[begins[:-1]] == owner_end[begins[1:]]
    chosen = np.where(together, _bucket(pairs, CHARACTERS + 2, bits), 1 << bits)
    found[CHARACTERS + 1, begins[:-1]] = chosen


def _word_hashes(places: Words, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Words:
    """Hash spans at once: a polynomial's prefix sums, shifted back to power 0."""
    powers, inverses = _powers(1 << max(10, places.size.bit_length()))
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum(places * powers[: places.size])])
    spans: Words = (prefix[ends] - prefix[begins]) * inverses[begins]
    return spans


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[Words, Words]:
    inverse = pow(_BASE, -1, 1 << 64)
    both = []
    for base in (_BASE, inverse):
        steps = np.full(count, base, np.uint64)
        steps[0] = 1
        both.append(np.cumprod(steps))
    return both[0], both[1]


def _bucket(hashed: Words, kind: int, bits: int) -> NDArray[np.int64]:
    mixed = (hashed ^ (hashed >> np.uint64(31)) ^ np.uint64(kind)) * _MIX
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)
