"""The operator's calls: record an entry, load the rules again. Admin key, and from this machine.

`POST /admin/entries` is the running service's half of `adapters/record_door.py`: a command cannot
write a ledger that a service holds. What may come in is checked by `record_check`, here as there.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kanhe.adapters.attester import attester_keys
from kanhe.adapters.package_data import regime
from kanhe.adapters.record_check import BYTES, check
from kanhe.adapters.record_door import ENTRIES
from kanhe.errors import FaultyRuleset, NotAuthenticated, RequestError, TooLarge
from kanhe.ledger.entry import Json
from kanhe.wiring import Service


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    tag: str
    facts: dict[str, object]


class Admin:
    """The routes, over a running system."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route(ENTRIES, self.entries, methods=["POST"]),
            Route("/admin/rules/reload", self.reload, methods=["POST"]),
        ]

    async def entries(self, request: Request) -> Response:
        """`POST /admin/entries`: record `{tag, facts}`; give `{entry}`, its number."""
        self._authenticate(request)
        _expect_here(request)
        tag, facts = _read(await _body(request))
        data = self._service.settings.data
        # Reading a regime takes a second where it is another one than ours.
        await asyncio.to_thread(
            check, tag, facts, regimes=regime, attesters=lambda: attester_keys(data)
        )
        try:
            number = await self._service.ledger.append(tag, facts)
        except ValueError as error:
            raise RequestError(
                f"the ledger cannot hold this: {error}", advice="Give ASCII keys and no fractions."
            ) from error
        return JSONResponse({"entry": number})

    async def reload(self, request: Request) -> Response:
        """`POST /admin/rules/reload`: load the rules again; 422 and their faults if any."""
        self._authenticate(request)
        try:
            changed = await asyncio.shield(self._service.rules.reload())
        except FaultyRuleset as error:
            faults = [str(fault) for fault in error.faults]
            return JSONResponse({"status": "refused", "faults": faults}, 422)
        rules = self._service.rules
        if rules.candidate:
            waits = {"status": "waiting", "waits": rules.candidate.ruleset.version}
            return JSONResponse({**waits, "version": rules.current.version})
        status = "loaded" if changed else "unchanged"
        return JSONResponse({"status": status, "version": rules.current.version})

    def _authenticate(self, request: Request) -> None:
        _, _, key = request.headers.get("authorization", "").partition(" ")
        if not hmac.compare_digest(key.encode(), self._service.admin_key.reveal().encode()):
            raise NotAuthenticated(
                "the admin key is needed: send it as 'Authorization: Bearer <key>'",
                advice="It stands in keys/admin.key in the data directory.",
            )


def _expect_here(request: Request) -> None:
    """Refuse whoever is not on this machine; a proxy in front must not hand this path on."""
    host = request.client.host if request.client else ""
    try:
        here = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        here = False
    if not here or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        raise RequestError(
            "entries are recorded from the service's own machine only",
            advice="Run the command there.", status=403, code="not_local",
        )  # fmt: skip


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BYTES:
            raise TooLarge(f"an entry has at most {BYTES} bytes", advice="Record less at once.")
        parts.append(part)
    return b"".join(parts)


def _read(body: bytes) -> tuple[str, Mapping[str, Json]]:
    try:
        asked = msgspec.json.decode(body, type=_Asked)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestError(
            f"this is no entry: {error}", advice='Send {"tag": "…", "facts": {…}}.'
        ) from error
    return asked.tag, asked.facts  # type: ignore[return-value] # what JSON can hold
