"""Signing in through an identity provider: the way there, and the way back.

The way back counts only in the browser that began it, once, within ten minutes. Who comes back
without a role in the settings stays out; a role that changed there changes here.
"""

from __future__ import annotations

import hmac
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Account, Role
from kanhe.accounts.session import Stage
from kanhe.accounts.throttle import ADDRESS
from kanhe.adapters.account_store import new_id
from kanhe.adapters.oidc import Vouched
from kanhe.adapters.session_store import TICKET
from kanhe.console.gate import refusal
from kanhe.console.guard import (
    ADDED,
    CHANGED,
    NOBODY,
    REFUSED,
    SIGNED_IN,
    Guard,
    cookie_path,
    enter,
    guard_of,
    root_of,
    to,
)
from kanhe.console.render import language_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.signin import onward, too_often
from kanhe.terms import Text

_NONE = Text("没有设置身份提供方。", "No identity provider is set.")
_LOST = Text("登录没有完成，或者不是从这个浏览器开始的。请从登录页重新开始。",
             "This sign-in was not begun in this browser, or was not finished. Begin again from "
             "the sign-in page.")  # fmt: skip
_NO_ROLE = Text("身份提供方认识您，但没有给您本控制台的角色。请联系管理员。",
                "Your identity provider knows you, but gives you no role here. Ask whoever "
                "manages it.")  # fmt: skip


async def start(request: Request) -> Response:
    """`GET /oidc/start`: send the browser to the provider."""
    guard = guard_of(request)
    if guard.provider is None:
        return refusal(request, 404, _NONE)
    if pause := guard.wait(request, "provider", ADDRESS):
        return too_often(request, pause)
    journey = await guard.provider.journey(_redirect(request))
    path = onward(request, request.query_params.get("next", ""))
    held = {"nonce": journey.nonce, "verifier": journey.verifier, "next": path}
    guard.sessions.hold("oidc", journey.state, held, guard.clock())
    response = RedirectResponse(journey.url, 303, {"cache-control": "no-store"})
    response.set_cookie(
        _cookie(guard), journey.state, max_age=int(TICKET.total_seconds()),
        path=cookie_path(request, guard), secure=guard.own.secure, httponly=True, samesite="lax",
    )  # fmt: skip
    return response


async def back(request: Request) -> Response:
    """`GET /oidc/callback`: the browser is back, with a code or without."""
    guard, query = guard_of(request), request.query_params
    if guard.provider is None:
        return refusal(request, 404, _NONE)
    state, begun = query.get("state", ""), request.cookies.get(_cookie(guard), "")
    held = None
    if state and hmac.compare_digest(state.encode(), begun.encode()):
        held = guard.sessions.take("oidc", state, guard.clock())
    if held is None or "code" not in query:
        return refusal(request, 403, _LOST)
    vouched = await guard.provider.vouched(query["code"], _redirect(request), held)
    person = await _person(request, guard, vouched)
    if person is None:
        await guard.note(REFUSED, NOBODY, "", "oidc")
        return refusal(request, 403, _NO_ROLE)
    await guard.note(SIGNED_IN, person.id, person.role.value, "oidc")
    onto = to(request, held["next"].removeprefix(root_of(request)))
    onto.delete_cookie(_cookie(guard), path=cookie_path(request, guard), secure=guard.own.secure)
    return enter(request, onto, person, Stage.FULL)


async def _person(request: Request, guard: Guard, vouched: Vouched) -> Account | None:
    """Give the account of whom the provider vouches for, as it says now; None: stays out."""
    known = guard.accounts.of_subject(vouched.issuer, vouched.subject)
    if vouched.role is None or (known and known.disabled):
        return None
    if known is None:
        name = _free(guard, vouched.name)
        person = Account(new_id(), name, vouched.role, guard.clock(), language_of(request))
        await guard.note(ADDED, person.id, person.role.value, "oidc")
        guard.accounts.add(person, issuer=vouched.issuer, subject=vouched.subject)
        return person
    if known.role is not vouched.role:
        if vouched.role is not Role.OWNER:
            guard.accounts.require_other_owner(known.id)
        await guard.note(CHANGED, known.id, vouched.role.value, "oidc")
        guard.accounts.set_role(known.id, vouched.role)
    return guard.accounts.find(known.id)


def _free(guard: Guard, name: str) -> str:
    """Give a name that nobody has: a provider's name must not stand for an account here."""
    taken = {person.name.casefold() for person in guard.accounts.all()}
    if name.casefold() not in taken:
        return name
    more = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return next(one for one in more if one.casefold() not in taken)


def _redirect(request: Request) -> str:
    return f"{guard_of(request).own.url}{quote(root_of(request))}/oidc/callback"


def _cookie(guard: Guard) -> str:
    return "__Host-kanhe-oidc" if guard.own.secure else "kanhe_oidc"


ROUTES = (
    ConsoleRoute("/oidc/start", start, "open"),
    ConsoleRoute("/oidc/callback", back, "open"),
)
