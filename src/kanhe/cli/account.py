"""`kanhe account`: who may work at the console, for whoever can reach the machine.

What is changed is on the ledger first, by ids; the service may run or not, and sees it at once.
Links are shown here and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from kanhe.accounts.account import Account, Role
from kanhe.accounts.session import Terms
from kanhe.adapters.account_store import AccountStore, new_id, open_accounts
from kanhe.adapters.record_door import record
from kanhe.adapters.service_file import running
from kanhe.adapters.session_store import FIRST_OWNER, INVITATION, SessionStore
from kanhe.cli.options import config_option, data_option
from kanhe.errors import AccountError
from kanhe.settings import Settings, read_basics

_ADDED = "operator:account:added"
_CHANGED = "operator:account:changed"
_DISABLED = "operator:account:disabled"

_role = click.Choice([role.value for role in Role])


@click.group()
def account() -> None:
    """Say who may work at the console, and as what."""


@account.command()
@click.argument("name")
@click.option("--role", type=_role, default="reader", show_default=True, help="What they are.")
@data_option
@config_option
def add(name: str, role: str, data: Path | None, config: Path | None) -> None:
    """Add NAME, and print a link by which they set a password, this once.

    Example: kanhe account add anna --role reviewer
    """
    with _opened(data, config) as (settings, accounts):
        if not name.strip() or accounts.named(name):
            raise AccountError(
                f"{name!r} is no name, or somebody has it", advice="Choose another one."
            )
        person = Account(new_id(), name.strip(), Role(role), datetime.now(UTC), _language(settings))
        _note(settings, _ADDED, person)
        accounts.add(person)
        _show(settings, accounts, person, INVITATION)


@account.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
@config_option
def list_(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Name the accounts: id, role, and by what each signs in.

    Example: kanhe account list
    """
    with _opened(data, config) as (_, accounts):
        told = [_described(accounts, person) for person in accounts.all()]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in told:
        disabled = "  disabled" if one["disabled"] else ""
        click.echo(f"{one['id']}  {one['role']:<8}  {one['name']}  ({one['signs_in']}){disabled}")
    if not told:
        click.echo("There is none; `kanhe account setup-link` prints the first owner's link.")


@account.command()
@click.argument("name")
@click.argument("role", type=_role)
@data_option
@config_option
def role(name: str, role: str, data: Path | None, config: Path | None) -> None:
    """Make NAME a ROLE; they have to sign in again.

    Example: kanhe account role anna auditor
    """
    with _opened(data, config) as (settings, accounts):
        person = _named(accounts, name)
        if role != Role.OWNER:
            accounts.require_other_owner(person.id)
        _note(settings, _CHANGED, person, role)
        accounts.set_role(person.id, Role(role))
    click.echo(f"{person.name} is {role} now.")


@account.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let them in again.")
@data_option
@config_option
def disable(name: str, data: Path | None, config: Path | None, *, undo: bool) -> None:
    """Shut NAME out at once. The account stays: the ledger names it.

    Example: kanhe account disable anna
    """
    with _opened(data, config) as (settings, accounts):
        person = _named(accounts, name)
        if not undo:
            accounts.require_other_owner(person.id)
        _note(settings, _CHANGED if undo else _DISABLED, person)
        accounts.set_disabled(person.id, disabled=not undo)
    click.echo(f"{person.name} is {'let in again' if undo else 'shut out'}.")


@account.command()
@click.argument("name")
@data_option
@config_option
def reset(name: str, data: Path | None, config: Path | None) -> None:
    """Forget by what NAME signs in, and print a link to begin anew.

    For somebody who lost password, app and recovery codes.

    Example: kanhe account reset anna
    """
    with _opened(data, config) as (settings, accounts):
        person = _named(accounts, name)
        if accounts.signs_in_elsewhere(person.id):
            raise AccountError(
                f"an identity provider vouches for {person.name}",
                advice="Whoever manages the provider resets it there.",
            )
        _note(settings, _CHANGED, person)
        accounts.forget_proofs(person.id)
        _show(settings, accounts, person, INVITATION)


@account.command(name="setup-link")
@data_option
@config_option
def setup_link(data: Path | None, config: Path | None) -> None:
    """Print the link by which the first owner comes in; earlier ones are worth nothing then.

    Example: kanhe account setup-link
    """
    with _opened(data, config) as (settings, accounts):
        if accounts.all():
            raise AccountError(
                "there are accounts already",
                advice="An owner adds others at /console/accounts; `kanhe account reset NAME` "
                "helps who is locked out.",
            )
        _show(settings, accounts, None, FIRST_OWNER)


@contextmanager
def _opened(data: Path | None, config: Path | None) -> Iterator[tuple[Settings, AccountStore]]:
    settings = read_basics(data, config=config)
    with closing(open_accounts(settings.data)) as accounts:
        yield settings, accounts


def _note(settings: Settings, tag: str, person: Account, role: str = "") -> None:
    facts = {"account": person.id, "role": role or person.role.value, "by": "cli"}
    record(settings.data, settings.ledger_name, tag, facts)


def _named(accounts: AccountStore, name: str) -> Account:
    person = accounts.named(name) or accounts.find(name)
    if person is None:
        raise AccountError(
            f"nobody is named {name!r}", advice="`kanhe account list` names those there are."
        )
    return person


def _show(
    settings: Settings, accounts: AccountStore, person: Account | None, lasts: timedelta
) -> None:
    sessions = SessionStore(accounts, Terms())
    token = sessions.link(person.id if person else None, datetime.now(UTC) + lasts)
    service = running(settings.data)
    base = settings.console.url or (service.url if service else "")
    base = base or f"http://{settings.host}:{settings.port}"
    click.echo(f"{base}/console/setup?token={token}")
    hours = int(lasts.total_seconds() // 3600)
    click.echo(f"It works once, within {hours} hours, and is not shown again.", err=True)


def _described(accounts: AccountStore, person: Account) -> dict[str, Any]:
    proofs = accounts.proofs(person.id)
    ways = {
        "identity provider": accounts.signs_in_elsewhere(person.id),
        "password": proofs.password is not None,
        "app": proofs.app is not None,
        "passkey": bool(proofs.passkeys),
    }
    signs_in = " + ".join(way for way, there in ways.items() if there) or "link not used yet"
    return {"id": person.id, "name": person.name, "role": person.role.value,
            "disabled": person.disabled, "signs_in": signs_in}  # fmt: skip


def _language(settings: Settings) -> str:
    return settings.language if settings.language != "auto" else "en"
