"""The pages on assessments: which runs there are and when the next is due; one run, as it goes.

A run is begun and stopped at the machine, by a command that these pages name; here it is watched.
While it goes, no figure of it is shown: whoever sees a rate half way may stop where it looks best.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Protocol, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kanhe.accounts.account import Permission
from kanhe.console import assess_list
from kanhe.console.assess_data import Assessments, AssessServed, Going, Listed, RunSeen
from kanhe.console.render import Entry, answer, console_of, language_of
from kanhe.console.route import ConsoleRoute
from kanhe.errors import KanheError
from kanhe.ledger.entry import Json

ENTRY = Entry("/assess", "Assessment", "a", Permission.ASSESS, ("/by-hand",))

EVERY_S = 0.5
"""Seconds between two looks at a run; as often as it writes down how far it is."""

LONGEST_S = 600.0
"""After so long the stream ends, and whoever still may read connects again."""

_BEATS = 30


class _Stopping(Protocol):
    """What the live page asks of the running system beside `AssessServed`."""

    @property
    def stopping(self) -> asyncio.Event: ...


def assessments(request: Request) -> Assessments:
    """Give the runs of the service; the system serves all ports, a page asks for its own."""
    return cast("AssessServed", console_of(request).served).assessments


async def listed(request: Request) -> Response:
    """`GET /assess`: the runs, what came of them, and when the next one is due."""
    now = console_of(request).clock()
    port = assessments(request)

    def told() -> Mapping[str, Json]:
        runs = port.runs()
        return {
            "runs": [assess_list.row(one, now) for one in runs],
            "due": assess_list.schedule(runs, now),
        }

    return answer(request, "assess.html", await asyncio.to_thread(told))


async def the_run(request: Request) -> RunSeen:
    """Give the run that an address names.

    Raises:
        HTTPException: There is none.
        KanheError: Its files say nothing.
    """
    name = str(request.path_params["run"])
    found: Listed | None = await asyncio.to_thread(assessments(request).run, name)
    if found is None:
        raise HTTPException(404)
    if not isinstance(found, RunSeen):
        raise KanheError(found.what, advice=found.advice)
    return found


async def run(request: Request) -> Response:
    """`GET /assess/runs/RUN`: how far it is, by which plan it goes, where its evidence is."""
    seen, now = await the_run(request), console_of(request).clock()
    data = {"run": assess_list.row(seen, now), "plan": assess_list.plan(seen.plan)}
    said = words(request, seen.going, now)
    return answer(request, "assess_run.html", data, said=said)


async def live(request: Request) -> Response:
    """`GET /assess/runs/RUN/live`: events `going`, as the run goes."""
    seen = await the_run(request)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(
        _events(request, seen.name), media_type="text/event-stream", headers=headers
    )


async def _events(request: Request, name: str) -> AsyncIterator[str]:
    stopping = cast("_Stopping", console_of(request).served).stopping
    port, before = assessments(request), ""
    yield "retry: 2000\n\n"
    for beat in range(int(LONGEST_S / EVERY_S)):
        found = await asyncio.to_thread(port.going, name)
        told = words(request, found, console_of(request).clock())
        # JSON writes no line break, so that no text can begin an event of its own.
        event = f"event: going\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
        if event != before:
            yield event
            before = event
        if beat % _BEATS == _BEATS - 1:
            yield ": still here\n\n"
        if await _stops(stopping):
            return


async def _stops(stopping: asyncio.Event) -> bool:
    """Wait for the next look; say whether the service is to stop before it."""
    try:
        await asyncio.wait_for(stopping.wait(), EVERY_S)
    except TimeoutError:
        return False
    return True


def words(request: Request, going: Going | None, now: datetime) -> dict[str, Json]:
    """Say how far a run is in the reader's language: what the page and its stream both show."""
    state = assess_list.state(going, now)
    catalogue, language = console_of(request).catalogue, language_of(request)
    return assess_list.words(going, state, catalogue, language)


ROUTES = (
    ConsoleRoute("/assess", listed, Permission.ASSESS, twin=True),
    ConsoleRoute("/assess/runs/{run}", run, Permission.ASSESS, twin=True),
    ConsoleRoute("/assess/runs/{run}/live", live, Permission.ASSESS),
)
