"""When drills are held: at the start, once a day, and soon after the rules have changed.

An outcome that could not be recorded is no drill: it is held again at the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from kanhe.errors import KanheError
from kanhe.gateway.drill import Drilled
from kanhe.gateway.wire import Json

LOOK_S = 60.0
"""Seconds between looks at whether a drill is due."""

DAY_S = 86_400.0

_log = logging.getLogger(__name__)


class Drills:
    """Holds drills and records what comes of them. Use it from one event loop.

    Args:
        hold: Runs one drill with the rules in force.
        version: Gives the version of the rules in force.
        record: Puts an outcome on the ledger.
    """

    def __init__(
        self,
        hold: Callable[[], Awaitable[Drilled]],
        version: Callable[[], str],
        record: Callable[[Mapping[str, Json]], Awaitable[int]],
    ) -> None:
        self._hold, self._version, self._record = hold, version, record
        self._last: tuple[float, str] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def run(self) -> Drilled:
        """Hold a drill now, and record its outcome.

        Raises:
            LedgerUnwritable: It could not be recorded.
        """
        found = await self._hold()
        if not found.clean:
            _log.error("the guard did not pass its own drill: %s", found)
        await self._record(found.facts())
        self._last = asyncio.get_running_loop().time(), found.ruleset
        return found

    async def look(self) -> bool:
        """Hold a drill if one is due; say whether one was held."""
        if self._last and not self._is_due(*self._last):
            return False
        try:
            await self.run()
        except KanheError as error:
            _log.error("the drill is not on record: %s", error)
            return False
        return True

    def _is_due(self, held: float, ruleset: str) -> bool:
        return asyncio.get_running_loop().time() - held >= DAY_S or self._version() != ruleset

    def watch(self) -> None:
        """Begin to look whether a drill is due, once a minute."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def aclose(self) -> None:
        """Hold no more drills."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
