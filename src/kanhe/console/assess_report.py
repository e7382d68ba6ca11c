"""The page on a report: every figure of a run that has ended, with drawings, and its files.

A figure is shown with its interval and its counts, and never before the run has ended. What the
report on paper says in full is not said twice: the files are one click away.
"""

from __future__ import annotations

import asyncio
import re
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.assess.clause import Finding
from kanhe.assess.results import Results
from kanhe.console import assess_figures, assess_list
from kanhe.console.assess import assessments, the_run
from kanhe.console.assess_data import RunSeen
from kanhe.console.assess_drawn import Artist
from kanhe.console.render import answer, console_of, language_of
from kanhe.console.route import ConsoleRoute
from kanhe.ledger.entry import Json

_FILE = re.compile(r"report\.json|lines\.jsonl|report\.(zh|en)\.(html|docx|pdf)")
_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


async def report(request: Request) -> Response:
    """`GET /assess/runs/RUN/report`: the figures, drawn and in tables."""
    seen = await the_run(request)
    state = assess_list.state(seen.going, console_of(request).clock())
    data: dict[str, Json] = {"run": seen.name, "state": state, "files": list(seen.files),
                             "head": None, "results": None, "clauses": None,
                             "signatures": []}  # fmt: skip
    drawings: dict[str, object] = {}
    if state in assess_list.ENDED:
        data, drawings = await asyncio.to_thread(_figures, request, seen, data)
    return answer(request, "assess_report.html", data, drawings=drawings)


def _figures(
    request: Request, seen: RunSeen, data: dict[str, Json]
) -> tuple[dict[str, Json], dict[str, object]]:
    found = assessments(request).report(seen.name)
    if found is None:
        return data, {}
    regime = console_of(request).served.regime
    told = data | {
        "head": assess_figures.head(found.head),
        "results": assess_figures.results(found.results, regime.risks),
        "clauses": {
            one.value: sum(each.finding is one for each in found.clauses) for one in Finding
        }
        if found.clauses
        else None,
        "signatures": assess_figures.signatures(found.signatures),
    }
    return told, _drawn(request, found.results)


def _drawn(request: Request, found: Results) -> dict[str, object]:
    console, language = console_of(request), language_of(request)

    say = partial(console.catalogue.say, language)
    artist = Artist(language, lambda message: str(say(message)), console.served.regime.risks)
    return {"tests": artist.tests(found), "robust": artist.robust(found),
            "leaning": artist.leaning(found), "routes": artist.routes(found)}  # fmt: skip


async def clauses(request: Request) -> Response:
    """`GET /assess/runs/RUN/clauses`: what is found clause by clause, and why."""
    seen = await the_run(request)
    state = assess_list.state(seen.going, console_of(request).clock())
    found = (
        await asyncio.to_thread(assessments(request).report, seen.name)
        if state in assess_list.ENDED
        else None
    )
    sources = console_of(request).served.regime.sources
    told = assess_figures.clauses(found.clauses, sources) if found else []
    return answer(request, "assess_clauses.html", {"run": seen.name, "clauses": told})


async def download(request: Request) -> Response:
    """`GET /assess/runs/RUN/report/FILE`: a file of the report, as it was made."""
    seen, file = await the_run(request), str(request.path_params["file"])
    if not _FILE.fullmatch(file):
        raise HTTPException(404)
    content = await asyncio.to_thread(assessments(request).file, seen.name, file)
    if content is None:
        raise HTTPException(404)
    # Never shown in a tab of ours: it is a document that somebody made, and not a page.
    headers = {"content-disposition": f'attachment; filename="{seen.name}-{file}"',
               "cache-control": "no-store"}  # fmt: skip
    kind = _TYPES[file.rpartition(".")[2]]
    return Response(content, media_type=kind, headers=headers)


ROUTES = (
    ConsoleRoute("/assess/runs/{run}/report", report, Permission.ASSESS, twin=True),
    ConsoleRoute("/assess/runs/{run}/clauses", clauses, Permission.ASSESS, twin=True),
    ConsoleRoute("/assess/runs/{run}/report/{file}", download, Permission.EXPORT),
)
