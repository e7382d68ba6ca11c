"""Signing in and out: name and password, then a code; or a passkey, which is both.

A name that nobody bears, a wrong password and a disabled account get one and the same answer, after
the same work. What was tried is on the ledger by the account's id before the answer is given.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from webauthn.helpers import bytes_to_base64url

from kanhe.accounts import passkey, recovery, totp
from kanhe.accounts.account import Account
from kanhe.accounts.passkey import CHALLENGE_BYTES, Site
from kanhe.accounts.password import NOBODYS
from kanhe.accounts.session import Stage
from kanhe.accounts.throttle import ADDRESS
from kanhe.console.asked import Fault
from kanhe.console.gate import refusal
from kanhe.console.guard import (
    NOBODY,
    REFUSED,
    SIGNED_IN,
    Guard,
    address_of,
    enter,
    guard_of,
    leave,
    root_of,
    session_of,
    to,
    whose,
)
from kanhe.console.origin import safe_path
from kanhe.console.render import render
from kanhe.console.route import ConsoleRoute
from kanhe.terms import Text

_WRONG = Text("用户名或密码不对。", "The name or the password is not right.")
_WRONG_CODE = Text("验证码不对，或者已经用过。", "This code is not right, or has been used.")
_NO_PASSKEY = Text("这个通行密钥不能在此登录。", "This passkey does not open an account here.")
_NO_SITE = Text("通行密钥只能在 HTTPS 域名或 localhost 下使用。",
                "Passkeys work under a name over HTTPS, or under localhost.")  # fmt: skip


async def ask(request: Request) -> Response:
    """`GET /sign-in`: name and password, a passkey, or the identity provider."""
    return _page(request, onward(request, request.query_params.get("next", "")), ())


async def check_password(request: Request) -> Response:
    """`POST /sign-in`: the first factor."""
    guard, form = guard_of(request), await request.form()
    name, password = field(form, "name").strip(), field(form, "password")
    path = onward(request, field(form, "next"))
    key = f"password:{name.casefold()[:128]}"
    if pause := guard.wait(request, key):
        return too_often(request, pause)
    person = guard.accounts.named(name)
    proofs = guard.accounts.proofs(person.id) if person and not person.disabled else None
    kept = proofs.password if proofs else None
    right = await guard.right(kept or NOBODYS, password)
    if person is None or proofs is None or kept is None or not right:
        await guard.note(REFUSED, person.id if person else NOBODY, _role(person), "self")
        return _page(request, path, (Fault("name", _WRONG),), status=403)
    guard.succeeded(request, key)
    stage = Stage.SECOND if proofs.second else Stage.ENROL
    step = "/sign-in/second" if proofs.second else "/enrol"
    return enter(request, to(request, f"{step}?{urlencode({'next': path})}"), person, stage)


async def ask_code(request: Request) -> Response:
    """`GET /sign-in/second`: the code of the app, or one from paper."""
    session = session_of(request)
    if session is None or session.stage is not Stage.SECOND:
        return to(request, "/sign-in")
    return _second(request, onward(request, request.query_params.get("next", "")), ())


async def check_code(request: Request) -> Response:
    """`POST /sign-in/second`: the second factor."""
    guard, session = guard_of(request), session_of(request)
    if session is None or session.stage is not Stage.SECOND:
        return to(request, "/sign-in")
    form, person = await request.form(), whose(request)
    path, code = onward(request, field(form, "next")), field(form, "code")
    key = f"second:{person.id}"
    if pause := guard.wait(request, key):
        return too_often(request, pause)
    if not _second_is_right(guard, person, code):
        await guard.note(REFUSED, person.id, person.role.value, "self")
        return _second(request, path, (Fault("code", _WRONG_CODE),), status=403)
    guard.succeeded(request, key)
    await guard.note(SIGNED_IN, person.id, person.role.value, "self")
    return enter(request, to(request, path.removeprefix(root_of(request))), person, Stage.FULL)


async def ask_passkey(request: Request) -> Response:
    """`POST /sign-in/passkey/options`: what the browser is to ask a passkey."""
    guard, site = guard_of(request), site_of(request)
    if site is None:
        return refusal(request, 409, _NO_SITE)
    if pause := guard.wait(request, f"question:{address_of(request)}", ADDRESS):
        return too_often(request, pause)
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    guard.sessions.hold("sign-in", bytes_to_base64url(challenge), {}, guard.clock())
    return JSONResponse(passkey.asked_to_sign_in(site, challenge))


async def check_passkey(request: Request) -> Response:
    """`POST /sign-in/passkey`: what the passkey answered; both factors at once."""
    guard, site, sent = guard_of(request), site_of(request), await body_of(request)
    if site is None:
        return refusal(request, 409, _NO_SITE)
    if pause := guard.wait(request, f"passkey:{address_of(request)}", ADDRESS):
        return too_often(request, pause)
    person = _passkey_opens(guard, site, sent.get("credential", {}))
    if person is None or person.disabled:
        await guard.note(REFUSED, person.id if person else NOBODY, _role(person), "self")
        return refusal(request, 403, _NO_PASSKEY)
    await guard.note(SIGNED_IN, person.id, person.role.value, "self")
    path = onward(request, str(sent.get("next", "")))
    return enter(request, JSONResponse({"to": path}), person, Stage.FULL)


async def sign_out(request: Request) -> Response:
    """`POST /sign-out`: end this browser's session, whatever its stage."""
    return leave(request, to(request, "/sign-in"))


async def sign_out_everywhere(request: Request) -> Response:
    """`POST /sign-out/everywhere`: end every session of this person."""
    guard = guard_of(request)
    guard.sessions.end_all(whose(request).id)
    return leave(request, to(request, "/sign-in"))


def onward(request: Request, path: str) -> str:
    """Give where somebody wanted to go, where that is a page of ours."""
    return safe_path(path, root_of(request))


def field(form: FormData, name: str) -> str:
    """Give a field of a form as text; empty where there is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


async def body_of(request: Request) -> dict[str, Any]:
    """Read a JSON object; an empty one where there is none."""
    try:
        sent = await request.json()
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def site_of(request: Request) -> Site | None:
    """Give where passkeys are good, for the host that was asked."""
    return guard_of(request).own.site(request.headers.get("host", ""))


def too_often(request: Request, seconds: int) -> Response:
    """Say how long to wait; nothing was looked at."""
    what = Text(f"尝试次数过多。请等 {seconds} 秒再试。",
                f"Too many tries. Wait {seconds} seconds and try again.")  # fmt: skip
    return refusal(request, 429, what, wait_s=seconds)


def _second_is_right(guard: Guard, person: Account, code: str) -> bool:
    proofs = guard.accounts.proofs(person.id)
    step = totp.accepted(proofs.app, code, guard.clock(), proofs.last_step) if proofs.app else None
    if step is not None:
        return guard.accounts.take_step(person.id, step)
    return guard.accounts.take_code(person.id, recovery.kept(code))


def _passkey_opens(guard: Guard, site: Site, answer: object) -> Account | None:
    """Give whose account a passkey's answer opens; its question cannot be asked again."""
    if not isinstance(answer, dict):
        return None
    challenge, id_ = passkey.challenge_of(answer), passkey.id_of(answer)
    if challenge is None or id_ is None:
        return None
    if guard.sessions.take("sign-in", bytes_to_base64url(challenge), guard.clock()) is None:
        return None
    known = guard.accounts.passkey(id_)
    uses = passkey.signed_in(site, known, challenge, answer) if known else None
    if known is None or uses is None:
        return None
    guard.accounts.used_passkey(id_, uses)
    return guard.accounts.find(known.account)


def _page(request: Request, path: str, faults: tuple[Fault, ...], *, status: int = 200) -> Response:
    guard = guard_of(request)
    return render(
        request, "signin/sign_in.html", status=status, next=path, faults=faults,
        provider=guard.provider.name if guard.provider else "",
        passkeys=site_of(request) is not None, nobody=not guard.accounts.all(),
    )  # fmt: skip


def _second(
    request: Request, path: str, faults: tuple[Fault, ...], *, status: int = 200
) -> Response:
    proofs = guard_of(request).accounts.proofs(whose(request).id)
    return render(
        request, "signin/second.html", status=status, next=path, faults=faults,
        app=proofs.app is not None, passkeys=bool(proofs.passkeys) and site_of(request) is not None,
    )  # fmt: skip


def _role(person: Account | None) -> str:
    return person.role.value if person else ""


ROUTES = (
    ConsoleRoute("/sign-in", ask, "open"),
    ConsoleRoute("/sign-in", check_password, "open", ("POST",)),
    ConsoleRoute("/sign-in/second", ask_code, "open"),
    ConsoleRoute("/sign-in/second", check_code, "open", ("POST",)),
    ConsoleRoute("/sign-in/passkey/options", ask_passkey, "open", ("POST",)),
    ConsoleRoute("/sign-in/passkey", check_passkey, "open", ("POST",)),
    ConsoleRoute("/sign-out", sign_out, "open", ("POST",)),
    ConsoleRoute("/sign-out/everywhere", sign_out_everywhere, "signed-in", ("POST",)),
)
