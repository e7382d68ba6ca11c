"""The settings as the ledger saw them at each start: what ran, not what a file says."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.render import Entry, answer, console_of
from kanhe.console.route import ConsoleRoute

ENTRY = Entry("/settings", "Settings", "t", Permission.SETTINGS)

RECORDED = "operator:settings:recorded"
STARTS = 20
"""Starts that are listed."""


async def settings(request: Request) -> Response:
    """`GET /settings`: those recorded at the last start, and what changed at each start before."""
    recorded = await console_of(request).served.kept(RECORDED)
    latest = recorded[-1] if recorded else None
    data: shown.Data = {
        "entry": latest.index if latest else None,
        "at": shown.instant(latest.at) if latest else None,
        "settings": dict(latest.facts) if latest else {},
        "starts": [],
    }
    starts = []
    for index in range(len(recorded) - 1, max(len(recorded) - 1 - STARTS, -1), -1):
        seen = recorded[index]
        before = recorded[index - 1].facts if index else {}
        changed = sorted(name for name in {*seen.facts, *before}
                         if seen.facts.get(name) != before.get(name))  # fmt: skip
        starts.append({"entry": seen.index, "at": shown.instant(seen.at),
                       "changed": changed if index else None})  # fmt: skip
    data["starts"] = starts
    return answer(request, "settings.html", data)


ROUTES = (ConsoleRoute("/settings", settings, Permission.SETTINGS, twin=True),)
