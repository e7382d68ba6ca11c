"""A ledger's directory as it is read: by the commands, over HTTP, and beside a running writer.

No lock is taken: what is published never changes, and a reader that was overtaken by the writer
looks again. Refused: names that are not those of the log's own files.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kanhe.adapters.ledger_journal import waiting
from kanhe.errors import LedgerBroken
from kanhe.ledger import tile
from kanhe.ledger.log import Read
from kanhe.ledger.note import VerifierKey
from kanhe.ledger.reading import Log
from kanhe.ledger.tile import CHECKPOINT
from kanhe.ledger.verification import head

JOURNAL = "journal"


def read_from(directory: Path, name: str) -> bytes | None:
    """Give a file of the log by its C2SP name; None for what is not there or is no such name."""
    if name != CHECKPOINT and tile.parse_name(name) is None:
        return None
    try:
        return (directory / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise


def reader(directory: Path) -> Read:
    """Give the port through which the log in `directory` is read."""
    return partial(read_from, directory)


def entries_from(directory: Path, key: VerifierKey, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield all durable entries from `start` on, published or still in the journal, with indices.

    Raises:
        LedgerBroken: Entries are missing.
        LedgerError: The checkpoint is missing or not signed by `key`.
    """
    read, index = reader(directory), start
    while True:
        size = head(read, key).checkpoint.size
        for entry in Log(read, size).entries(index):
            yield index, entry
            index += 1
        try:
            for batch in waiting(directory / JOURNAL, index):
                for entry in batch.entries:
                    yield index, entry
                    index += 1
            return
        except (LedgerBroken, FileNotFoundError):
            # The writer may have published and dropped this part just now: if so, look there.
            if head(read, key).checkpoint.size == size:
                raise
