"""My account: by what I sign in, where I am signed in, and how to change that.

Changes are for those who signed in a few minutes ago; for others the page says so.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from webauthn.helpers import bytes_to_base64url

from kanhe.accounts.session import Stage
from kanhe.console.asked import Fault
from kanhe.console.gate import refusal
from kanhe.console.guard import CHANGED, enter, fresh, guard_of, to, whose
from kanhe.console.render import render
from kanhe.console.route import ConsoleRoute
from kanhe.console.setup import password_faults
from kanhe.console.signin import field, too_often
from kanhe.terms import Text

_WRONG = Text("现在的密码不对。", "This is not your password.")
_NOT_NOW = Text("更改密码前，请先重新登录。", "Sign in again before you change your password.")


async def show(request: Request) -> Response:
    """`GET /account`: what is kept about me, and how I sign in."""
    return _page(request, ())


async def change_password(request: Request) -> Response:
    """`POST /account/password`: a new password; other browsers have to sign in again."""
    guard, person, form = guard_of(request), whose(request), await request.form()
    kept = guard.accounts.proofs(person.id).password
    if kept is None or not fresh(request):
        return refusal(request, 403, _NOT_NOW)
    if pause := guard.wait(request, f"change:{person.id}"):
        return too_often(request, pause)
    if not await guard.right(kept, field(form, "current")):
        return _page(request, (Fault("current", _WRONG),))
    faults = password_faults(form, person.name)
    if faults:
        return _page(request, faults)
    new = await guard.hashed(field(form, "password"))
    await guard.note(CHANGED, person.id, person.role.value, "self")
    guard.succeeded(request, f"change:{person.id}")
    guard.accounts.set_password(person.id, new)
    guard.sessions.end_all(person.id)
    return enter(request, to(request, "/account"), person, Stage.FULL)


def _page(request: Request, faults: tuple[Fault, ...]) -> Response:
    guard, person = guard_of(request), whose(request)
    proofs = guard.accounts.proofs(person.id)
    keys = [{"label": one.label, "id": bytes_to_base64url(one.id)} for one in proofs.passkeys]
    return render(
        request, "signin/account.html", status=422 if faults else 200, faults=faults,
        fresh=fresh(request), app=proofs.app is not None, passkeys=keys, codes=proofs.codes,
        sessions=guard.sessions.count(person.id),
        elsewhere=guard.accounts.signs_in_elsewhere(person.id),
    )  # fmt: skip


ROUTES = (
    ConsoleRoute("/account", show, "signed-in"),
    ConsoleRoute("/account/password", change_password, "signed-in", ("POST",)),
)
