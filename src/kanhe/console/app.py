"""The console as one application: its pages, its table of routes, and what stands around them.

To add a page, put its module into `PAGES` (README.md). Every route is guarded twice: by the gate,
and again here, so that a console without its gate shows nothing to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kanhe.accounts.account import may
from kanhe.console import (
    accounts_page,
    assess,
    assess_compare,
    assess_items,
    assess_judge,
    assess_panel,
    assess_plan,
    assess_report,
    attest,
    deadlines,
    decisions,
    enrol,
    export,
    glossary,
    judges,
    labels,
    ledger,
    live,
    obligation,
    oidc_pages,
    overview,
    own_account,
    preference,
    rules,
    scope,
    settings_page,
    setup,
    signin,
)
from kanhe.console.locale_text import read_catalogue
from kanhe.console.render import Console, console_of, make_environment, person_of, render
from kanhe.console.route import ConsoleRoute, Page
from kanhe.console.served import Served
from kanhe.console.static_files import read_static, serve
from kanhe.errors import KanheError
from kanhe.terms import Text

PAGES: tuple[ModuleType, ...] = (
    overview,
    obligation,
    deadlines,
    decisions,
    rules,
    judges,
    labels,
    assess,
    assess_plan,
    assess_compare,
    assess_items,
    assess_report,
    assess_judge,
    assess_panel,
    ledger,
    scope,
    settings_page,
    attest,
    export,
    glossary,
    preference,
    live,
    signin,
    setup,
    enrol,
    own_account,
    accounts_page,
    oidc_pages,
)
"""Modules with `ROUTES`, and with an `ENTRY` where they stand in the navigation, in its order."""


async def _static(request: Request) -> Response:
    return serve(console_of(request).static, request)


def table(pages: Sequence[ModuleType] = PAGES) -> tuple[ConsoleRoute, ...]:
    """Give all routes of the console, twins too, in the order in which they are tried."""
    routes = [route for page in pages for route in page.ROUTES]
    # A twin stands before its page: `/obligations/{id}` would take `x.json` for the id.
    return (*(twin(route) for route in routes if route.twin), *routes,
            ConsoleRoute("/static/{name}", _static, "open"))  # fmt: skip


def twin(route: ConsoleRoute) -> ConsoleRoute:
    """Give the route of a page's data as JSON."""
    path = "/index.json" if route.path == "/" else f"{route.path}.json"
    return replace(route, path=path, twin=False)


def make_console(
    served: Served,
    *,
    pages: Sequence[ModuleType] = PAGES,
    middleware: Sequence[Middleware] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """Build the console over a running system.

    Args:
        served: What the pages ask.
        pages: The modules of the pages.
        middleware: The gate: it sets `request.state.person` and `request.state.csrf`.
        clock: The instant from which "3 days ago" is told.
    """
    app = Starlette(
        routes=[
            Route(
                one.path, guarded(one), methods=list(one.methods), name=f"{one.path} {one.methods}"
            )
            for one in table(pages)
        ],
        middleware=list(middleware),
        exception_handlers={HTTPException: _http_error, KanheError: _kanhe_error},
    )
    # Such a redirect names plain HTTP behind a TLS proxy; no address of ours ends in a slash.
    app.router.redirect_slashes = False
    entries = tuple(page.ENTRY for page in pages if hasattr(page, "ENTRY"))
    app.state.console = Console(
        served, read_catalogue(), make_environment(), read_static(), entries, clock
    )
    return app


def guarded(route: ConsoleRoute) -> Page:
    """Give a page that refuses whoever may not see it."""

    async def page(request: Request) -> Response:
        if route.permission != "open":
            person = person_of(request)
            if person is None or person.disabled:
                raise HTTPException(401)
            if route.permission != "signed-in" and not may(person.role, route.permission):
                raise HTTPException(403)
        return await route.page(request)

    return page


_SAID = {
    401: Text("请先登录。", "Sign in first."),
    403: Text("您的角色不能查看或执行此项。请向所有者申请。",
              "Your role does not allow this. Ask an owner."),
    404: Text("这里没有页面。请检查地址，或从左侧进入。",
              "There is no page here. Check the address, or begin on the left."),
    405: Text("此页面不接受这种请求。", "This page does not take that kind of request."),
}  # fmt: skip


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 # registered for it
    said = _SAID.get(error.status_code, Text(error.detail, error.detail))
    return _failed(request, error.status_code, said, None)


async def _kanhe_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KanheError)  # noqa: S101 # registered for it
    return _failed(request, error.status, Text(str(error), str(error)), error.advice)


def _failed(request: Request, status: int, what: Text, advice: str | None) -> Response:
    if request.url.path.endswith(".json"):
        body = {"error": {"zh": what.zh, "en": what.en, "advice": advice}}
        return JSONResponse(body, status, {"cache-control": "no-store"})
    return render(request, "error.html", status=status, code=status, what=what, advice=advice)
