"""The status of the running service, kept until the ledger or the day changes.

Computed in a thread, by one caller at a time: those who ask meanwhile get the same answer. It
is kept for a second however fast the ledger grows, and never longer than a minute: evidence also
grows old by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kanhe.adapters.ledger_view import LedgerView
from kanhe.law.regime import Regime
from kanhe.status.compute import compute, latest_answers
from kanhe.status.determination import Determination
from kanhe.status.picture import Sound
from kanhe.status.status import Status

_AT_LEAST_S = 1.0
_AT_MOST_S = 60.0

Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Kept:
    status: Status
    size: int
    day: date
    made_s: float


class LiveStatus:
    """The status under one regime.

    Args:
        regime: The law.
        view: The ledger.
        size: Tells how many entries are durable, at once.
        clock: Gives the instant, aware.
    """

    def __init__(
        self,
        regime: Regime,
        view: LedgerView,
        size: Callable[[], int],
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._regime, self._view, self._size, self._clock = regime, view, size, clock
        self._zone = ZoneInfo(regime.zone)
        self._kept: _Kept | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def known(self) -> Status | None:
        """The status computed last, however old; None before the first."""
        return self._kept.status if self._kept else None

    async def now(self) -> Status:
        """Give the status of now."""
        if kept := self._fresh():
            return kept.status
        async with self._one_at_a_time:
            if kept := self._fresh():
                return kept.status
            size, begun = self._size(), time.monotonic()
            status = await self.asked()
            day = status.at.astimezone(self._zone).date()
            self._kept = _Kept(status, size, day, begun)
            return status

    def forget(self) -> None:
        """Compute it anew when it is asked for next: something was recorded that must show."""
        self._kept = None

    async def asked(
        self, at: datetime | None = None, known: date | None = None, as_if: str | None = None
    ) -> Status:
        """Give the status at `at` by the law as one knew it on `known`; see `compute`."""
        moment = at or self._clock()
        picture = await asyncio.to_thread(self._view.picture, moment)
        answers = await asyncio.to_thread(self._latest) if at else None
        return await asyncio.to_thread(
            compute, self._regime, picture, at=moment, known=known, as_if=as_if, answers=answers
        )

    def _latest(self) -> Determination | None:
        return latest_answers(self._view.picture(self._clock()), self._regime)

    def _fresh(self) -> _Kept | None:
        kept = self._kept
        if kept is None:
            return None
        age_s = time.monotonic() - kept.made_s
        if age_s < _AT_LEAST_S:
            return kept
        day = self._clock().astimezone(self._zone).date()
        same = kept.size == self._size() and kept.day == day
        # Somebody may have looked since, and found that the record was altered without growing.
        same = same and isinstance(kept.status.soundness, Sound) == isinstance(
            self._view.soundness, Sound
        )
        return kept if same and age_s < _AT_MOST_S else None
