"""The page of the panel: answers on which two differ, with what both said, decided with a reason.

Nobody decides about an answer that they judged, and nobody is told who said what. Who decided may
take their last decision back; both stand in the history.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Permission
from kanhe.console import assess_people_data as data_of
from kanhe.console.asked import Fault
from kanhe.console.assess_judge import (
    keep,
    mine,
    note_of,
    read,
    seconds,
    sitting_of,
    store_of,
    who_of,
)
from kanhe.console.render import answer, console_of, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.ledger.entry import Json
from kanhe.terms import Text

CHOOSE = Text("请选择一项理由。", "Choose one of the reasons.")


async def next_dispute(request: Request) -> Response:
    """`GET /by-hand/RUN/panel`: the next answer that waits for the panel."""
    return await _page(request)


async def _page(request: Request, faults: tuple[Fault, ...] = ()) -> Response:
    (name, found), store, who = await sitting_of(request), store_of(request), who_of(request)
    risks = console_of(request).served.regime.risks

    def told() -> dict[str, Json]:
        number = found.next_dispute(who)
        one = None if number is None else store.shown(name, number)
        return {
            "run": mine(store, name, who),
            "item": data_of.item(one, risks) if one else None,
            "both": [] if number is None else data_of.both(found.both(number)),
            "choices": data_of.offered(one, panel=True) if one else [],
            "decided": data_of.decided(found, who),
            "undo": found.last(who, panel=True) is not None,
        }

    data = await asyncio.to_thread(told)
    return answer(
        request, "by_hand_panel.html", data, faults=faults, shown_at=seconds(request),
        note=note_of(request), status=422 if faults else 200,
    )  # fmt: skip


async def decide(request: Request) -> Response:
    """`POST /by-hand/RUN/panel`: decide a dispute, and go on to the next."""
    name, _ = await sitting_of(request)
    given = await read(request, name, await request.form(), panel=True)
    if given is None:
        return await _page(request, (Fault("said", CHOOSE),))
    return await keep(request, name, f"/by-hand/{name}/panel", given)


async def undo(request: Request) -> Response:
    """`POST /by-hand/RUN/panel/undo`: take the last decision back; its answer waits again."""
    name, _ = await sitting_of(request)
    take_back, now = store_of(request).take_back, console_of(request).clock()
    taken = await asyncio.to_thread(take_back, name, who_of(request), now, panel=True)
    note = "" if taken is None else "?note=back"
    return RedirectResponse(url_of(request, f"/by-hand/{name}/panel{note}"), 303)


ROUTES = (
    ConsoleRoute("/by-hand/{run}/panel", next_dispute, Permission.ADJUDICATE, twin=True),
    ConsoleRoute("/by-hand/{run}/panel", decide, Permission.ADJUDICATE, ("POST",)),
    ConsoleRoute("/by-hand/{run}/panel/undo", undo, Permission.ADJUDICATE, ("POST",)),
)
