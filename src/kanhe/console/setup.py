"""The links that set a password: the first owner's, an invitation, a new beginning.

A link is good once and for a while. Whoever has the first one becomes the owner, so it is shown
where only the operator looks: in the terminal in which the service was started.
"""

from __future__ import annotations

import unicodedata

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Account, Role
from kanhe.accounts.password import weakness
from kanhe.accounts.session import Stage
from kanhe.accounts.throttle import ADDRESS
from kanhe.adapters.account_store import new_id
from kanhe.console.asked import Fault
from kanhe.console.gate import refusal
from kanhe.console.guard import ADDED, CHANGED, Guard, enter, guard_of, to
from kanhe.console.render import language_of, render
from kanhe.console.route import ConsoleRoute
from kanhe.console.signin import field, too_often
from kanhe.terms import Text

_LONGEST_NAME = 64
_WORTHLESS = Text("这个链接已经用过或已过期。请所有者重新发一个；"
                  "还没有账户时，运行 kanhe account setup-link。",
                  "This link has been used or is too old. Ask an owner for another; where there is "
                  "no account yet, run: kanhe account setup-link")  # fmt: skip
_NO_NAME = Text(f"请填写用户名，不超过 {_LONGEST_NAME} 个字符。",
                f"Write a name of at most {_LONGEST_NAME} characters.")  # fmt: skip
_DIFFERENT = Text("两次输入的密码不一致。", "The two passwords are not the same.")
_TAKEN = Text("已经有人用这个名字。请换一个。", "Somebody has this name already. Take another.")


async def ask(request: Request) -> Response:
    """`GET /setup?token=…`: who has the link may set a password, and the first one a name."""
    guard, token = guard_of(request), request.query_params.get("token", "")
    if pause := guard.wait(request, _tries(request), ADDRESS):
        return too_often(request, pause)
    linked = guard.sessions.linked(token, guard.clock())
    if linked is None:
        return refusal(request, 403, _WORTHLESS)
    return _page(request, token, _named(guard, linked[0]), ())


async def take(request: Request) -> Response:
    """`POST /setup`: set the password, use the link up, and go on to the second factor."""
    guard, form = guard_of(request), await request.form()
    token = field(form, "token")
    if pause := guard.wait(request, _tries(request), ADDRESS):
        return too_often(request, pause)
    linked = guard.sessions.linked(token, guard.clock())
    if linked is None:
        return refusal(request, 403, _WORTHLESS)
    person = _named(guard, linked[0])
    name = person.name if person else tidy(field(form, "name"))
    faults = _faults(guard, person, name, form)
    if faults:
        return _page(request, token, person, faults, name=name)
    kept = await guard.hashed(field(form, "password"))
    # From here on nobody else can use it, even one who asked at the same time.
    if not guard.sessions.drop_link(token):
        return refusal(request, 403, _WORTHLESS)
    if person is None:
        person = await _first_owner(request, guard, name)
    else:
        await guard.note(CHANGED, person.id, person.role.value, "self")
        guard.sessions.end_all(person.id)
    guard.accounts.set_password(person.id, kept)
    second = guard.accounts.proofs(person.id).second
    stage = Stage.SECOND if second else Stage.ENROL
    return enter(request, to(request, "/sign-in/second" if second else "/enrol"), person, stage)


def _tries(request: Request) -> str:
    # By address, never for all together: else a stranger could use up everybody's tries.
    return f"link:{request.client.host if request.client else ''}"


async def _first_owner(request: Request, guard: Guard, name: str) -> Account:
    person = Account(new_id(), name, Role.OWNER, guard.clock(), language_of(request))
    await guard.note(ADDED, person.id, person.role.value, "self")
    guard.accounts.add(person)
    return person


def tidy(name: str) -> str:
    """Give a name as it is kept: one form for one look, nothing invisible."""
    plain = unicodedata.normalize("NFKC", name)
    return " ".join("".join(filter(str.isprintable, plain)).split())


def name_fault(guard: Guard, name: str) -> Fault | None:
    """Say what is wrong with a new name."""
    if not 0 < len(name) <= _LONGEST_NAME:
        return Fault("name", _NO_NAME)
    return Fault("name", _TAKEN) if guard.accounts.named(name) else None


def password_faults(form: FormData, name: str) -> tuple[Fault, ...]:
    """Say what is wrong with a new password, typed twice."""
    password = field(form, "password")
    found = []
    if weak := weakness(password, name):
        found.append(Fault("password", weak))
    if password != field(form, "again"):
        found.append(Fault("again", _DIFFERENT))
    return tuple(found)


def _faults(guard: Guard, person: Account | None, name: str, form: FormData) -> tuple[Fault, ...]:
    wrong = None if person else name_fault(guard, name)
    return (*((wrong,) if wrong else ()), *password_faults(form, name))


def _named(guard: Guard, account: str | None) -> Account | None:
    return guard.accounts.find(account) if account else None


def _page(
    request: Request, token: str, person: Account | None, faults: tuple[Fault, ...],
    *, name: str = "",
) -> Response:  # fmt: skip
    return render(
        request, "signin/setup.html", status=422 if faults else 200, token=token, whose=person,
        faults=faults, name=person.name if person else name,
    )  # fmt: skip


ROUTES = (
    ConsoleRoute("/setup", ask, "open"),
    ConsoleRoute("/setup", take, "open", ("POST",)),
)
