"""Styles, scripts and marks of the console: read once, served from memory under names that change.

A request can only name what was read at start: no path is ever made from it. The address carries a
hash of the content, so a browser may keep it for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kanhe.report import tally

FOLDER = Path(str(files("kanhe"))) / "console" / "static"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: its bytes, what they are, and a hash of them."""

    body: bytes
    media_type: str
    version: str


def read_static(folder: Path = FOLDER) -> Mapping[str, StaticFile]:
    """Read the files of a folder whose kind is known, by name; the mark is drawn."""
    found = {
        path.name: static_file(path.name, path.read_bytes())
        for path in sorted(folder.iterdir())
        if path.suffix in _TYPES
    }
    return found | {"mark.svg": static_file("mark.svg", tally.logo().encode())}


def static_file(name: str, body: bytes) -> StaticFile:
    """Give a file whose kind its name says."""
    return StaticFile(body, _TYPES[Path(name).suffix], hashlib.sha256(body).hexdigest()[:12])


def serve(found: Mapping[str, StaticFile], request: Request) -> Response:
    """Answer a request for one of them."""
    file = found.get(request.path_params["name"])
    if file is None:
        return PlainTextResponse("there is no such file", 404)
    asked = request.query_params.get("v")
    headers = {
        "cache-control": _FOR_EVER if asked == file.version else _ASK_AGAIN,
        "etag": f'"{file.version}"',
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)
