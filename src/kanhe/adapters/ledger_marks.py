"""The state of a ledger's final files as the disk tells it, so that an altered one is noticed.

What is full never changes again: another size, time or place on the disk means that somebody wrote
there, and the file has to be proven anew. It is no proof by itself: whoever can set the clock and
the times of files can deceive it, which is why a fresh process proves everything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from kanhe.ledger.tile import Tile

_State: TypeAlias = tuple[int, int, int, int] | None


class Marks:
    """Full tiles and bundles, as they were just before they were read."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[Tile, tuple[str, _State]] = {}

    def mark(self, at: Tile) -> None:
        """Remember the state of a file; call it before the file is read."""
        path = f"{self._directory}/{at.name}"
        self._known[at] = path, _state(path)

    def altered(self) -> Iterator[Tile]:
        """Yield each file whose state is another one than when it was marked."""
        for at, (path, state) in self._known.items():
            if _state(path) != state:
                yield at


def _state(path: str) -> _State:
    try:
        found = os.stat(path)
    except OSError:
        return None
    # The time of change cannot be set back by `touch`, the time of modification can.
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
