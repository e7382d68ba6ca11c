"""`kanhe attest`: confirm, for a time, a duty that only people can confirm.

What is confirmed is shown in full and signed with keys/attester.key. The service may run or not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from click.shell_completion import CompletionItem

from kanhe.adapters.attester import attester, entries_for
from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.record_door import record
from kanhe.cli import completing
from kanhe.cli.place import Place, place, placed
from kanhe.errors import RequestError
from kanhe.law.regime import Control
from kanhe.status.attestation import (
    Attestation,
    latest,
    statement_hash,
    statement_of,
    withdrawn,
)
from kanhe.status.picture import Picture
from kanhe.status.record import ATTESTED, WITHDRAWN
from kanhe.terms import Text

_BY, _ROLE = "cli", "operator"
_CHECK = "attested"
_PIECE = 1 << 20


class _Controls(click.Group):
    """A group in which the name of a control stands for signing its statement."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command for a control."""
        known = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["sign", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands, and the controls."""
        controls = completing.offered(ctx, incomplete, completing.attestable)
        return [*super().shell_complete(ctx, incomplete), *controls]


@click.group(cls=_Controls, short_help="Confirm what only people can.")
def attest() -> None:
    """Confirm duties that no machine can see; each confirmation is signed and ends on a day."""


@attest.command(short_help="Confirm a control.")
@click.argument("control", shell_complete=completing.controls)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; else the longest.")
@click.option("--done/--not-done", default=True, show_default=True, help="Whether it is so.")
@click.option(
    "--evidence",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A document; its SHA-256 is signed, the document stays where it is.",
)
@click.option("--yes", is_flag=True, help="Sign without asking once more.")
@placed
def sign(  # noqa: PLR0913, PLR0917 # one parameter an option
    control: str,
    until: datetime | None,
    evidence: tuple[Path, ...],
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
    *,
    done: bool,
    yes: bool,
) -> None:
    """Sign the statement of CONTROL, and record it; `sign` may be left out.

    Example: kanhe attest sign service-statement --until 2027-05-31 --evidence pages.pdf
    """
    here = place(data, config, regime, language)
    asked = _control(here, control)
    last = _until(here, asked, until.date() if until else None)
    click.echo("\n".join(_shown(here, asked, last, done=done)))
    question = here.say(Text("以上属实并签署？", "Is this so, and do you sign it?"))
    if not (yes or click.confirm(question, default=False)):
        raise click.Abort
    words = statement_hash(statement_of(asked))
    attestation = Attestation(
        here.regime.id, asked.id, here.regime.version, words, done, _BY, _ROLE, last,
        tuple(dict.fromkeys(map(_hash, evidence))),
    )  # fmt: skip
    signer = attester(here.data, here.origin)
    number = 0
    for tag, facts in entries_for(attestation, asked, signer, _picture(here)):
        number = record(here.data, here.origin, tag, facts)
    click.echo(here.say(Text(
        f"已签署并记入账本，条目 {number}，有效至 {last}。",
        f"Signed and recorded as entry {number}; it counts until {last}.",
    )))  # fmt: skip


@attest.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@placed
def list_(
    data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Name the controls that people confirm, and until when each is.

    Example: kanhe attest list
    """
    here = place(data, config, regime, language)
    rows = list(_rows(here, _picture(here)))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        entry, until = row["entry"], row["until"] or "-"
        mark = "  " if entry is None else "◖◗" if row["done"] else "◖ "
        number = "" if entry is None else f"[{entry}]"
        click.echo(f"{mark} {row['control']:<34} {until:<11} {number:<8} {row['title']}")


@attest.command()
@click.argument("entry", type=click.IntRange(min=0))
@placed
def withdraw(
    entry: int, data: Path | None, config: Path | None, regime: str | None, language: str | None
) -> None:
    """Take back the attestation in ENTRY; it stays on record, and counts no more.

    Example: kanhe attest withdraw 1204
    """
    here = place(data, config, regime, language)
    found = next((one for one in _picture(here).all(ATTESTED) if one.index == entry), None)
    if found is None or found.facts.get("regime") != here.regime.id:
        raise RequestError(
            f"entry {entry} is no attestation under {here.regime.id}",
            advice=f"`{here.typed('kanhe attest list')}` names their entries.",
        )
    facts = withdrawn(here.regime, str(found.facts["control"]), _BY, entry)
    number = record(here.data, here.origin, WITHDRAWN, facts)
    click.echo(here.say(Text(f"已撤回，条目 {number}。", f"Withdrawn by entry {number}.")))


def _control(here: Place, name: str) -> Control:
    control = here.regime.controls.get(name)
    if control is None or control.check != _CHECK:
        raise RequestError(
            f"{name!r} is no control that people confirm",
            advice=f"`{here.typed('kanhe attest list')}` names those that are.",
        )
    return control


def _until(here: Place, control: Control, asked: date | None) -> date:
    days = control.parameters.get("valid_days")
    today = datetime.now(UTC).astimezone(ZoneInfo(here.regime.zone)).date()
    longest = today + timedelta(days=days if isinstance(days, int) else 365)
    last = asked or longest
    if not today <= last <= longest:
        raise RequestError(
            f"{last} is not between today and {longest}",
            advice=f"This duty can be confirmed for {(longest - today).days} days at most.",
        )
    return last


def _shown(here: Place, control: Control, last: date, *, done: bool) -> Iterator[str]:
    duties = [one.id for one in here.regime.obligations if control.id in one.controls]
    yield click.style(here.say(control.title), bold=True)
    yield f"  {here.say(statement_of(control))}"
    if not done:
        yield click.style(
            f"  {here.say(Text('声明：并非如此', 'You say: it is not so'))}", fg="red"
        )
    wanted = control.parameters.get("evidence")
    if isinstance(wanted, dict):
        at_hand = Text(str(wanted["zh"]), str(wanted["en"]))
        yield f"  {here.say(Text('应备材料：', 'At hand should be: '))}{here.say(at_hand)}"
    yield f"  {', '.join(dict.fromkeys(duties))}"
    yield f"  {here.say(Text('有效至', 'Until'))} {last}"


def _rows(here: Place, picture: Picture) -> Iterator[dict[str, object]]:
    for control in here.regime.controls.values():
        if control.check == _CHECK:
            seen = latest(picture, here.regime.id, control.id)
            yield {
                "control": control.id,
                "title": here.say(control.title),
                "entry": seen.index if seen else None,
                "done": bool(seen and seen.facts.get("done")),
                "until": seen.facts.get("valid_until") if seen else None,
            }


def _picture(here: Place) -> Picture:
    view = open_view(here.data, alone=True)
    try:
        return view.picture()
    finally:
        view.close()


def _hash(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
