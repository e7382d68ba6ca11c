"""A text without its disguises, as code points: what every stage of the embedded judge reads.

One table folds one code point to one: width, look-alikes, traditional for simplified; what takes no
room of its own is dropped. The table is data beside the weights, so that another Python with
another Unicode reads a text exactly as the training did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

COVERED = 0x20000
"""Code points from here on stand for themselves, but for tags: they are rare Chinese characters."""

_DROPPED = 0
_TAGS = 0xE0000, 0xE1000
"""Tags and variation selectors, which take no room either."""
_LONE = 0xFFFD


@dataclass(frozen=True, slots=True)
class Plain:
    """The tables.

    Attributes:
        cased: What each code point below `COVERED` reads as; 0 where it is not read at all.
        lower: The same without regard to case.
    """

    cased: Codes
    lower: Codes

    def codes(self, text: str) -> Codes:
        """Give the code points that a text reads as, case kept; lone surrogates read as U+FFFD."""
        raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        if raw.size and int(raw.max()) >= COVERED:
            read = raw.copy()
            covered = raw < COVERED
            read[covered] = self.cased[raw[covered]]
            read[(raw >= _TAGS[0]) & (raw < _TAGS[1])] = _DROPPED
        else:
            read = self.cased[raw]
        seen: Codes = read[read != _DROPPED]
        return seen

    def lowered(self, codes: Codes) -> Codes:
        """Give code points that were read without regard to case."""
        if codes.size and int(codes.max()) >= COVERED:
            return np.where(codes < COVERED, self.lower[np.minimum(codes, COVERED - 1)], codes)
        return np.take(self.lower, codes)


def text_of(codes: Codes) -> str:
    """Give code points as a text again."""
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def plain_of(fold: NDArray[np.uint32]) -> Plain:
    """Take the two tables as they are kept: a row each, of `COVERED` entries."""
    fold = fold.copy()
    # Surrogates cannot be decoded again, whatever the table says.
    fold[:, 0xD800:0xE000] = _LONE
    return Plain(fold[0], fold[1])
