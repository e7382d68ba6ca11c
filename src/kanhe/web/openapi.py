"""What is served, described for machines: OpenAPI 3.1, from a file and the console's own table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from kanhe import __version__
from kanhe.console.route import ConsoleRoute

_FILE = Path(__file__).with_name("openapi.yaml")
_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


def description(console: Iterable[ConsoleRoute] = (), *, below: str = "/console") -> dict[str, Any]:
    """Give the description; of the console its data pages (`….json`), which are read with GET."""
    told: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    told["info"]["version"] = __version__
    for route in console:
        if route.path.endswith(".json") and "GET" in route.methods and route.permission != "open":
            path = below + _PARAMETER.sub(r"{\1}", route.path)
            told["paths"][path] = {"get": _data_page(route)}
    return told


def _data_page(route: ConsoleRoute) -> dict[str, Any]:
    needs = route.permission
    asked = {
        "open": "Nobody has to be signed in.",
        "signed-in": "Whoever is signed in may read it.",
    }.get(str(needs), f"Needs the permission `{needs}`.")
    answers = {str(code): {"$ref": "#/components/responses/Object"} for code in (200, 400, 404)}
    refused = {str(code): {"$ref": "#/components/responses/Error"} for code in (401, 403)}
    return {
        "tags": ["console"],
        "summary": (route.page.__doc__ or route.path).strip().splitlines()[0],
        "description": asked,
        "security": [] if needs == "open" else [{"session": []}],
        "parameters": list(_parameters(route.path)),
        "responses": answers | ({} if needs == "open" else refused),
    }


def _parameters(path: str) -> Iterator[dict[str, Any]]:
    for name, kind in _PARAMETER.findall(path):
        schema = {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
