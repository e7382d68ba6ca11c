"""In-memory twins of our ports, for tests; each keeps the contract of the adapter it stands for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

from kanhe.errors import LedgerUnwritable, UpstreamError
from kanhe.ledger.entry import Entry, Json, decode, encode
from kanhe.model import Call, Reply
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


class ScriptedReply:
    """A `Reply` that gives what it was told to: bytes, errors to raise, events to wait for."""

    def __init__(self, script: tuple[object, ...], status: int, content_type: str) -> None:
        self.status = status
        self.content_type = content_type
        self.closed = asyncio.Event()
        self.read = 0
        self._script = script

    async def chunks(self) -> AsyncIterator[bytes]:
        for step in self._script:
            if self.closed.is_set():
                raise UpstreamError("the answer was dropped", advice="")
            match step:
                case bytes():
                    self.read += 1
                    yield step
                case asyncio.Event():
                    await self._wait(step)
                case BaseException():
                    raise step
        await asyncio.sleep(0)

    async def _wait(self, event: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(one.wait()) for one in (event, self.closed)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self.closed.is_set():
            raise UpstreamError("the answer was dropped", advice="")

    async def close(self) -> None:
        self.closed.set()


class ScriptedModel:
    """A `Model` that answers each call with one script; `calls` and `replies` tell what came.

    An error in place of a script is raised by the call itself, an event is waited for before it.
    """

    def __init__(
        self, *script: object, status: int = 200, content_type: str = "text/event-stream"
    ) -> None:
        self.calls: list[Call] = []
        self.replies: list[ScriptedReply] = []
        self.before: asyncio.Event | BaseException | None = None
        self._made = (script, status, content_type)

    async def call(self, call: Call) -> Reply:
        self.calls.append(call)
        if isinstance(self.before, BaseException):
            raise self.before
        if self.before:
            await self.before.wait()
        self.replies.append(ScriptedReply(*self._made))
        return self.replies[-1]

    async def ready(self) -> bool:
        return True

    async def aclose(self) -> None:
        for reply in self.replies:
            await reply.close()


class PlainNaming:
    """A `Naming` that hides nothing and counts."""

    def __init__(self) -> None:
        self.decisions = 0
        self.committed: list[bytes] = []

    def decision(self) -> str:
        self.decisions += 1
        return f"d{self.decisions}"

    def person(self, application: str, user: str) -> str:
        return f"p-{application}-{len(user)}"

    def commitment(self, decision: str, text: bytes) -> str:
        self.committed.append(text)
        return f"c-{decision}"
