"""A console over a running system that the test makes up, with somebody signed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

from starlette.middleware import Middleware
from starlette.testclient import TestClient

from kanhe.accounts.account import Account, Role
from kanhe.adapters.package_data import regime
from kanhe.console.app import make_console
from kanhe.console.served import Head, Loaded

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\u202e{{7*7}}"
"""What a user, a model or an application may have put into a name."""


def account(role=Role.OWNER, name="acct-anna"):
    return Account(name, "Anna", role, NOW, "en")


class Signed:
    """The gate's place: sets who is signed in, and asks nobody."""

    def __init__(self, app, person):
        self.app, self.person = app, person

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            scope.setdefault("state", {}).update(person=self.person, csrf="csrf-token")
        await self.app(scope, receive, send)


def served(**more):
    """A running system with what every page's frame needs, and `more`."""
    plain = {
        "name": "kanhe.localhost/ledger",
        "regime": regime("cn-genai"),
        "ruleset": Loaded("test", "ab12" * 16),
        "head": lambda: Head(7, bytes(32), witnessed=False),
    }
    return SimpleNamespace(**plain | more)


def client(system, *pages, person=None):
    """A client of a console with these pages, for `person`, the owner unless told otherwise."""
    app = make_console(
        system,
        pages=pages,
        middleware=[Middleware(Signed, person=person or account())],
        clock=lambda: NOW,
    )
    return TestClient(app, follow_redirects=False)


def words(html):
    """The text of a page, without marks and white space in rows."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())
