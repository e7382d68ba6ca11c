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
_KIND = np.arange(1, KINDS + 1, dtype=np.uint64)[:, None]


def _letters() -> NDArray[np.bool_]:
    """Say of each code point below the Chinese ones whether it belongs to a word with edges."""
    found = np.zeros(_HAN_FROM + 1, np.bool_)
    for low, high in _ARE_WORDS:
        found[low : high + 1] = True
    return found


_IN_WORD = _letters()
"""The last entry stands for all code points from there on."""


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
    ends = np.cumsum(sizes)
    starts = ends - sizes
    places = np.full(int(sizes.sum()), _FRAME, np.uint64)
    for text, start in zip(texts, starts.tolist(), strict=True):
        places[start + 1 : start + 1 + text.size] = text
    found = np.full((KINDS, places.size), 1 << bits, np.int64)
    found[:CHARACTERS] = _bucket(_runs(places), _KIND[:CHARACTERS], bits)
    _close(found, ends, sizes)
    _words(places, ends, bits, found)
    return Grams(found, starts, (1 / np.sqrt(sizes)).astype(np.float32))


def totals(found: Grams, table: NDArray[np.int8]) -> NDArray[np.int64]:
    """Sum what a table has for the n-grams of each text.

    Args:
        found: Of the same bits as the table.
        table: `(1 << bits) + 1` rows; the last one, where no n-gram begins, is zero.

    Returns:
        Texts × columns, or one number for each text where the table has no columns.
    """
    if table.ndim == 1:
        sums = np.add.reduce(np.take(table, found.buckets), axis=0, dtype=np.int32)
    else:
        sums = np.zeros((found.buckets.shape[1], *table.shape[1:]), np.int32)
        for row in found.buckets:
            sums += np.take(table, row, axis=0)
    return np.add.reduceat(sums, found.starts, axis=0, dtype=np.int64)


def _runs(places: Words) -> Words:
    """Hash the runs of one to `CHARACTERS` characters that begin at each place."""
    n = places.size
    hashed = np.zeros((CHARACTERS, n), np.uint64)
    np.multiply(places, _STEP, out=hashed[0])
    for k in range(1, min(CHARACTERS, n)):
        longer = hashed[k, : n - k]
        np.add(hashed[k - 1, : n - k], places[k:], out=longer)
        longer *= _STEP
    return hashed


def _close(found: NDArray[np.int64], ends: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
    """Strike out the runs that would reach beyond the end of their text."""
    none = found[CHARACTERS, 0]
    for k in range(1, CHARACTERS):
        for back in range(1, k + 1):
            # A short text has no place so far back: that one belongs to its neighbour.
            found[k, (ends - back)[sizes >= back]] = none


def _words(
    places: Words, text_ends: NDArray[np.int64], bits: int, found: NDArray[np.int64]
) -> None:
    inside = np.take(_IN_WORD, np.minimum(places, _IN_WORD.size - 1).view(np.int64))
    # A text begins and ends with its frame, which is no letter: edges come in pairs.
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if not edges.size:
        return
    begins, ends = edges[::2], edges[1::2]
    hashed = _word_hashes(places, begins, ends)
    found[CHARACTERS, begins] = _bucket(hashed, _KIND[CHARACTERS, 0], bits)
    pairs = hashed[:-1] * _STEP + hashed[1:]
    owners = np.searchsorted(text_ends, begins, side="right")
    together = owners[1:] == owners[:-1]
    chosen = _bucket(pairs[together], _KIND[CHARACTERS + 1, 0], bits)
    found[CHARACTERS + 1, begins[:-1][together]] = chosen


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


def _bucket(hashed: Words, kind: Words | np.uint64, bits: int) -> NDArray[np.int64]:
    mixed = hashed >> np.uint64(31)
    mixed ^= hashed
    mixed ^= kind
    mixed *= _MIX
    mixed >>= np.uint64(64 - bits)
    return mixed.view(np.int64)
