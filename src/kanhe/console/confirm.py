"""A second look at who is there, before something is signed: the code of an app, if there is one.

A cookie alone, taken from an open desk, signs nothing for a person who has an app.
"""

from __future__ import annotations

from starlette.requests import Request

from kanhe.accounts import totp
from kanhe.accounts.account import Account
from kanhe.console.asked import Fault
from kanhe.console.guard import Guard
from kanhe.console.render import person_of
from kanhe.terms import Text

FIELD = "code"

_WRONG = Text(
    "验证码不对，或已经用过。请填写验证器现在显示的六位数字。",
    "This code is wrong or used. Write the six digits that the app shows now.",
)


def asks_code(request: Request) -> bool:
    """Say whether the person has an app that makes codes."""
    guard, person = _guard(request), person_of(request)
    return bool(guard and person and guard.accounts.proofs(person.id).app)


def unconfirmed(request: Request, code: str) -> tuple[Fault, ...]:
    """Give what is wrong with the code that was written; nothing where none is asked for.

    A right code is used up by it, as it is when one signs in.
    """
    guard, person = _guard(request), person_of(request)
    if guard is None or person is None or not asks_code(request):
        return ()
    key = f"confirm:{person.id}"
    if pause := guard.wait(request, key):
        said = f"Too many tries. Wait {pause} seconds and try again."
        return (Fault(FIELD, Text(f"尝试次数过多。请等 {pause} 秒再试。", said)),)
    if not _right(guard, person, code):
        return (Fault(FIELD, _WRONG),)
    guard.succeeded(request, key)
    return ()


def _right(guard: Guard, person: Account, code: str) -> bool:
    proofs = guard.accounts.proofs(person.id)
    if proofs.app is None:
        return False
    step = totp.accepted(proofs.app, code, guard.clock(), proofs.last_step)
    return step is not None and guard.accounts.take_step(person.id, step)


def _guard(request: Request) -> Guard | None:
    guard: Guard | None = getattr(request.state, "guard", None)
    return guard
