"""A second process that hashes half of a ledger while the first one folds the rest.

For commands, which are alone in their process. A process with threads is never forked, and a
helper that dies or finds a fault leaves the naming of it to whoever asked.
"""

from __future__ import annotations

import multiprocessing
import threading
from functools import partial
from multiprocessing.connection import Connection

from kanhe.ledger.following import Elsewhere, Roots, roots_between
from kanhe.ledger.log import Read
from kanhe.ledger.tree import HASH_BYTES

_WORTH_IT = 200
"""Bundles from which on a fork costs less than it saves: some 50,000 entries."""

_PART = 0.6
"""What the helper takes: folding everything is the first one's work, and costs about as much."""


def shared(read: Read) -> Elsewhere:
    """Give what shares the work of `Following.follow` with a process of its own."""
    return partial(_begin, read)


def _begin(read: Read, start: int, stop: int) -> tuple[int, Roots]:
    if stop - start < _WORTH_IT or threading.active_count() > 1:
        return stop, list
    here = stop - int((stop - start) * _PART)
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    helper = fork.Process(target=_work, args=(read, here, stop, sender), daemon=True)
    helper.start()
    sender.close()

    def roots() -> list[bytes] | None:
        try:
            data = receiver.recv_bytes()
        except EOFError:
            data = b""
        receiver.close()
        helper.join()
        found = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
        return found if len(found) == stop - here else None

    return here, roots


def _work(read: Read, start: int, stop: int, sender: Connection) -> None:
    sender.send_bytes(b"".join(roots_between(read, start, stop) or []))
    sender.close()
