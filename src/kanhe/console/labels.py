"""The pages on labelling: one text at a time, blind; and how far people agree.

Who labels is shown the text, what it answers to, and the question; nothing else is read for them.
Who decides a dispute is shown no more. Labels stand under the account's id beside the ledger, which
gets counts when the task is closed.
"""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Permission
from kanhe.adapters.label_store import LabelStore
from kanhe.console import label_data
from kanhe.console.asked import Fault
from kanhe.console.render import allowed, answer, console_of, person_of, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import LabelsServed
from kanhe.errors import RequestError
from kanhe.judge.label_summary import summary
from kanhe.judge.labelling import LONGEST_S, Desk, Label, Said
from kanhe.ledger.entry import Json
from kanhe.terms import Text

_CHOOSE = Text("请选择一项。", "Choose one of the answers.")
_NOTES = ("late", "back")
_CONFLICT = 409


def _store(request: Request) -> LabelStore:
    # The system serves all these ports; a page asks for the one it needs.
    return cast("LabelsServed", console_of(request).served).labels


def _who(request: Request) -> str:
    person = person_of(request)
    if person is None:
        raise HTTPException(403, "nobody is signed in")
    return person.id


async def _desk(request: Request) -> Desk:
    name = str(request.path_params["task"])
    try:
        return await asyncio.to_thread(_store(request).desk, name)
    except RequestError as error:
        raise HTTPException(404, str(error)) from error


async def listed(request: Request) -> Response:
    """`GET /label`: the tasks, and how far one is in each."""
    store, who = _store(request), _who(request)

    def told() -> list[Json]:
        desks = [store.desk(task.name) for task in reversed(store.tasks())]
        return [label_data.mine(desk, who) for desk in desks]

    return answer(request, "labels.html", {"tasks": await asyncio.to_thread(told)})


async def next_one(request: Request) -> Response:
    """`GET /label/TASK`: the text to be labelled next."""
    return await _page(request)


async def next_dispute(request: Request) -> Response:
    """`GET /label/TASK/adjudicate`: the next text on which two differ, as blind as they were."""
    return await _page(request, adjudicates=True)


async def _page(
    request: Request, *, adjudicates: bool = False, faults: tuple[Fault, ...] = ()
) -> Response:
    desk, store, who = await _desk(request), _store(request), _who(request)

    def told() -> dict[str, Json]:
        number = desk.next_dispute(who) if adjudicates else desk.next_item(who)
        item = None if number is None else store.shown(desk.task.name, number)
        return {
            "task": label_data.mine(desk, who),
            "adjudicates": adjudicates,
            "item": label_data.item(item) if item else None,
            "choices": label_data.choices(desk.task),
            "undo": desk.last(who) is not None and not adjudicates,
        }

    # Thousands of labels are looked through: the gateway's answers need not wait for that.
    data = await asyncio.to_thread(told)
    now = int(console_of(request).clock().timestamp())
    note = request.query_params.get("note", "")
    return answer(
        request, "label.html", data, faults=faults, shown_at=now,
        note=note if note in _NOTES else "", status=422 if faults else 200,
    )  # fmt: skip


async def save(request: Request) -> Response:
    """`POST /label/TASK`: keep what somebody says of a text, and go on to the next."""
    return await _save(request, adjudicates=False)


async def decide(request: Request) -> Response:
    """`POST /label/TASK/adjudicate`: decide a dispute."""
    return await _save(request, adjudicates=True)


async def _save(request: Request, *, adjudicates: bool) -> Response:
    desk, form = await _desk(request), await request.form()
    given = _read(request, form, adjudicates=adjudicates)
    path = f"/label/{desk.task.name}{'/adjudicate' if adjudicates else ''}"
    if given is None:
        fault = (Fault("said", _CHOOSE),)
        return await _page(request, adjudicates=adjudicates, faults=fault)
    try:
        await asyncio.to_thread(_store(request).add, desk.task.name, given)
    except RequestError as error:
        if error.status != _CONFLICT:
            raise
        # Pressed twice, or somebody was quicker: nothing is lost, and the next one is at hand.
        return RedirectResponse(url_of(request, f"{path}?note=late"), 303)
    return RedirectResponse(url_of(request, path), 303)


def _read(request: Request, form: FormData, *, adjudicates: bool) -> Label | None:
    said, _, category = str(form.get("said", "")).partition(":")
    number = str(form.get("item", ""))
    if said not in ("safe", "unsafe", "skip") or not (number.isascii() and number.isdecimal()):
        return None
    now = console_of(request).clock()
    began = str(form.get("shown", ""))
    took = int(now.timestamp()) - int(began[:15]) if began.isascii() and began.isdecimal() else 0
    return Label(
        int(number[:9]), _who(request), cast("Said", said), category[:60],
        form.get("unsure") is None, min(max(took, 0), LONGEST_S), now, adjudicates,
    )  # fmt: skip


async def undo(request: Request) -> Response:
    """`POST /label/TASK/undo`: take the last label back; its text comes again."""
    desk = await _desk(request)
    now = console_of(request).clock()
    store, name = _store(request), desk.task.name
    found = await asyncio.to_thread(store.take_back, name, _who(request), now)
    note = "" if found is None else "?note=back"
    return RedirectResponse(url_of(request, f"/label/{name}{note}"), 303)


async def agreement(request: Request) -> Response:
    """`GET /label/TASK/agreement`: how far people agree, and what waits for a third.

    Whoever is in the middle of labelling sees no figures: of few labels they would give some away.
    """
    desk, who = await _desk(request), _who(request)
    decides = allowed(request, Permission.ADJUDICATE)

    def told() -> dict[str, Json]:
        own = desk.progress(who)
        busy = desk.task.is_open and bool(own.done and own.left)
        return {
            "task": label_data.mine(desk, who),
            "busy": busy,
            "yours": own.disputes if decides else 0,
            "found": None if busy else label_data.agreement(summary(desk)),
        }

    return answer(request, "label_agreement.html", await asyncio.to_thread(told))


ROUTES = (
    ConsoleRoute("/label", listed, Permission.LABEL, twin=True),
    ConsoleRoute("/label/{task}", next_one, Permission.LABEL, twin=True),
    ConsoleRoute("/label/{task}", save, Permission.LABEL, ("POST",)),
    ConsoleRoute("/label/{task}/undo", undo, Permission.LABEL, ("POST",)),
    ConsoleRoute("/label/{task}/agreement", agreement, Permission.RULES, twin=True),
    ConsoleRoute("/label/{task}/adjudicate", next_dispute, Permission.ADJUDICATE, twin=True),
    ConsoleRoute("/label/{task}/adjudicate", decide, Permission.ADJUDICATE, ("POST",)),
)
