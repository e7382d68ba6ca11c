"""The gate of the console: every request passes it before any page sees it.

In this order: is the host ours, is there such a page, who is there, may they, does a request that
changes something come from our own page and carry the session's token, is it small enough. What is
refused here has touched nothing. Every answer leaves with the headers that keep a browser from
doing more than the page asks for.

Pages find `request.state.person` (Account or None), `.session` (whatever its stage), `.csrf` (for
the hidden field `csrf` of forms, or the header `X-CSRF-Token`) and `.guard`.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kanhe.accounts.account import ALLOWED, Permission, Role, may
from kanhe.accounts.session import Stage, csrf
from kanhe.console.guard import Guard, root_of, to
from kanhe.console.origin import comes_from_ours
from kanhe.console.render import render
from kanhe.console.route import ConsoleRoute
from kanhe.terms import Text

LONGEST = 256 << 10
"""Bytes of a request that changes something; forms of ours have far fewer."""

_FIELDS = 1_000
_SAFE = ("GET", "HEAD")
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    # Not no-referrer: with it browsers send `Origin: null`, and our own forms would be strangers.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Headers of every answer. A page may not load, embed or send anything but our own."""

_NEXT_STAGE = {Stage.SECOND: "/sign-in/second", Stage.ENROL: "/enrol"}


class Gate:
    """ASGI middleware around the console's router.

    Args:
        app: What is behind the gate.
        table: Every route that there is.
        guard: Accounts and sessions.
    """

    def __init__(self, app: ASGIApp, table: Sequence[ConsoleRoute], guard: Guard) -> None:
        self._app, self._guard = app, guard
        self._routes = [
            (Route(one.path, one.page, methods=list(one.methods)), one) for one in table
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            return
        guarded = _with_headers(send, secure=self._guard.own.secure)
        request = Request(scope, receive)
        request.state.guard = self._guard
        request.state.person = request.state.session = None
        request.state.csrf = ""
        refused, again = self._looked_at(request), receive
        if refused is None and request.method not in _SAFE:
            checked = await self._checked(request)
            if isinstance(checked, bytes):
                again = _again(checked, receive)
            else:
                refused = checked
        await (refused or self._app)(scope, again, guarded)

    def _looked_at(self, request: Request) -> Response | None:
        """Refuse by host and by route; find out who is there."""
        if request.method not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("this method is not used here", 405, {"allow": "GET, POST"})
        if self._guard.own.origin(request.headers.get("host", "")) is None:
            return PlainTextResponse(
                "this host is not served: set console.url to the address browsers use", 421
            )
        self._recognise(request)
        route = self._route(request.scope)
        # Without a route, the router says that there is no page, or not for this method.
        return self._permitted(request, route) if route else None

    def _recognise(self, request: Request) -> None:
        token = request.cookies.get(self._guard.cookie, "")
        session = self._guard.sessions.find(token, self._guard.clock()) if token else None
        person = self._guard.accounts.find(session.account) if session else None
        if session is None or person is None or person.disabled:
            return
        request.state.session, request.state.csrf = session, csrf(token)
        request.state.person = person if session.stage is Stage.FULL else None

    def _route(self, scope: Scope) -> ConsoleRoute | None:
        for route, one in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return one
        return None

    def _permitted(self, request: Request, route: ConsoleRoute) -> Response | None:
        person, permission = request.state.person, route.permission
        if permission == "open":
            return None
        if person is None:
            return _sign_in(request)
        if permission == "signed-in" or may(person.role, permission):
            return None
        return _not_allowed(request, permission)

    async def _checked(self, request: Request) -> Response | bytes:
        """Give the body of a request that a page of ours sent in this very session, or refuse."""
        ours = self._guard.own.origin(request.headers.get("host", "")) or ""
        sent = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if not comes_from_ours(ours, *sent):
            return refusal(request, 403, _FOREIGN)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (_FORM, _JSON):
            return refusal(request, 415, _OTHER_KIND)
        try:
            body = await _body(request)
        except ClientDisconnect:
            # Nobody reads this: whoever sent half a form has left. It is no fault of ours to log.
            return Response(status_code=400)
        if body is None:
            return refusal(request, 413, _TOO_LARGE)
        if request.state.session is not None and not _carries_token(request, kind, body):
            return refusal(request, 403, _STALE)
        return body


def refusal(request: Request, status: int, what: Text, *, wait_s: int = 0) -> Response:
    """Give a page, or JSON where JSON was asked for, that says why not and what to do."""
    headers = {"cache-control": "no-store"} | ({"retry-after": str(wait_s)} if wait_s else {})
    if wants_json(request):
        return JSONResponse({"error": {"zh": what.zh, "en": what.en}}, status, headers)
    response = render(request, "error.html", status=status, code=status, what=what, advice=None)
    response.headers.update(headers)
    return response


def wants_json(request: Request) -> bool:
    """Say whether a script asks, or the JSON twin of a page is asked for."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.url.path.endswith(".json") or kind == _JSON


def who_may(permission: Permission) -> tuple[Role, ...]:
    """Give the roles that a permission comes with."""
    return tuple(role for role in Role if permission in ALLOWED[role])


_FOREIGN = Text("这个请求不是从本控制台的页面发出的，没有执行。请从控制台的页面重新操作。",
                "This did not come from a page of this console; nothing was done. "
                "Begin again from the page.")  # fmt: skip
_STALE = Text("这个页面打开得太久，登录状态已经变了。没有执行；请刷新页面后再试。",
              "This page is older than your session; nothing was done. Reload it and try again."
              )  # fmt: skip
_OTHER_KIND = Text("这里只接受表单和 JSON。", "Only forms and JSON are taken here.")
_TOO_LARGE = Text(f"请求超过 {LONGEST >> 10} kB，没有执行。",
                  f"The request has more than {LONGEST >> 10} kB; nothing was done."
                  )  # fmt: skip
_SIGN_IN = Text("请先登录。", "Sign in first.")
_ROLES = {
    Role.OWNER: Text("所有者", "owner"),
    Role.OPERATOR: Text("运营人员", "operator"),
    Role.REVIEWER: Text("复核人员", "reviewer"),
    Role.AUDITOR: Text("审计人员", "auditor"),
    Role.READER: Text("只读人员", "reader"),
}


def _sign_in(request: Request) -> Response:
    session = request.state.session
    if wants_json(request) or request.method not in _SAFE:
        return refusal(request, 401, _SIGN_IN)
    if session is not None:
        return to(request, _NEXT_STAGE[session.stage])
    query = f"?{request.url.query}" if request.url.query else ""
    asked = urlencode({"next": f"{request.url.path}{query}"})
    return RedirectResponse(
        f"{root_of(request)}/sign-in?{asked}", 303, {"cache-control": "no-store"}
    )


def _not_allowed(request: Request, permission: Permission) -> Response:
    roles = [_ROLES[role] for role in who_may(permission)]
    zh, en = "、".join(role.zh for role in roles), ", ".join(role.en for role in roles)
    return refusal(
        request, 403,
        Text(f"您的角色不能查看或执行此项。可以的是：{zh}。",
             f"Your role does not allow this. These do: {en}."),
    )  # fmt: skip


async def _body(request: Request) -> bytes | None:
    """Read the body; None where it is too large, without reading on."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > LONGEST:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST:
            return None
        parts.append(part)
    return b"".join(parts)


def _carries_token(request: Request, kind: str, body: bytes) -> bool:
    given = request.headers.get("x-csrf-token")
    if given is None and kind == _FORM:
        try:
            fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS)
        except ValueError:
            return False
        tokens = [value for name, value in fields if name == "csrf"]
        given = tokens[0] if len(tokens) == 1 else None
    return given is not None and hmac.compare_digest(given.encode(), request.state.csrf.encode())


def _again(body: bytes, rest: Receive) -> Receive:
    """Give the body that was read to whoever reads it next, and then what really comes."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return await rest()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_headers(send: Send, *, secure: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if secure:
                headers["strict-transport-security"] = "max-age=31536000"
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending
