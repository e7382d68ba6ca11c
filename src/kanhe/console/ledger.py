"""The pages on the ledger: browse its entries, look at one, and verify its proof in the page.

The proof is checked twice: by the server, and by the reader's own browser over the very bytes, so
that the page need not be believed.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Protocol, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.adapters.ledger_view import LedgerView
from kanhe.console.render import Entry, answer, console_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.shown import instant
from kanhe.errors import KanheError, LedgerError
from kanhe.ledger import tree
from kanhe.ledger.entry import Json, decode
from kanhe.ledger.note import VerifierKey
from kanhe.status.picture import Sound

ENTRY = Entry("/ledger", "Ledger", "l", Permission.LEDGER)

PAGE = 50
"""Entries on one page."""

FURTHEST = 2**53 - 1
"""The largest number of an entry that a page asks for."""


class LedgerServed(Protocol):
    """What these pages ask of the running system beside `Served`."""

    @property
    def view(self) -> LedgerView:
        """The ledger, as it is looked at."""
        ...

    @property
    def verifier(self) -> VerifierKey:
        """The ledger's public key."""
        ...


def _served(request: Request) -> LedgerServed:
    # The system serves all these ports; a page asks for the one it needs.
    return cast("LedgerServed", console_of(request).served)


async def ledger(request: Request) -> Response:
    """`GET /ledger`: the head, whether all is as signed, and entries, newest first."""
    served = _served(request)
    before = request.query_params.get("before", "")
    given = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    sound = await asyncio.to_thread(served.view.catch_up)
    size = served.view.size
    stop = size if given is None else min(given, size)
    start = max(0, stop - PAGE)
    raw = await asyncio.to_thread(lambda: list(served.view.entries(start, stop)))
    head = console_of(request).served.head()
    data: dict[str, Json] = {
        "size": size,
        "published": head.size,
        "root": head.root.hex(),
        "witnessed": head.witnessed,
        "verifier": str(served.verifier),
        "sound": isinstance(sound, Sound),
        "unsound_why": None if isinstance(sound, Sound) else sound.why,
        "unsound_at": None if isinstance(sound, Sound) else sound.index,
        "entries": [_row(index, entry) for index, entry in reversed(raw)],
        "older": start if start else None,
        "newest": given is None or given >= size,
    }
    return answer(request, "ledger.html", data)


def _row(index: int, raw: bytes) -> dict[str, Json]:
    try:
        read = decode(raw)
    except LedgerError:
        return {"index": index, "tag": None, "at": None, "facts": None}
    return {"index": index, "tag": read.tag, "at": instant(read.at), "facts": read.facts}


async def entry(request: Request) -> Response:
    """`GET /ledger/NUMBER`: one entry, and the proof that it is in the ledger."""
    served, index = _served(request), request.path_params["index"]
    if index > FURTHEST:
        raise HTTPException(404, "there is no entry of that number")
    try:
        raw = await asyncio.to_thread(served.view.entry, index)
    except KanheError as error:
        raise HTTPException(404, f"{error}") from error
    data = _row(index, raw) | {
        "raw": base64.b64encode(raw).decode(),
        "leaf": tree.leaf_hash(raw).hex(),
        "proof": await asyncio.to_thread(_proof, served, index),
        "verifier": str(served.verifier),
        "size": served.view.size,
    }
    pretty = json.dumps(data["facts"], ensure_ascii=False, indent=2)
    return answer(request, "entry.html", data, pretty=pretty)


def _proof(served: LedgerServed, index: int) -> Json:
    """Give the proof and what came of checking it; None while the entry is not published yet."""
    try:
        proof = served.view.proof(index)
    except LedgerError:
        return None
    try:
        head = proof.check(served.verifier)
    except LedgerError as error:
        return {"holds": False, "why": str(error)}
    return {
        "holds": True,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "path": [step.hex() for step in proof.path],
        "note": proof.note.decode(),
    }


async def proof(request: Request) -> Response:
    """`GET /ledger/NUMBER.proof`: the proof as a file that is checked without this service."""
    try:
        made = await asyncio.to_thread(_served(request).view.proof, request.path_params["index"])
    except (KanheError, OverflowError) as error:
        raise HTTPException(404, "there is no proof of that entry (yet)") from error
    name = f"entry-{request.path_params['index']}.tlog-proof"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(bytes(made), media_type="text/plain; charset=utf-8", headers=headers)


ROUTES = (
    ConsoleRoute("/ledger", ledger, Permission.LEDGER, twin=True),
    ConsoleRoute("/ledger/{index:int}.proof", proof, Permission.LEDGER),
    ConsoleRoute("/ledger/{index:int}", entry, Permission.LEDGER, twin=True),
)
