"""Getting a second factor: an app that shows codes, or a passkey. Nobody goes on without one.

Whoever is signed in already may add one for a few minutes after signing in; after that, they sign
in again first. Recovery codes are shown once, when they are made.
"""

from __future__ import annotations

import secrets

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from kanhe.accounts import passkey, recovery, totp
from kanhe.accounts.account import Account
from kanhe.accounts.passkey import CHALLENGE_BYTES
from kanhe.accounts.session import Stage
from kanhe.console.asked import Fault
from kanhe.console.gate import refusal
from kanhe.console.guard import (
    CHANGED,
    SIGNED_IN,
    Guard,
    enter,
    fresh,
    guard_of,
    root_of,
    session_of,
    to,
    whose,
)
from kanhe.console.render import render
from kanhe.console.route import ConsoleRoute
from kanhe.console.signin import body_of, field, onward, site_of, too_often
from kanhe.terms import Text

_WRONG = Text("验证码不对。请看应用上当前显示的六位数字。",
              "This code is not right. Type the six digits that the app shows now.")  # fmt: skip
_NOT_NOW = Text("更改登录方式前，请先重新登录。",
                "Sign in again before you change how you sign in.")  # fmt: skip
_NOT_MADE = Text("通行密钥没有建立。请重试。", "No passkey was made. Try again.")
_LONGEST_LABEL = 40


async def ask(request: Request) -> Response:
    """`GET /enrol`: a secret for an app, as a picture and in letters, or a passkey."""
    if not may_enrol(request):
        return to(request, "/sign-in")
    return _page(request, onward(request, request.query_params.get("next", "")), ())


async def take(request: Request) -> Response:
    """`POST /enrol`: the first code that the app shows."""
    guard, session = guard_of(request), session_of(request)
    if session is None or not may_enrol(request) or session.pending is None:
        return refusal(request, 403, _NOT_NOW)
    form, person = await request.form(), whose(request)
    path = onward(request, field(form, "next"))
    if pause := guard.wait(request, f"second:{person.id}"):
        return too_often(request, pause)
    step = totp.accepted(session.pending, field(form, "code"), guard.clock(), 0)
    if step is None:
        return _page(request, path, (Fault("code", _WRONG),), status=422)
    await _on_record(guard, person, session.stage)
    guard.succeeded(request, f"second:{person.id}")
    guard.accounts.set_app(person.id, session.pending, step)
    codes = new_codes(guard, person)
    request.state.person = person
    shown = render(request, "signin/codes.html", codes=codes, next=path)
    return enter(request, shown, person, Stage.FULL)


async def ask_passkey(request: Request) -> Response:
    """`POST /enrol/passkey/options`: what the browser is to make."""
    guard, site = guard_of(request), site_of(request)
    if site is None or not may_enrol(request):
        return refusal(request, 403, _NOT_NOW)
    person, challenge = whose(request), secrets.token_bytes(CHALLENGE_BYTES)
    held = {"account": person.id}
    guard.sessions.hold("enrol", bytes_to_base64url(challenge), held, guard.clock())
    known = guard.accounts.proofs(person.id).passkeys
    return JSONResponse(passkey.asked_to_register(site, person, challenge, known))


async def take_passkey(request: Request) -> Response:
    """`POST /enrol/passkey`: the passkey that was made."""
    guard, session, site = guard_of(request), session_of(request), site_of(request)
    if session is None or site is None or not may_enrol(request):
        return refusal(request, 403, _NOT_NOW)
    sent, person = await body_of(request), whose(request)
    answer = sent.get("credential")
    challenge = passkey.challenge_of(answer) if isinstance(answer, dict) else None
    if challenge is None or not isinstance(answer, dict):
        return refusal(request, 422, _NOT_MADE)
    held = guard.sessions.take("enrol", bytes_to_base64url(challenge), guard.clock())
    label = _label(sent.get("label"))
    made = passkey.registered(site, person, challenge, answer, label)
    if made is None or held != {"account": person.id}:
        return refusal(request, 422, _NOT_MADE)
    await _on_record(guard, person, session.stage)
    if not guard.accounts.add_passkey(made):
        return refusal(request, 422, _NOT_MADE)
    where = JSONResponse({"to": f"{root_of(request)}/account"})
    return enter(request, where, person, Stage.FULL)


async def remove_passkey(request: Request) -> Response:
    """`POST /account/passkey/remove`: forget a passkey, unless it is the last second factor."""
    if not fresh(request):
        return refusal(request, 403, _NOT_NOW)
    guard, form, person = guard_of(request), await request.form(), whose(request)
    try:
        id_ = base64url_to_bytes(field(form, "passkey"))
    except ValueError:
        id_ = b""
    await guard.note(CHANGED, person.id, person.role.value, "self")
    if not guard.accounts.remove_passkey(person.id, id_):
        last = Text("这是最后一个第二要素，不能删除。请先添加另一个。",
                    "This is your last second factor. Add another one first.")  # fmt: skip
        return refusal(request, 409, last)
    return to(request, "/account")


async def renew_codes(request: Request) -> Response:
    """`POST /account/codes`: new recovery codes; the old ones are worth nothing."""
    if not fresh(request):
        return refusal(request, 403, _NOT_NOW)
    guard, person = guard_of(request), whose(request)
    await guard.note(CHANGED, person.id, person.role.value, "self")
    path = f"{root_of(request)}/account"
    return render(request, "signin/codes.html", codes=new_codes(guard, person), next=path)


def may_enrol(request: Request) -> bool:
    """Say whether a second factor may be added in this session."""
    session = session_of(request)
    if session is None or session.stage is Stage.SECOND:
        return False
    person = whose(request)
    here = not guard_of(request).accounts.signs_in_elsewhere(person.id)
    return here and (session.stage is Stage.ENROL or fresh(request))


def new_codes(guard: Guard, person: Account) -> list[str]:
    """Make recovery codes, keep their hashes, and give them to be shown this once."""
    codes = [
        recovery.spelled(secrets.token_bytes(recovery.CODE_BYTES)) for _ in range(recovery.COUNT)
    ]
    guard.accounts.set_codes(person.id, [recovery.kept(code) for code in codes])
    return codes


async def _on_record(guard: Guard, person: Account, stage: Stage) -> None:
    await guard.note(CHANGED, person.id, person.role.value, "self")
    if stage is Stage.ENROL:
        await guard.note(SIGNED_IN, person.id, person.role.value, "self")


def _page(request: Request, path: str, faults: tuple[Fault, ...], *, status: int = 200) -> Response:
    guard, session, person = guard_of(request), session_of(request), whose(request)
    secret = session.pending if session else None
    if secret is None:
        secret = secrets.token_bytes(totp.SECRET_BYTES)
        token = request.cookies.get(guard.cookie, "")
        guard.sessions.set_pending(token, person.id, secret)
    spelled = totp.spelled(secret)
    picture = segno.make(totp.uri(secret, issuer=guard.issuer, name=person.name), error="m")
    return render(
        request, "signin/enrol.html", status=status, next=path, faults=faults,
        picture=picture.svg_data_uri(scale=4, border=4, light="white"),
        secret=" ".join(spelled[at : at + 4] for at in range(0, len(spelled), 4)),
        passkeys=site_of(request) is not None,
    )  # fmt: skip


def _label(given: object) -> str:
    text = "".join(filter(str.isprintable, given)) if isinstance(given, str) else ""
    return text.strip()[:_LONGEST_LABEL] or "passkey"


ROUTES = (
    ConsoleRoute("/enrol", ask, "open"),
    ConsoleRoute("/enrol", take, "open", ("POST",)),
    ConsoleRoute("/enrol/passkey/options", ask_passkey, "open", ("POST",)),
    ConsoleRoute("/enrol/passkey", take_passkey, "open", ("POST",)),
    ConsoleRoute("/account/passkey/remove", remove_passkey, "signed-in", ("POST",)),
    ConsoleRoute("/account/codes", renew_codes, "signed-in", ("POST",)),
)
