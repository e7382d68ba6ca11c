"""The whole application: the checked API on its own path, everything else through Starlette."""

from __future__ import annotations

import logging
import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from kanhe import __version__
from kanhe.adapters.judges_in_force import relied_on
from kanhe.adapters.ledger_directory import reader
from kanhe.errors import KanheError
from kanhe.gateway.refusal import error_body
from kanhe.web import tlog
from kanhe.web.admin import Admin
from kanhe.web.console import BELOW, Console
from kanhe.web.metrics import Metrics
from kanhe.web.openapi import description
from kanhe.web.proxy import PATHS, Limits, Proxy, Receive, Scope, Send
from kanhe.wiring import Service, exchange_of

_log = logging.getLogger(__name__)


class App:
    """One ASGI application. The paths of the API are looked up first and routed by nobody else."""

    def __init__(self, proxy: Proxy, rest: Starlette, console: Console | None) -> None:
        self._proxy = proxy
        self._rest = rest
        self.console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event of ASGI."""
        if scope["type"] == "http" and scope["path"] in PATHS:
            await self._guarded(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = False

        async def noting(message: dict[str, object]) -> None:
            nonlocal sent
            sent = True
            await send(message)

        try:
            await self._proxy(scope, receive, noting)  # type: ignore[arg-type] # ASGI's dictionaries
        except Exception:
            # The last handler: a fault of ours ends the exchange; nothing of it may leave.
            _log.exception("a request failed by a fault of ours")
            if sent:
                raise
            body = error_body("the gateway failed", "internal_error", status=500)
            await Response(body, 500, media_type="application/json")(scope, receive, send)


def make_app(service: Service) -> App:
    """Build the application over a running system."""
    exchange = exchange_of(service)
    metrics = Metrics(
        exchange.house.journal,
        service.ledger,
        lambda: service.watch.status,
        service.judges.figures,
    )
    settings = service.settings
    limits = Limits(
        body_bytes=settings.limits.body_bytes,
        turns=settings.limits.turns,
        request_s=settings.limits.request_s,
        streams=settings.limits.streams,
    )
    proxy = Proxy(exchange, service.apps, limits, metrics, user_header=settings.user_header)
    console = Console(service, exchange) if service.accounts else None
    pages = Pages(service, proxy, metrics, description(console.table if console else ()))
    rest = Starlette(
        routes=[
            Route("/v1/models", pages.models, methods=["GET"]),
            Route("/v1/models/{name:path}", pages.model, methods=["GET"]),
            Route("/healthz", pages.healthy, methods=["GET"]),
            Route("/readyz", pages.ready, methods=["GET"]),
            Route("/metrics", pages.measured, methods=["GET"]),
            Route("/openapi.json", pages.described, methods=["GET"]),
            *Admin(service).routes(),
            *tlog.routes(reader(service.ledger_dir), "/ledger"),
            *(_mounted(console) if console else []),
        ],
        exception_handlers={KanheError: _kanhe_error, HTTPException: _http_error},
    )
    # Such a redirect repeats the host that was asked for, and plain HTTP behind a TLS proxy.
    rest.router.redirect_slashes = False
    return App(proxy, rest, console)


def _mounted(console: Console) -> list[BaseRoute]:
    return [Route(BELOW, _to_console, include_in_schema=False), Mount(BELOW, console.app)]


async def _to_console(_: Request) -> Response:
    return RedirectResponse(f"{BELOW}/", 307)


class Pages:
    """The small routes: what models there are, how the service is, and the operator's calls."""

    def __init__(
        self, service: Service, proxy: Proxy, metrics: Metrics, described: dict[str, object]
    ) -> None:
        self._service = service
        self._proxy = proxy
        self._metrics = metrics
        self._since = int(time.time())
        self._described_api = described

    def _described(self, name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": self._since, "owned_by": "kanhe"}

    async def models(self, request: Request) -> Response:
        """`GET /v1/models`: the models that can be asked for."""
        self._proxy.authenticate(dict(request.headers.raw))
        data = [self._described(name) for name in self._service.models]
        return JSONResponse({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        """`GET /v1/models/NAME`: one of them."""
        self._proxy.authenticate(dict(request.headers.raw))
        name = request.path_params["name"]
        if name not in self._service.models:
            told = f"there is no model {name[:80]!r} here"
            body = error_body(told, "model_not_found", status=404)
            return Response(body, 404, media_type="application/json")
        return JSONResponse(self._described(name))

    async def healthy(self, request: Request) -> Response:
        """`GET /healthz`: the process answers."""
        return JSONResponse({"status": "ok", "version": __version__})

    async def ready(self, request: Request) -> Response:
        """`GET /readyz`: 200 when a call would be tried, 503 with what is missing otherwise.

        `judges` says of those that rules in force rely on whether they give opinions. One that
        does not leaves the service ready: what follows stands in the rule, and to refuse is to
        answer.
        """
        ruleset = self._service.rules.current
        models = {name: await routed.model.ready() for name, routed in self._service.models.items()}
        writable = self._service.ledger_is_writable()
        good = writable and any(models.values())
        state = {
            "status": "ready" if good else "not ready",
            "models": models,
            "judges": relied_on(self._service.judges, ruleset.rules),
            "ledger": {"entries": self._service.ledger.size, "writable": writable},
            "ruleset": {"name": ruleset.name, "version": ruleset.version},
        }
        return JSONResponse(state, 200 if good else 503)

    async def measured(self, request: Request) -> Response:
        """`GET /metrics`: counts and times for Prometheus."""
        return PlainTextResponse(self._metrics.text(), media_type="text/plain; version=0.0.4")

    async def described(self, request: Request) -> Response:
        """`GET /openapi.json`: what is served, for machines."""
        return JSONResponse(self._described_api)


async def _kanhe_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KanheError)  # noqa: S101 # registered for it
    body = error_body(f"{error}. {error.advice}", error.code, status=error.status)
    return Response(body, error.status, media_type="application/json")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 # registered for it
    code = "not_found" if error.status_code == 404 else "http_error"
    message = f"{request.method} {request.url.path[:200]}: {error.detail}"
    body = error_body(message, code, status=error.status_code)
    return Response(body, error.status_code, media_type="application/json")
