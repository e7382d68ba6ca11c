"""The ports of the ledger: what callers ask of whoever keeps it, and how it is read back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from kanhe.ledger.entry import Json

Read: TypeAlias = Callable[[str], bytes | None]
"""Give the content of a file of the log by its C2SP name (`checkpoint`, `tile/…`); None: not there.

A directory, an HTTP address and a dictionary can all be read so."""


class Ledger(Protocol):
    """An append-only record. All its methods are called from one event loop."""

    def submit(self, tag: str, facts: Mapping[str, Json]) -> asyncio.Future[int]:
        """Hand over an entry and return at once; entries keep the order of the calls.

        Returns:
            A future of the entry's index, counted from 0, done once the entry is durable. It fails
            with LedgerUnwritable where the entry could not be made durable; the entry then does
            not count as recorded. Cancelling it does not take the entry back.

        Raises:
            ValueError: Tag or facts are none that the ledger can hold (see `entry.encode`).
        """
        ...

    async def append(self, tag: str, facts: Mapping[str, Json]) -> int:
        """Record an entry; return its index once it is durable.

        Raises:
            LedgerUnwritable: The entry could not be made durable.
            ValueError: Tag or facts are none that the ledger can hold.
        """
        ...

    @property
    def size(self) -> int:
        """How many entries are durable."""
        ...

    async def aclose(self) -> None:
        """Finish what was submitted and give everything back; later submits fail. Idempotent."""
        ...
