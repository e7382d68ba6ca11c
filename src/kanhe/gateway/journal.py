"""What an exchange writes down: entries of the ledger, and counts of findings."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping

from kanhe.gateway.check import Noticed
from kanhe.gateway.wire import Json
from kanhe.ledger.log import Ledger

_log = logging.getLogger(__name__)


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

    def submit(self, tag: str, facts: Mapping[str, Json]) -> asyncio.Future[int]:
        """Hand an entry over; the future is done once it is durable."""
        self.entries[tag] += 1
        future = self._ledger.submit(tag, facts)
        future.add_done_callback(self._settled)
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

    def noticed(self, noticed: Iterable[Noticed], side: str) -> None:
        """Count findings."""
        for one in noticed:
            rule = one.finding.rule
            self.findings[rule.id, rule.category, rule.action, rule.mode, side] += 1
