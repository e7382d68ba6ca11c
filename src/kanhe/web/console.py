"""The console over a running system: its pages behind their gate, mounted at `/console`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware

from kanhe.accounts.session import Terms
from kanhe.adapters.session_store import FIRST_OWNER, SessionStore
from kanhe.console.app import make_console, table
from kanhe.console.gate import Gate
from kanhe.console.guard import Guard
from kanhe.console.origin import Own
from kanhe.console.route import ConsoleRoute
from kanhe.console.wired import Wired
from kanhe.gateway.exchange import Exchange
from kanhe.wiring import Service

BELOW = "/console"


class Console:
    """The console of a service whose settings want one.

    Args:
        service: The running system.
        exchange: The path of its requests: what it writes down, and where people object.
    """

    def __init__(self, service: Service, exchange: Exchange) -> None:
        if service.accounts is None:
            raise RuntimeError("this service has no console")
        house, settings = exchange.house, service.settings.console
        self._wired = Wired(service, house.journal, house.conduct.object_to)
        terms = Terms(timedelta(seconds=settings.idle_s), timedelta(seconds=settings.session_s))
        self._guard = Guard(
            service.accounts,
            SessionStore(service.accounts, terms),
            Own(settings.url),
            self._wired.record,
            lambda: datetime.now(UTC),
            self._wired.name,
            service.provider,
        )
        self.table: Sequence[ConsoleRoute] = table()
        gate = Middleware(Gate, table=self.table, guard=self._guard)
        self.app: Starlette = make_console(self._wired, middleware=[gate])

    def first_link(self) -> str | None:
        """Make the link by which the first owner comes in; None where there is an account."""
        if self._guard.accounts.all():
            return None
        token = self._guard.sessions.link(None, self._guard.clock() + FIRST_OWNER)
        return f"{BELOW}/setup?token={token}"

    def stop(self) -> None:
        """End what streams to pages, so that it does not keep the service from ending."""
        self._wired.stopping.set()
