"""The page on exports, and the files themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.adapters.exports import FORMATS, export, file_name
from kanhe.console.asked import read_asked
from kanhe.console.language import LANGUAGES
from kanhe.console.render import console_of, language_of, render
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import Asked
from kanhe.console.shown import frame
from kanhe.report.printed import Handed


async def exports(request: Request) -> Response:
    """`GET /export`: the forms in which the status leaves the house."""
    console = console_of(request)
    asked, faults = read_asked(request.query_params, console.served.regime)
    asked = Asked() if faults else asked
    status = await console.served.status(asked)
    named = {"at": asked.at, "known": asked.known, "as_if": asked.as_if}
    query = urlencode({name: str(value) for name, value in named.items() if value})
    return render(
        request, "export.html", d=frame(status, asked), faults=faults, formats=FORMATS,
        query=query, status=400 if faults else 200,
    )  # fmt: skip


async def download(request: Request) -> Response:
    """`GET /export/NAME`: the file; `language` chooses that of titles and sentences."""
    served, name = console_of(request).served, request.path_params["name"]
    if name not in FORMATS:
        raise HTTPException(404)
    asked, faults = read_asked(request.query_params, served.regime)
    if faults:
        raise HTTPException(400, faults[0].what.en)
    wanted = request.query_params.get("language", "")
    language = wanted if wanted in LANGUAGES else language_of(request)
    status = await served.status(asked)
    handed = Handed(served.name, datetime.now(UTC))
    content = await asyncio.to_thread(export, name, status, handed, language)
    file = file_name(name, status, language)
    headers = {
        "content-disposition": f'attachment; filename="{file}"',
        "cache-control": "no-store",
    }
    return Response(content, media_type=FORMATS[name].media_type, headers=headers)


ROUTES = (
    ConsoleRoute("/export", exports, Permission.EXPORT),
    ConsoleRoute("/export/{name}", download, Permission.EXPORT),
)
