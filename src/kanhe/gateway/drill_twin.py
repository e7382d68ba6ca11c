"""What a drill puts in the place of the outside: a ledger, a model and judges in memory.

They keep the ports' contracts and touch nothing: an exchange cannot tell them from the real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime

from kanhe.errors import KanheError, LedgerUnwritable
from kanhe.gateway.journal import Journal
from kanhe.judge.port import Answer, JudgeId, Opinion, Question
from kanhe.ledger.entry import Entry, Json, decode, encode
from kanhe.model import Call, Reply
from kanhe.policy.rule import Judged, Rule


class LedgerTwin:
    """A `Ledger` in memory; where it is not `writable`, submits fail as on a full disk."""

    def __init__(self, clock: Callable[[], datetime], *, writable: bool = True) -> None:
        self.raw: list[bytes] = []
        self._clock = clock
        self._writable = writable

    @property
    def entries(self) -> list[Entry]:
        """What was recorded."""
        return [decode(raw) for raw in self.raw]

    @property
    def size(self) -> int:
        """How many entries were recorded."""
        return len(self.raw)

    def submit(self, tag: str, facts: Mapping[str, Json]) -> asyncio.Future[int]:
        """Take an entry; it is recorded once the loop has turned, as on a disk."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        loop.call_soon(self._settle, encode(tag, self._clock(), facts), future)
        return future

    async def append(self, tag: str, facts: Mapping[str, Json]) -> int:
        """Record an entry."""
        return await self.submit(tag, facts)

    async def aclose(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _settle(self, entry: bytes, future: asyncio.Future[int]) -> None:
        if self._writable:
            self.raw.append(entry)
        if future.done():
            return
        if self._writable:
            future.set_result(len(self.raw) - 1)
        else:
            why = "this ledger cannot be written: it is a drill"
            future.set_exception(LedgerUnwritable(why, advice="Nothing is to be done."))


class QuietJournal(Journal):
    """A `Journal` that does not log what a drill brings about on purpose."""

    def _settled(self, future: asyncio.Future[int]) -> None:
        if not future.cancelled() and future.exception():
            self.lost += 1


class ModelTwin:
    """A `Model` that answers every call with the same reads; an error among them is raised."""

    def __init__(self, content_type: str, reads: Sequence[bytes | KanheError]) -> None:
        self.replies: list[ReplyTwin] = []
        self._made = (content_type, reads)

    async def call(self, call: Call) -> Reply:
        """Begin an answer."""
        self.replies.append(ReplyTwin(*self._made))
        return self.replies[-1]

    async def ready(self) -> bool:
        """Say that it can be called."""
        return True

    async def aclose(self) -> None:
        """Do nothing: there is nothing to give back."""


class ReplyTwin:
    """A `Reply` that gives what it was made with."""

    def __init__(self, content_type: str, reads: Sequence[bytes | KanheError]) -> None:
        self.status = 200
        self.content_type = content_type
        self.closed = False
        self._reads = reads

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the reads, up to the error among them."""
        for read in self._reads:
            if isinstance(read, KanheError):
                raise read
            yield read

    async def close(self) -> None:
        """Note that the answer was dropped."""
        self.closed = True


class JudgesTwin:
    """`Judges` that find nothing in anything, whatever `rules` ask them for.

    Words that mean nothing are nothing for a judge: what the real ones think of them says neither
    whether they work nor whether the gateway does, and a remote one would be paid for it.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        asked = [rule.matcher.over for rule in rules if isinstance(rule.matcher, Judged)]
        self._nothing = Opinion(0.0, {category: 0.0 for over in asked for category, _ in over})

    @property
    def ids(self) -> Mapping[str, JudgeId]:
        """Name nobody: no record is held against a twin."""
        return {}

    async def ask(
        self, judge: str, questions: Sequence[Question], within_s: float
    ) -> Sequence[Answer]:
        """Find nothing."""
        return [self._nothing for _ in questions]
