"""In-memory twins of our ports, for tests; each keeps the contract of the adapter it stands for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from kanhe.errors import LedgerUnwritable
from kanhe.ledger.entry import Entry, Json, decode, encode
from kanhe.people.strikes import NONE, StrikeRule, Strikes, clean, struck, suspended_until


class MemoryLedger:
    """A `Ledger` that keeps its entries in a list.

    While `unwritable` holds a reason, what is submitted fails with it, as on a full disk.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.raw: list[bytes] = []
        self.unwritable: str | None = None
        self._clock = clock or (lambda: datetime(2026, 11, 1, tzinfo=UTC))

    @property
    def entries(self) -> list[Entry]:
        return [decode(raw) for raw in self.raw]

    @property
    def tags(self) -> list[str]:
        return [entry.tag for entry in self.entries]

    @property
    def size(self) -> int:
        return len(self.raw)

    def submit(self, tag: str, facts: Mapping[str, Json]) -> asyncio.Future[int]:
        entry = encode(tag, self._clock(), facts)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        # Not at once: on a disk nothing is durable before the loop has turned.
        loop.call_soon(self._settle, entry, future)
        return future

    async def append(self, tag: str, facts: Mapping[str, Json]) -> int:
        return await self.submit(tag, facts)

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.unwritable = "it is closed"

    def _settle(self, entry: bytes, future: asyncio.Future[int]) -> None:
        if self.unwritable:
            error = LedgerUnwritable(f"the ledger cannot be written: {self.unwritable}", advice="")
            if not future.done():
                future.set_exception(error)
            return
        self.raw.append(entry)
        if not future.done():
            future.set_result(len(self.raw) - 1)


class MemoryStrikes:
    """A `StrikeBook` that forgets when it goes."""

    def __init__(self, rule: StrikeRule) -> None:
        self.records: dict[str, Strikes] = {}
        self._rule = rule

    def suspended_until(self, who: str, now: datetime) -> datetime | None:
        return suspended_until(self.records.get(who, NONE), now)

    def struck(self, who: str, now: datetime) -> datetime | None:
        self.records[who] = struck(self.records.get(who, NONE), self._rule, now)
        return suspended_until(self.records[who], now)

    def clean(self, who: str) -> None:
        if who in self.records:
            self.records[who] = clean(self.records[who])
