"""The pages on judging by hand: one answer at a time, blind; and how far people agree.

Who judges is shown what was asked, what was answered, and what is expected; no machine's verdict,
no other person's, and not by which route the answer came. Verdicts stand under the account's id in
the run's folder; in reports people are `p1`, `p2` and so on.
"""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Permission
from kanhe.adapters.assess_people_store import PeopleStore, Shown
from kanhe.assess.people import LONGEST_S, Judgement, Sitting
from kanhe.assess.people_figures import figures
from kanhe.assess.people_reason import read_choice
from kanhe.console import assess_people_data as data_of
from kanhe.console.asked import Fault
from kanhe.console.assess_people_data import ByHandServed
from kanhe.console.render import allowed, answer, console_of, person_of, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.shown import Data
from kanhe.errors import RequestError
from kanhe.ledger.entry import Json
from kanhe.terms import Text

CHOOSE = Text("请选择一项。", "Choose one of the answers.")
CONFLICT = 409
_NOTES = ("late", "back")


def store_of(request: Request) -> PeopleStore:
    """Give the runs that people judge; the system serves all ports, a page asks for its own."""
    return cast("ByHandServed", console_of(request).served).by_hand


def who_of(request: Request) -> str:
    """Give the id of whoever is signed in."""
    person = person_of(request)
    if person is None:
        raise HTTPException(403, "nobody is signed in")
    return person.id


async def sitting_of(request: Request) -> tuple[str, Sitting]:
    """Give the run that an address names, with all that was said of it."""
    name = str(request.path_params["run"])
    try:
        return name, await asyncio.to_thread(store_of(request).sitting, name)
    except RequestError as error:
        raise HTTPException(404, str(error)) from error


def mine(store: PeopleStore, name: str, who: str) -> Data:
    """Give a run with how far somebody is in it."""
    found = store.sitting(name)
    return data_of.mine(name, store.plan(name), found.progress(who), len(found.drawn.trials))


async def listed(request: Request) -> Response:
    """`GET /by-hand`: the runs that people judge, and how far one is in each."""
    store, who = store_of(request), who_of(request)

    def told() -> list[Json]:
        return [mine(store, name, who) for name in store.names()]

    return answer(request, "by_hand.html", {"runs": await asyncio.to_thread(told)})


async def next_one(request: Request) -> Response:
    """`GET /by-hand/RUN`: the answer to be judged next."""
    return await _page(request)


async def _page(request: Request, faults: tuple[Fault, ...] = ()) -> Response:
    (name, found), store, who = await sitting_of(request), store_of(request), who_of(request)
    risks = console_of(request).served.regime.risks

    def told() -> dict[str, Json]:
        number = found.next_number(who)
        one = None if number is None else store.shown(name, number)
        return {
            "run": mine(store, name, who),
            "item": data_of.item(one, risks) if one else None,
            "choices": data_of.offered(one, panel=False) if one else [],
            "undo": found.last(who) is not None,
        }

    # Thousands of verdicts are looked through: the gateway's answers need not wait for that.
    data = await asyncio.to_thread(told)
    return answer(
        request, "by_hand_judge.html", data, faults=faults, shown_at=seconds(request),
        note=note_of(request), status=422 if faults else 200,
    )  # fmt: skip


async def save(request: Request) -> Response:
    """`POST /by-hand/RUN`: keep what somebody says of an answer, and go on to the next."""
    name, _ = await sitting_of(request)
    form = await request.form()
    given = await read(request, name, form)
    if given is None:
        return await _page(request, (Fault("said", CHOOSE),))
    return await keep(request, name, f"/by-hand/{name}", given)


async def read(
    request: Request, name: str, form: FormData, *, panel: bool = False
) -> tuple[int, Judgement] | None:
    """Read a verdict from a form; None where it is none."""
    number = str(form.get("item", ""))
    if not (number.isascii() and number.isdecimal()):
        return None
    place = int(number[:9])
    store = store_of(request)
    try:
        shown: Shown = await asyncio.to_thread(store.shown, name, place)
        said, why = read_choice(str(form.get("said", "")), shown.expect, panel=panel)
    except RequestError:
        return None
    trial = store.sitting(name).drawn.trials[place]
    now = console_of(request).clock()
    took = _took(str(form.get("shown", "")), seconds(request))
    return place, Judgement(trial, who_of(request), said, why, took, now, panel)


def _took(began: str, now: int) -> int:
    took = now - int(began[:15]) if began.isascii() and began.isdecimal() else 0
    return min(max(took, 0), LONGEST_S)


async def keep(
    request: Request, name: str, path: str, given: tuple[int, Judgement]
) -> RedirectResponse:
    """Keep a verdict and lead on; where somebody was quicker, say so."""
    try:
        await asyncio.to_thread(store_of(request).add, name, *given)
    except RequestError as error:
        if error.status != CONFLICT:
            raise
        # Pressed twice, or somebody was quicker: nothing is lost, and the next one is at hand.
        return RedirectResponse(url_of(request, f"{path}?note=late"), 303)
    return RedirectResponse(url_of(request, path), 303)


def seconds(request: Request) -> int:
    """Give the instant in whole seconds, as a form carries it."""
    return int(console_of(request).clock().timestamp())


def note_of(request: Request) -> str:
    """Give what the page before has to say, if it is one of ours."""
    note = request.query_params.get("note", "")
    return note if note in _NOTES else ""


async def undo(request: Request) -> Response:
    """`POST /by-hand/RUN/undo`: take the last verdict back; its answer comes again."""
    name, _ = await sitting_of(request)
    now = console_of(request).clock()
    taken = await asyncio.to_thread(store_of(request).take_back, name, who_of(request), now)
    note = "" if taken is None else "?note=back"
    return RedirectResponse(url_of(request, f"/by-hand/{name}{note}"), 303)


async def agreement(request: Request) -> Response:
    """`GET /by-hand/RUN/agreement`: how far people are and agree, and what waits for the panel.

    Whoever is in the middle of judging sees no figures: of few verdicts they give some away.
    """
    (name, found), store, who = await sitting_of(request), store_of(request), who_of(request)
    decides = allowed(request, Permission.ADJUDICATE)

    def told() -> dict[str, Json]:
        own = found.progress(who)
        busy = bool(own.done and own.left)
        return {
            "run": mine(store, name, who),
            "busy": busy,
            "yours": own.disputes if decides else 0,
            "found": None if busy else data_of.agreement(figures(found)),
        }

    return answer(request, "by_hand_agreement.html", await asyncio.to_thread(told))


ROUTES = (
    ConsoleRoute("/by-hand", listed, Permission.LABEL, twin=True),
    ConsoleRoute("/by-hand/{run}", next_one, Permission.LABEL, twin=True),
    ConsoleRoute("/by-hand/{run}", save, Permission.LABEL, ("POST",)),
    ConsoleRoute("/by-hand/{run}/undo", undo, Permission.LABEL, ("POST",)),
    ConsoleRoute("/by-hand/{run}/agreement", agreement, Permission.ASSESS, twin=True),
)
