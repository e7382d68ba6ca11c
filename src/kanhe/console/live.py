"""What happens now, as server-sent events: counts once a second, stops one by one.

The reader's browser connects again by itself and says how far it has read. A stream ends when the
service is told to stop, so that nobody's page keeps it from ending, and when the session does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Protocol, cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kanhe.accounts.account import Permission
from kanhe.console.render import allowed, console_of
from kanhe.console.route import ConsoleRoute
from kanhe.gateway.journal import Told
from kanhe.ledger.entry import Json

EVERY_S = 1.0
"""Seconds between two looks at the counts."""

LONGEST_S = 600.0
"""After so long the stream ends, and whoever still may read connects again."""

_BEATS = 15
_SHOWN = ("decision", "rule", "category", "severity", "surface", "folds", "app", "model", "code",
          "until", "judged")  # fmt: skip


class LiveServed(Protocol):
    """What this page asks of the running system beside `Served`."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Entries that the gateway has written since the start, by tag."""
        ...

    def told(self, after: int) -> tuple[Told, ...]:
        """Give the stops after the one with that number."""
        ...

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the service is told to stop."""
        ...


async def live(request: Request) -> Response:
    """`GET /live`: events `counts` and, for who may see them, `decision`."""
    served = cast("LiveServed", console_of(request).served)
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else None
    stops = allowed(request, Permission.DECISIONS)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    events = _events(served, after, stops=stops)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(served: LiveServed, after: int | None, *, stops: bool) -> AsyncIterator[str]:
    latest = max((one.number for one in served.told(0)), default=0)
    # A number from before a restart is ahead of ours: such a reader starts with what is next.
    read = latest if after is None or after > latest else after
    before: Mapping[str, int] | None = None
    yield "retry: 2000\n\n"
    for beat in range(int(LONGEST_S / EVERY_S)):
        counts = dict(served.counts)
        if counts != before:
            yield _event("counts", {"entries": counts})
            before = counts
        for one in served.told(read):
            read = one.number
            if stops:
                yield _event("decision", told(one), number=one.number)
        if beat % _BEATS == _BEATS - 1:
            yield ": still here\n\n"
        if await _stops(served.stopping):
            return


async def _stops(stopping: asyncio.Event) -> bool:
    """Wait for the next look; say whether the service is to stop before it."""
    try:
        await asyncio.wait_for(stopping.wait(), EVERY_S)
    except TimeoutError:
        return False
    return True


def told(one: Told) -> dict[str, Json]:
    """Give a stop as it is told: facts of the ledger, no text and no pseudonym."""
    facts = {name: one.facts[name] for name in _SHOWN if name in one.facts}
    return {"index": one.index, "tag": one.tag, **facts}


def _event(name: str, data: Mapping[str, Json], *, number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    # JSON writes no line break, so that no text can begin an event of its own.
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


ROUTES = (ConsoleRoute("/live", live, Permission.STATUS),)
