"""A console behind its gate, a browser for it, and a device that holds passkeys."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient
from webauthn.helpers import encode_cbor

from consoles import served
from kanhe.accounts import password, totp
from kanhe.accounts.account import Account, Permission, Role
from kanhe.accounts.session import Terms
from kanhe.adapters.account_store import AccountStore, new_id
from kanhe.adapters.session_store import SessionStore
from kanhe.console import accounts_page, enrol, oidc_pages, own_account, setup, signin
from kanhe.console.app import make_console, table
from kanhe.console.gate import Gate
from kanhe.console.guard import Guard
from kanhe.console.origin import Own
from kanhe.console.route import ConsoleRoute

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
HOME = "http://localhost:8080"
PASSWORD = "seven herons cross a river"
KEPT = password.hashed(PASSWORD, bytes(16))
SECRET = b"planted secret of 20"


async def shown(request):
    """A page of the test's own."""
    return PlainTextResponse(f"{request.state.person.name} {request.state.csrf}")


async def echoed(request):
    """A page that gives back what a form sent."""
    form = await request.form()
    return PlainTextResponse(str(form.get("text")))


PAGES = SimpleNamespace(
    ROUTES=(
        ConsoleRoute("/", shown, Permission.STATUS),
        ConsoleRoute("/decisions", shown, Permission.DECISIONS),
        ConsoleRoute("/decisions.json", shown, Permission.DECISIONS),
        ConsoleRoute("/echo", echoed, Permission.STATUS, ("POST",)),
    )
)
OURS = (signin, setup, enrol, own_account, accounts_page, oidc_pages)


class House:
    """A console, its accounts, its ledger and its clock."""

    def __init__(self, folder, *, url="", provider=None, pages=(PAGES, *OURS)):
        self.now = NOW
        self.entries = []
        self.accounts = AccountStore(folder / "accounts.sqlite", bytes(32))
        self.sessions = SessionStore(self.accounts, Terms())
        self.guard = Guard(
            self.accounts, self.sessions, Own(url), self.record, lambda: self.now,
            "kanhe.localhost", provider,
        )  # fmt: skip
        gate = Middleware(Gate, table=table(pages), guard=self.guard)
        console = make_console(served(), pages=pages, middleware=[gate], clock=lambda: self.now)
        self.app = Starlette(routes=[Mount("/console", console)])
        self.home = url or HOME

    async def record(self, tag, facts):
        self.entries.append((tag.removeprefix("operator:account:"), dict(facts)))
        return len(self.entries)

    def person(self, role=Role.OWNER, name="Anna", *, app=True):
        person = Account(new_id(), name, role, NOW, "en")
        self.accounts.add(person)
        self.accounts.set_password(person.id, KEPT)
        if app:
            self.accounts.set_app(person.id, SECRET, 0)
        return person

    def code(self):
        return totp.code(SECRET, totp.step_of(self.now))

    def later(self, **by):
        self.now += timedelta(**by)

    def browser(self):
        return Browser(self)

    def close(self):
        self.accounts.close()


class Browser:
    """One browser: keeps cookies, sends `Origin`, and the token that it found on the last page."""

    def __init__(self, house):
        self.house = house
        self.client = TestClient(house.app, base_url=house.home, follow_redirects=False)
        self.token = ""

    def get(self, path, **given):
        answer = self.client.get(f"/console{path}", **given)
        if found := re.search(r'name="csrf" value="([0-9a-f]*)"', answer.text):
            self.token = found[1]
        return answer

    def post(self, path, *, headers=None, **form):
        sent = {"csrf": self.token} | form
        headers = {"origin": self.house.home} | (headers or {})
        answer = self.client.post(f"/console{path}", data=sent, headers=headers)
        if found := re.search(r'name="csrf" value="([0-9a-f]*)"', answer.text):
            self.token = found[1]
        return answer

    def send(self, path, body):
        headers = {"origin": self.house.home, "x-csrf-token": self.token}
        return self.client.post(f"/console{path}", json=body, headers=headers)

    def sign_in(self, name="Anna", path=""):
        self.get("/sign-in")
        first = self.post("/sign-in", name=name, password=PASSWORD, next=path)
        assert first.status_code == 303, first.text
        self.get("/sign-in/second")
        second = self.post("/sign-in/second", code=self.house.code(), next=path)
        assert second.status_code == 303, second.text
        self.get("/account")
        return second

    @property
    def cookie(self):
        return self.client.cookies.get(self.house.guard.cookie)


def plain(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def coded(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Device:
    """A device with one passkey, as a browser would speak for it."""

    def __init__(self, *, checks=True):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(b"a passkey").digest()
        self.uses = 0
        # User present, user verified.
        self.flags = 0x05 if checks else 0x01

    def register(self, asked, origin=HOME):
        numbers = self.key.public_key().public_numbers()
        public = encode_cbor(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        told = self._told(asked["rp"]["id"], 0x40)
        told += bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        made = encode_cbor({"fmt": "none", "attStmt": {}, "authData": told})
        about = self._about("webauthn.create", asked["challenge"], origin)
        response = {"clientDataJSON": coded(about), "attestationObject": coded(made)}
        return self._credential(response)

    def sign(self, asked, origin=HOME):
        self.uses += 1
        told = self._told(asked["rpId"], 0)
        about = self._about("webauthn.get", asked["challenge"], origin)
        signed = told + hashlib.sha256(about).digest()
        response = {
            "clientDataJSON": coded(about),
            "authenticatorData": coded(told),
            "signature": coded(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": None,
        }
        return self._credential(response)

    def _told(self, site, more):
        flags = bytes([self.flags | more])
        return hashlib.sha256(site.encode()).digest() + flags + struct.pack(">I", self.uses)

    def _about(self, kind, challenge, origin):
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        ).encode()

    def _credential(self, response):
        id_ = coded(self.id)
        return {"id": id_, "rawId": id_, "type": "public-key", "response": response}
