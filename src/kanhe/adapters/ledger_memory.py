"""What a key has signed last, remembered beside it, lest an older copy be taken for the ledger.

A directory that was put back from a backup is whole and well signed; going on from it would sign a
second history under the same name. Only somebody who has seen the newer one can tell: a witness,
or this file. It is written after the checkpoint, so it never knows of more than there was.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from kanhe.errors import LedgerError
from kanhe.ledger.checkpoint import Checkpoint

_log = logging.getLogger(__name__)


class SignedMemory:
    """The number of entries that a key has signed, in a file of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self) -> int:
        """Give the number of entries signed last; 0 if none is known.

        Raises:
            LedgerError: The file cannot be read, or holds no number.
        """
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise LedgerError(
                f"{self._path} does not tell how many entries were signed: {error}",
                advice="Remove it if you are certain that the ledger is the newest there is.",
            ) from error

    def keep(self, signed: Checkpoint) -> None:
        """Remember a checkpoint; a failure is told in the log and hurts nothing but the memory."""
        aside = self._path.with_name(self._path.name + ".new")
        try:
            aside.write_text(f"{signed.size}\n", encoding="ascii")
            os.replace(aside, self._path)
        except OSError as error:
            _log.warning("what was signed last cannot be remembered: %s", error)
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)

    def require(self, size: int, directory: Path) -> None:
        """Refuse a ledger that has fewer entries than the key has signed.

        Raises:
            LedgerError: It is an older copy, or it was cut.
        """
        last = self.last()
        if size < last:
            raise LedgerError(
                f"the ledger in {directory} has {size} entries, but its key has signed {last}",
                advice="Put the newest copy back. If it is lost, move the key away: a new ledger "
                "then begins under a new key, and nobody takes it for the old one.",
            )
