"""What an exchange writes down: entries of the ledger, and counts of findings."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from kanhe.gateway.check import Noticed
from kanhe.gateway.wire import Json
from kanhe.ledger.log import Ledger

_log = logging.getLogger(__name__)

TOLD = frozenset(
    {
        "gateway:prompt:refused",
        "gateway:user:refused",
        "gateway:answer:stopped",
        "gateway:answer:failed",
    }
)
"""What people who watch are told of one by one; the rest is counted."""

_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Told:
    """Something that has just been put on the ledger; `number` counts on from 1 in this process."""

    number: int
    index: int
    tag: str
    facts: Mapping[str, Json]


class Journal:
    """The ledger as an exchange uses it, and the counts that operators watch."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.findings: Counter[tuple[str, str, str, str, str]] = Counter()
        """By rule, category, action, mode and side."""
        self.entries: Counter[str] = Counter()
        """By tag."""
        self.lost = 0
        """Ends of exchanges that could not be recorded."""
        self._told: deque[Told] = deque(maxlen=_REMEMBERED)
        self._number = 0

    def submit(self, tag: str, facts: Mapping[str, Json]) -> asyncio.Future[int]:
        """Hand an entry over; the future is done once it is durable."""
        self.entries[tag] += 1
        future = self._ledger.submit(tag, facts)
        future.add_done_callback(self._settled)
        if tag in TOLD:
            future.add_done_callback(partial(self._tell, tag, facts))
        return future

    async def durable(self, tag: str, facts: Mapping[str, Json]) -> None:
        """Record an entry; return once it is durable.

        Raises:
            LedgerUnwritable: It could not be made durable.
        """
        await self.submit(tag, facts)

    def _settled(self, future: asyncio.Future[int]) -> None:
        if not future.cancelled() and (error := future.exception()):
            self.lost += 1
            _log.error("an entry could not be recorded: %s", error)

    def told(self, after: int) -> tuple[Told, ...]:
        """Give what was put on the ledger after the one with that number, as far as remembered."""
        return tuple(one for one in self._told if one.number > after)

    def _tell(self, tag: str, facts: Mapping[str, Json], future: asyncio.Future[int]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._number += 1
            self._told.append(Told(self._number, future.result(), tag, facts))

    def noticed(self, noticed: Iterable[Noticed], side: str) -> None:
        """Count findings."""
        for one in noticed:
            rule = one.finding.rule
            self.findings[rule.id, rule.category, rule.action, rule.mode, side] += 1
