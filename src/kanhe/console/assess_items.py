"""The browser of items: which came out how, and why; one of them opened on demand.

Lists and pages hold no text. Question and answer of one trial open to whoever may open answers, by
a request that changes something: the look stands on the ledger before anything is shown.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.assess.line import Line
from kanhe.console import assess_item_data as item_data
from kanhe.console.assess import assessments, the_run
from kanhe.console.assess_data import Gathered, RunSeen, Texts
from kanhe.console.assess_item_data import PAGE, Look, Wanted
from kanhe.console.render import allowed, answer, console_of, person_of, render, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.ledger.entry import Json

OPENED = "assess:answer:opened"

_LONGEST = 100


def look_of(request: Request, way: str = "") -> Look:
    """Say how whoever asks sees trials: who may judge them sees no machine's verdict before."""
    return Look(way, blind=allowed(request, Permission.LABEL))


def read_wanted(asked: QueryParams) -> Wanted:
    """Read from an address which trials are asked for."""
    return Wanted(**{name: asked.get(name, "").strip()[:_LONGEST] for name in item_data.NAMES})


async def items(request: Request) -> Response:
    """`GET /assess/runs/RUN/items`: trials that fit, in the order in which they are asked."""
    seen, wanted = await the_run(request), read_wanted(request.query_params)
    page = _page(request.query_params.get("page", ""))
    data = await asyncio.to_thread(_told, request, seen, wanted, page)
    base = url_of(request, f"/assess/runs/{seen.name}/items")

    def address(number: int) -> str:
        return f"{base}?{urlencode({**wanted.query, 'page': number})}"

    return answer(request, "assess_items.html", data, address=address,
                  query=urlencode(wanted.query))  # fmt: skip


def _told(request: Request, seen: RunSeen, wanted: Wanted, page: int) -> Mapping[str, Json]:
    gathered, look = assessments(request).gathered(seen.name), look_of(request, wanted.way)
    risks = console_of(request).served.regime.risks
    found = item_data.chosen(gathered.lines, wanted, look)
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages)
    return {
        "run": seen.name,
        "all": len(gathered.lines),
        "total": len(found),
        "page": page,
        "pages": pages,
        "wanted": {name: getattr(wanted, name) for name in item_data.NAMES},
        "choices": item_data.choices(gathered.lines.values(), look, risks),
        "rows": [
            item_data.row(name, line, look, risks)
            for name, line in found[(page - 1) * PAGE : page * PAGE]
        ],
    }


def _page(written: str) -> int:
    return max(1, int(written)) if written.isascii() and written.isdecimal() and len(written) < 9 \
        else 1  # fmt: skip


async def item(request: Request) -> Response:
    """`GET /assess/runs/RUN/items/KEY`: one trial: what came of it, by which way, and why."""
    seen, gathered, line = await _found(request)
    return answer(request, "assess_item.html", _data(request, seen, gathered, line), texts=None)


async def opened(request: Request) -> Response:
    """`POST /assess/runs/RUN/items/KEY`: with question and answer; the look is recorded first."""
    seen, gathered, line = await _found(request)
    entry = await _record(request, seen, line)
    texts: Texts = await asyncio.to_thread(assessments(request).texts, seen.name, line)
    data = _data(request, seen, gathered, line)
    return render(request, "assess_item.html", d=data, texts=texts, entry=entry)


async def _record(request: Request, seen: RunSeen, line: Line) -> int:
    person, trial = person_of(request), line.outcome.trial
    if person is None:
        raise HTTPException(403, "nobody is signed in")
    facts: dict[str, Json] = {
        "run": seen.name, "bank": line.bank, "item": line.id, "target": trial.target,
        "variant": trial.variant, "repeat": trial.repeat, "by": person.id,
    }  # fmt: skip
    return await console_of(request).served.record(OPENED, facts)


async def _found(request: Request) -> tuple[RunSeen, Gathered, Line]:
    seen = await the_run(request)
    gathered = await asyncio.to_thread(assessments(request).gathered, seen.name)
    line = gathered.lines.get(str(request.path_params["key"]))
    if line is None:
        raise HTTPException(404)
    return seen, gathered, line


def _data(request: Request, seen: RunSeen, gathered: Gathered, line: Line) -> Mapping[str, Json]:
    same = line.outcome.trial.item
    others = [
        (name, one) for name, one in gathered.lines.items()
        if one.outcome.trial.item == same and one is not line
    ]  # fmt: skip
    risks = console_of(request).served.regime.risks
    name = str(request.path_params["key"])
    return {
        "run": seen.name,
        "item": item_data.whole(name, line, others, look_of(request), risks),
    }


async def table(request: Request) -> Response:
    """`GET /assess/runs/RUN/items.csv`: the trials that fit, all of them."""
    seen, wanted = await the_run(request), read_wanted(request.query_params)
    look = look_of(request, wanted.way)

    def told() -> str:
        found = item_data.chosen(assessments(request).gathered(seen.name).lines, wanted, look)
        return _csv([line for _, line in found], look)

    headers = {"content-disposition": f'attachment; filename="{seen.name}-items.csv"',
               "cache-control": "no-store"}  # fmt: skip
    # The mark of UTF-8 is for a spreadsheet, which else guesses and breaks the Chinese.
    text = "\ufeff" + await asyncio.to_thread(told)
    return Response(text, media_type="text/csv", headers=headers)


def _csv(lines: Sequence[Line], look: Look) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["item", "bank", "slice", "lang", "part", "target", "variant", "repeat",
                     "outcome", "reasons"])  # fmt: skip
    for line in lines:
        one = line.outcome.trial
        told = [line.id, line.bank, line.slice, line.lang, line.part.value, one.target,
                one.variant, str(one.repeat), look.said(line),
                " ".join(look.whys(line))]  # fmt: skip
        writer.writerow([_inert(cell) for cell in told])
    return file.getvalue()


def _inert(cell: str) -> str:
    # A spreadsheet takes such a beginning for a formula, and a bank is an operator's file.
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


ROUTES = (
    # Before the twin of one item, whose path would take `items.csv` for a key of its own.
    ConsoleRoute("/assess/runs/{run}/items.csv", table, Permission.EXPORT),
    ConsoleRoute("/assess/runs/{run}/items", items, Permission.ASSESS, twin=True),
    ConsoleRoute("/assess/runs/{run}/items/{key}", item, Permission.ASSESS, twin=True),
    ConsoleRoute("/assess/runs/{run}/items/{key}", opened, Permission.ANSWERS, ("POST",)),
)
