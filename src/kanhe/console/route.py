"""Routes of the console as a table: path, page, and who may see it.

Every route stands in a table like this, so that one test can try every role on every route. A
route without a permission is open to whoever is signed in; `OPEN` ones to everybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission

Page: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ConsoleRoute:
    """One route below `/console`. `path` begins with a slash; `GET` brings `HEAD` along.

    `twin`: the same data stands under the same path with `.json` behind it (`app.table`).
    """

    path: str
    page: Page
    permission: Permission | Literal["open", "signed-in"]
    methods: tuple[str, ...] = ("GET",)
    twin: bool = False
