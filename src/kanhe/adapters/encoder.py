"""The multilingual sentence encoder as judges use it: a text's pieces, and a row of 512 for each.

What is made of the rows is arithmetic and stands in `judge/tower.py`. Here is what touches the
outside: the package's files (`encoder_files.py`) and the threads of the linear algebra.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kanhe.adapters.encoder_files import BLOCKS, EncoderFiles, encoder_files
from kanhe.adapters.pieces import Pieces


class Encoder:
    """The encoder's eyes. It keeps nothing of what it read and may be used by several threads."""

    def __init__(self, files: EncoderFiles) -> None:
        self.files = files
        self._pieces = Pieces(files.vocabulary)

    def ids(self, text: str) -> list[int]:
        """Spell a text in pieces, its beginning and its end; see `Pieces.ids`."""
        return self._pieces.ids(text)

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Look up a row of 512 for each piece, float32."""
        block = ids % BLOCKS
        rows = self.files.table[ids].astype(np.float32)
        rows *= self.files.scale[block, None]
        rows += self.files.low[block, None]
        return rows


def open_encoder(directory: Path | None) -> Encoder:
    """Open the encoder; `directory` is where it is kept unpacked, None keeps it in memory.

    From then on the whole process computes matrices on one thread.

    Raises:
        WeightsError: The package is missing, or not the one we know.
    """
    one_thread()
    return Encoder(encoder_files(directory))


@cache
def one_thread() -> None:
    """Let linear algebra compute on the thread that asks, for the life of the process.

    Its own threads wait for work by spinning, and would take the cores that serve requests; for
    matrices as small as ours they gain nothing.
    """
    threadpool_limits(limits=1, user_api="blas")
