"""Accounts of others: add somebody, give a role, shut out, let begin anew.

Every change is on the ledger, by ids, before it is made. There is always an owner. Who is added
gets a link from the owner, and nobody but they ever know their password.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Account, Permission, Role
from kanhe.adapters.account_store import new_id
from kanhe.adapters.session_store import INVITATION
from kanhe.console.asked import Fault
from kanhe.console.gate import refusal
from kanhe.console.guard import (
    ADDED,
    CHANGED,
    DISABLED,
    fresh,
    guard_of,
    root_of,
    to,
    whose,
)
from kanhe.console.render import render
from kanhe.console.route import ConsoleRoute
from kanhe.console.setup import name_fault, tidy
from kanhe.console.signin import field
from kanhe.terms import Text

_NOT_NOW = Text("更改账户前，请先重新登录。", "Sign in again before you change accounts.")
_NOBODY = Text("没有这个账户。", "There is no such account.")
_NO_ROLE = Text("没有这个角色。", "There is no such role.")
_ELSEWHERE = Text("此账户由身份提供方管理。", "The identity provider keeps this account.")


async def show(request: Request) -> Response:
    """`GET /accounts`: who may sign in."""
    return _page(request)


async def add(request: Request) -> Response:
    """`POST /accounts`: add somebody, and show the link for them."""
    if not fresh(request):
        return refusal(request, 403, _NOT_NOW)
    guard, form = guard_of(request), await request.form()
    name, role = tidy(field(form, "name")), _role(field(form, "role"))
    if role is None:
        return refusal(request, 422, _NO_ROLE)
    if wrong := name_fault(guard, name):
        return _page(request, faults=(wrong,), name=name)
    person = Account(new_id(), name, role, guard.clock(), whose(request).language)
    await guard.note(ADDED, person.id, role.value, whose(request).id)
    guard.accounts.add(person)
    return _page(request, link=_link(request, person), link_for=name)


async def give_role(request: Request) -> Response:
    """`POST /accounts/{id}/role`: give a role; who has it signs in again."""
    role = _role(field(await request.form(), "role"))
    person = _found(request)
    if isinstance(person, Response):
        return person
    if role is None:
        return refusal(request, 422, _NO_ROLE)
    if role is not Role.OWNER:
        guard_of(request).accounts.require_other_owner(person.id)
    await guard_of(request).note(CHANGED, person.id, role.value, whose(request).id)
    guard_of(request).accounts.set_role(person.id, role)
    return to(request, "/accounts")


async def shut_out(request: Request) -> Response:
    """`POST /accounts/{id}/disabled`: shut somebody out at once, or let them in again."""
    disabled = field(await request.form(), "disabled") == "yes"
    person = _found(request)
    if isinstance(person, Response):
        return person
    if disabled:
        guard_of(request).accounts.require_other_owner(person.id)
    tag = DISABLED if disabled else CHANGED
    await guard_of(request).note(tag, person.id, person.role.value, whose(request).id)
    guard_of(request).accounts.set_disabled(person.id, disabled=disabled)
    return to(request, "/accounts")


async def begin_anew(request: Request) -> Response:
    """`POST /accounts/{id}/reset`: forget by what somebody signs in, and show a new link."""
    person, guard = _found(request), guard_of(request)
    if isinstance(person, Response):
        return person
    if guard.accounts.signs_in_elsewhere(person.id):
        return refusal(request, 409, _ELSEWHERE)
    by = whose(request)
    await guard.note(CHANGED, person.id, person.role.value, by.id)
    guard.accounts.forget_proofs(person.id)
    return _page(request, link=_link(request, person), link_for=person.name)


def _found(request: Request) -> Account | Response:
    if not fresh(request):
        return refusal(request, 403, _NOT_NOW)
    person = guard_of(request).accounts.find(request.path_params["id"])
    return person or refusal(request, 404, _NOBODY)


def _role(given: str) -> Role | None:
    return Role(given) if given in tuple(Role) else None


def _link(request: Request, person: Account) -> str:
    guard = guard_of(request)
    token = guard.sessions.link(person.id, guard.clock() + INVITATION)
    origin = guard.own.url or guard.own.origin(request.headers.get("host", ""))
    return f"{origin}{root_of(request)}/setup?token={token}"


def _page(
    request: Request, *, faults: tuple[Fault, ...] = (), name: str = "", link: str = "",
    link_for: str = "",
) -> Response:  # fmt: skip
    accounts = guard_of(request).accounts
    rows = [
        {
            "person": person,
            "elsewhere": accounts.signs_in_elsewhere(person.id),
            "second": proofs.second,
            "password": proofs.password is not None,
        }
        for person in accounts.all()
        for proofs in [accounts.proofs(person.id)]
    ]
    return render(
        request, "signin/accounts.html", status=422 if faults else 200, accounts=rows,
        roles=[role.value for role in Role], fresh=fresh(request), faults=faults, name=name,
        link=link, link_for=link_for,
    )  # fmt: skip


ROUTES = (
    ConsoleRoute("/accounts", show, Permission.ACCOUNTS),
    ConsoleRoute("/accounts", add, Permission.ACCOUNTS, ("POST",)),
    ConsoleRoute("/accounts/{id}/role", give_role, Permission.ACCOUNTS, ("POST",)),
    ConsoleRoute("/accounts/{id}/disabled", shut_out, Permission.ACCOUNTS, ("POST",)),
    ConsoleRoute("/accounts/{id}/reset", begin_anew, Permission.ACCOUNTS, ("POST",)),
)
