"""Deadlines: what falls due, soonest first, and how each was computed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.render import answer, console_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import Asked


async def deadlines(request: Request) -> Response:
    """`GET /deadlines`: all of them, overdue ones first."""
    status = await console_of(request).served.status(Asked())
    data = shown.frame(status, Asked()) | {
        "due": [shown.due(one, status.at, status.regime) for one in status.due],
    }
    return answer(request, "deadlines.html", data)


ROUTES = (ConsoleRoute("/deadlines", deadlines, Permission.STATUS, twin=True),)
