"""The second stage: the mean of a vector for each n-gram, and a small head over it.

The vectors are distilled from the tower: they were fitted to what it says of a text, so that a
lookup stands in for it where the case is clear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.head import Floats, Head
from kanhe.judge.ngram import Grams, totals


@dataclass(frozen=True, slots=True)
class Static:
    """Vectors by bucket.

    Attributes:
        table: `(1 << bits) + 1` × dimensions; the last row is zero.
        scale: What 1 in the table stands for.
    """

    table: NDArray[np.int8]
    scale: float
    head: Head

    def logits(self, found: Grams) -> Floats:
        """Give texts × outputs."""
        sums = totals(found, self.table).astype(np.float32)
        return self.head.logits(sums * (found.weights[:, None] * np.float32(self.scale)))


@dataclass(frozen=True, slots=True)
class Linear:
    """The first stage: one number for each n-gram, and their sum.

    Attributes:
        table: `(1 << bits) + 1` numbers; the last one is zero.
        scale: What 1 in the table stands for.
    """

    table: NDArray[np.int8]
    scale: float
    shift: float

    def logits(self, found: Grams) -> Floats:
        """Give one number for each text."""
        sums = totals(found, self.table).astype(np.float32)
        logits: Floats = sums * found.weights * np.float32(self.scale) + np.float32(self.shift)
        return logits
