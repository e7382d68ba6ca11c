"""What the gate and the pages of signing in work with; `guard_of` gives it to a page."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts import password as passwords
from kanhe.accounts.account import Account
from kanhe.accounts.session import Session, Stage, csrf
from kanhe.accounts.throttle import ACCOUNT, ADDRESS, Allowance, Throttle
from kanhe.adapters.account_store import AccountStore
from kanhe.adapters.oidc import Provider
from kanhe.adapters.session_store import SessionStore
from kanhe.console.origin import Own
from kanhe.ledger.entry import Json
from kanhe.settings_console import is_this_machine

ADDED = "operator:account:added"
CHANGED = "operator:account:changed"
DISABLED = "operator:account:disabled"
SIGNED_IN = "operator:account:signed-in"
REFUSED = "operator:account:refused"

NOBODY = "unknown"
"""Stands on the ledger where a name was tried that nobody bears. The name itself never does."""

Record = Callable[[str, Mapping[str, Json]], Awaitable[int]]
"""Record an entry and give its number; it returns once the entry is durable."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Accounts, sessions, and the means to tell who is there."""

    accounts: AccountStore
    sessions: SessionStore
    own: Own
    record: Record
    clock: Callable[[], datetime]
    issuer: str
    """What an authenticator app calls this service."""
    provider: Provider | None = None
    throttle: Throttle = field(default_factory=Throttle)
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; `__Host-`: a browser lets no other host set it."""
        return "__Host-kanhe" if self.own.secure else "kanhe_session"

    async def note(self, tag: str, account: str, role: str, by: str) -> None:
        """Put on the ledger what happened to an account, by id.

        Raises:
            LedgerUnwritable: It could not be; then it must not happen.
        """
        await self.record(tag, {"account": account, "role": role, "by": by})

    async def right(self, kept: str, password: str) -> bool:
        """Say whether a password is the one kept, without holding anybody else up."""
        # Two at once: each takes a core and 19 MiB, and streams run beside us.
        async with self.hashing:
            return await asyncio.to_thread(passwords.matches, kept, password)

    async def hashed(self, password: str) -> str:
        """Give the form in which a new password is kept."""
        salt = secrets.token_bytes(passwords.SALT_BYTES)
        async with self.hashing:
            return await asyncio.to_thread(passwords.hashed, password, salt)

    def wait(self, request: Request, key: str, allowance: Allowance = ACCOUNT) -> int:
        """Count a try by its account and its address; give seconds to wait, 0: it may be made."""
        now = self.clock()
        pause = self.throttle.admit(_address(request), ADDRESS, now)
        pause = pause or self.throttle.admit(key, allowance, now)
        return -int(-pause.total_seconds() // 1)

    def succeeded(self, request: Request, key: str) -> None:
        """Say that a try was right: it counts no more, for the account nor for the address."""
        self.throttle.forget(key)
        # One only: whoever guesses at others must not win tries by signing in themselves.
        self.throttle.give_back(_address(request))


FRESH = timedelta(minutes=15)
"""For so long after signing in may somebody change how one signs in."""


def _address(request: Request) -> str:
    return f"address:{address_of(request)}"


def address_of(request: Request) -> str:
    """Give the address a request comes from, only to count tries by.

    Behind a proxy on this machine it is the one that the proxy saw. A proxy that hands on what the
    client wrote makes this limit worthless, and no other one: accounts are counted by themselves.
    """
    peer = request.client.host if request.client else ""
    told = request.headers.getlist("x-forwarded-for")
    if told and is_this_machine(peer):
        return told[-1].rpartition(",")[2].strip()[:64]
    return peer


def guard_of(request: Request) -> Guard:
    """Give what the gate works with."""
    guard: Guard = request.state.guard
    return guard


def session_of(request: Request) -> Session | None:
    """Give the session, whatever its stage."""
    session: Session | None = request.state.session
    return session


def fresh(request: Request) -> bool:
    """Say whether somebody signed in just now, so that a stolen cookie alone changes no account."""
    session = session_of(request)
    return session is not None and guard_of(request).clock() - session.created < FRESH


def whose(request: Request) -> Account:
    """Give the person of a session, whatever its stage.

    Raises:
        RuntimeError: There is none; the page let somebody in whom it should not have.
    """
    session = session_of(request)
    person = guard_of(request).accounts.find(session.account) if session else None
    if person is None:
        raise RuntimeError("this page is for a session; look for one first")
    return person


def enter(request: Request, response: Response, account: Account, stage: Stage) -> Response:
    """Let somebody in up to `stage`, under a new name for the session.

    What was in the cookie before is worth nothing from here on.
    """
    guard = guard_of(request)
    before = request.cookies.get(guard.cookie)
    token = guard.sessions.begin(account.id, stage, guard.clock(), instead_of=before)
    request.state.csrf = csrf(token)
    response.set_cookie(
        guard.cookie, token, path=cookie_path(request, guard), secure=guard.own.secure,
        httponly=True, samesite="lax",
    )  # fmt: skip
    return response


def leave(request: Request, response: Response) -> Response:
    """End this browser's session."""
    guard = guard_of(request)
    if token := request.cookies.get(guard.cookie):
        guard.sessions.end(token)
    response.delete_cookie(
        guard.cookie, path=cookie_path(request, guard), secure=guard.own.secure,
        httponly=True, samesite="lax",
    )  # fmt: skip
    return response


def cookie_path(request: Request, guard: Guard) -> str:
    """Give the path of the session's cookie: `__Host-` allows the root only."""
    return "/" if guard.own.secure else f"{root_of(request)}/"


def root_of(request: Request) -> str:
    """Give the path at which the console stands."""
    return str(request.scope.get("root_path", ""))


def to(request: Request, path: str) -> RedirectResponse:
    """Send a browser to a page of the console."""
    return RedirectResponse(f"{root_of(request)}{path}", 303, {"cache-control": "no-store"})
