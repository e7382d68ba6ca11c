"""Watching the status while the service runs: changes go on the ledger, and out by webhook.

A round looks at the ledger, brings the projection of decisions up to it, and computes the status
anew where something other than our own entries was added, the day has changed, or a minute has
passed. What we record of it is left out of that question, so that a change cannot cause another.
While the ledger does not add up, nothing is written about it; whoever listens is told. Once it
does again, it is put on record that it did not: what was altered may have been overwritten since,
and would leave no trace.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from kanhe.adapters.ledger_view import LedgerView
from kanhe.errors import KanheError, LedgerUnwritable
from kanhe.law.regime import Regime
from kanhe.ledger.entry import Json
from kanhe.ledger.log import Ledger
from kanhe.status.compute import compute
from kanhe.status.picture import Picture, Sound, Unsound
from kanhe.status.record import CHANGED, COMPUTED, DOUBTED
from kanhe.status.status import Status

_log = logging.getLogger(__name__)

EVERY_S = 3.0
_ANEW_S = 60.0
_AT_ONCE = 16_384
_PAUSE_S = 0.1
_OURS = "service:"

_Moment: TypeAlias = tuple[date, bool, int, int]
Standings: TypeAlias = Mapping[str, str]


class Listener(Protocol):
    """Who is told of changes; `tell` returns at once and never raises."""

    def tell(self, kind: str, facts: Mapping[str, Json]) -> None:
        """Take an event: its kind, e.g. `status.changed`, and its facts."""
        ...


class StatusWatch:
    """The watch of one service. `look` is one round; `watch` goes on with them."""

    def __init__(
        self,
        regime: Regime,
        view: LedgerView,
        ledger: Ledger,
        listeners: tuple[Listener, ...] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._regime, self._view, self._ledger = regime, view, ledger
        self._listeners, self._clock = listeners, clock
        self._zone = ZoneInfo(regime.zone)
        self._moment: _Moment | None = None
        self._computed_s = 0.0
        self._standings: Standings | None = None
        self._doubted: Unsound | None = None
        self._task: asyncio.Task[None] | None = None
        self.status: Status | None = None
        """The status of the last round that computed it."""

    def watch(self) -> None:
        """Begin to look, every few seconds."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def aclose(self) -> None:
        """Stop looking."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> bool:
        """Look once; say whether the status was computed."""
        now = self._clock()
        picture = await asyncio.to_thread(self._view.picture, now)
        await self._index()
        moment = self._of(picture, now)
        if moment == self._moment and time.monotonic() - self._computed_s < _ANEW_S:
            return False
        status = await asyncio.to_thread(compute, self._regime, picture, at=now)
        try:
            await self._tell(status, picture)
        except LedgerUnwritable as error:
            _log.error("a change of the status is not recorded yet: %s", error)
            return True  # the next round tries again
        self.status, self._moment, self._computed_s = status, moment, time.monotonic()
        return True

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except (KanheError, OSError) as error:
                _log.error("the status was not computed: %s", error)
            await asyncio.sleep(EVERY_S)

    async def _index(self) -> None:
        try:
            while True:
                if not await asyncio.to_thread(self._view.index, _AT_ONCE):
                    return
                # A large ledger takes some seconds of one core; answers come first.
                await asyncio.sleep(_PAUSE_S)
        except OSError as error:
            _log.warning("decisions cannot be searched: %s", error)

    def _of(self, picture: Picture, now: datetime) -> _Moment:
        """Give what a status depends on, our own entries left out."""
        day = now.astimezone(self._zone).date()
        others = {tag for tag in picture.counts if not tag.startswith(_OURS)}
        kept = sum(len(picture.all(tag)) for tag in others)
        return day, isinstance(picture.soundness, Sound), kept, len(others)

    async def _tell(self, status: Status, picture: Picture) -> None:
        if isinstance(status.soundness, Unsound):
            self._warn(status.soundness)
            return
        await self._trust_again()
        standings = {line.obligation.id: line.standing.value for line in status.lines}
        known = self._standings if self._standings is not None else recorded(picture, self._regime)
        changes = {one: (known[one], now) for one, now in standings.items()
                   if one in known and known[one] != now}  # fmt: skip
        numbers = [
            await self._ledger.append(CHANGED, self._change(one, before, after))
            for one, (before, after) in changes.items()
        ]
        self._standings = standings
        if changes:
            self._say("status.changed", {
                "regime": self._regime.id, "counts": _counts(status),
                "changes": [{**self._change(one, *pair), "entry": number}
                            for (one, pair), number in zip(changes.items(), numbers, strict=True)],
            })  # fmt: skip
        await self._heartbeat(status, picture, standings)

    def _change(self, obligation: str, before: str, after: str) -> dict[str, Json]:
        return {"regime": self._regime.id, "obligation": obligation, "before": before,
                "after": after}  # fmt: skip

    async def _heartbeat(self, status: Status, picture: Picture, standings: Standings) -> None:
        """Record once a day that somebody has looked, and what there was to see."""
        last = next(
            (one for one in reversed(picture.all(COMPUTED))
             if one.facts.get("regime") == self._regime.id), None,
        )  # fmt: skip
        if last and last.at.astimezone(self._zone).date() == status.day:
            return
        await self._ledger.append(COMPUTED, {
            "regime": self._regime.id, "edition": self._regime.version, "counts": _counts(status),
            "size": status.size, "standings": dict(standings),
        })  # fmt: skip

    def _warn(self, unsound: Unsound) -> None:
        if self._doubted is None:
            self._doubted = unsound
            _log.error("the ledger does not add up, nothing is known of any duty: %s", unsound.why)
            self._say("ledger.unsound", {"entry": unsound.index, "why": unsound.why})

    async def _trust_again(self) -> None:
        """Record that the ledger did not add up, and tell that it does; once, and in this order."""
        if self._doubted is None:
            return
        facts: dict[str, Json] = {"entry": self._doubted.index, "why": self._doubted.why}
        number = await self._ledger.append(DOUBTED, facts)
        _log.warning(
            "the ledger adds up again, and did not before (%s); see entry %d, and find out who "
            "changed it", self._doubted.why, number,
        )  # fmt: skip
        self._doubted = None
        self._say("ledger.sound", {**facts, "recorded": number})

    def _say(self, kind: str, facts: Mapping[str, Json]) -> None:
        for listener in self._listeners:
            listener.tell(kind, facts)


def recorded(picture: Picture, regime: Regime) -> Standings:
    """Give how duties stood by the last heartbeat and the changes since; empty if none is there."""
    found: dict[str, str] = {}
    since = -1
    for seen in reversed(picture.all(COMPUTED)):
        standings = seen.facts.get("standings")
        if seen.facts.get("regime") == regime.id and isinstance(standings, Mapping):
            found = {name: str(standing) for name, standing in standings.items()}
            since = seen.index
            break
    for seen in picture.all(CHANGED):
        if seen.index > since and seen.facts.get("regime") == regime.id:
            found[str(seen.facts.get("obligation"))] = str(seen.facts.get("after"))
    return found


def _counts(status: Status) -> dict[str, Json]:
    return {standing.value: number for standing, number in status.counts.items()}
