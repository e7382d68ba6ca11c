"""The ledger over HTTP, read only, in the layout of C2SP tlog-tiles: for auditors and witnesses.

`checkpoint` changes and must not be cached; tiles and bundles never change and may be kept for
ever. Refused with 404: every path that is not exactly the name of one of the log's files.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kanhe.ledger.log import Read
from kanhe.ledger.tile import CHECKPOINT, parse_name

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOW = {"Cache-Control": "no-cache"}


def routes(read: Read, prefix: str = "") -> list[Route]:
    """Give the log's routes below `prefix`, e.g. `/ledger`; without one, at the root.

    The log's origin should be the public address of `prefix`, without the scheme.
    """

    # Plain functions: starlette runs them in a thread, since `read` reads a disk.
    def checkpoint(request: Request) -> Response:
        content = read(CHECKPOINT)
        return _missing() if content is None else PlainTextResponse(content, headers=_NOW)

    def tile(request: Request) -> Response:
        name = f"tile/{request.path_params['name']}"
        content = read(name) if parse_name(name) else None
        if content is None:
            return _missing()
        return Response(content, media_type="application/octet-stream", headers=_FOR_EVER)

    return [
        Route(f"{prefix}/checkpoint", checkpoint, methods=["GET"]),
        Route(f"{prefix}/tile/{{name:path}}", tile, methods=["GET"]),
    ]


def _missing() -> Response:
    return PlainTextResponse("not in this log\n", status_code=404, headers=_NOW)
