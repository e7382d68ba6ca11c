"""The fold table that the embedded judge reads texts through, made from the rules' own folds."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.plain import COVERED
from kanhe.policy.fold import CharTable, Fold

_CASED = frozenset({Fold.WIDTH, Fold.INVISIBLE, Fold.TRADITIONAL, Fold.LOOKALIKES})
_SPACES = "\t\n\r\x0b\x0c\x85\u2028\u2029\u3000\u00a0"


@cache
def fold_table() -> NDArray[np.uint32]:
    """Give two rows, with and without case; a character that folds to several stays as it is."""
    cased, lower = CharTable(_CASED), CharTable(_CASED | {Fold.CASE})
    table = np.zeros((2, COVERED), np.uint32)
    for code in range(1, COVERED):
        char = chr(code)
        plain = " " if char in _SPACES else _one(cased[char], char)
        table[0, code] = ord(plain) if plain else 0
        small = _one(lower[plain], plain) if plain else ""
        table[1, code] = ord(small) if small else 0
    return table


def _one(folded: str, char: str) -> str:
    return folded if len(folded) <= 1 else char
