"""`kanhe assess banks`: name and show the questions that an assessment rests on.

What changes them, seals them or says what they are worth stands in `assess_bank_*.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from kanhe.adapters.bank_store import SEALED, shipped
from kanhe.cli import assess_bank_lines as lines
from kanhe.cli.assess_bank_check import check_
from kanhe.cli.assess_bank_grow import grow
from kanhe.cli.assess_bank_place import bank_argument, demanded, is_of, one_bank, own_banks, today
from kanhe.cli.assess_bank_review import add, review
from kanhe.cli.assess_bank_seal import commit, item, reveal, reveals, seal
from kanhe.cli.place import place, placed
from kanhe.errors import RequestError
from kanhe.terms import Text

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="The questions that are asked.")
def banks() -> None:
    """Keep banks of questions: check them, let them grow, seal them, open them on the record."""


for _command in (check_, grow, review, add, seal, commit, reveal, reveals, item):
    banks.add_command(_command)


@banks.command(name="list", short_help="Name the banks.")
@_json
@placed
def list_(
    data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Name the banks that are shipped, and your own in DATA/banks.

    Example: kanhe assess banks list
    """
    here = place(data, config, regime, language)
    own = own_banks(here.data)
    opened = [(name, one_bank(name)) for name in (*shipped(), *own) if not name.endswith(SEALED)]
    sealed = [name for name in own if name.endswith(SEALED)]
    if as_json:
        told = [lines.told(name, bank) for name, bank in opened]
        _print([*told, *({"name": name, "sealed": True} for name in sealed)])
        return
    for name, bank in opened:
        click.echo(lines.titled(here, name, bank))
    for name in sealed:
        click.echo(f"{click.style(name, bold=True)}  {here.say(Text('已密封', 'sealed'))}")


@banks.command(short_help="Show a bank, or one of its items.")
@bank_argument
@click.argument("name", required=False, metavar="[ITEM]")
@click.option("--slice", "slice_", help="Show the items of this risk or aspect.")
@_json
@placed
def show(  # noqa: PLR0913, PLR0917 # one parameter an option
    bank: str, name: str | None, slice_: str | None, data: Path | None, config: Path | None,
    regime: str | None, language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Show how many items of which kind BANK has; with ITEM or --slice the items themselves.

    BANK is the name of a shipped one, a folder with a bank.yaml, or a sealed file beside its key.

    Example: kanhe assess banks show cn-genai/refuse --slice A.1.f
    """
    here = place(data, config, regime, language)
    found = one_bank(bank)
    demand = demanded(here, today(here)).get(found.kind) if is_of(found, here) else None
    if name or slice_:
        some = [one for one in (*found.items, *found.pending)
                if name in (None, one.id) and slice_ in (None, one.slice)]  # fmt: skip
        if not some:
            raise RequestError(
                f"{bank} has no such item", advice=f"`kanhe assess banks show {bank}` counts them."
            )
        if as_json:
            _print([lines.item_data(one) for one in some])
            return
        click.echo("\n".join(line for one in some for line in lines.in_full(one)))
        return
    if as_json:
        _print(lines.told(bank, found) | {"slices": {
            slice_name: {"zh": zh, "en": en, "demanded": least}
            for slice_name, zh, en, least in lines.counts(found, demand)
        }})  # fmt: skip
        return
    click.echo(lines.titled(here, bank, found))
    click.echo(f"  {here.say(found.title)}  {found.version}  {found.licence}  {found.sha256}")
    click.echo("\n".join(lines.slices(here, found, demand)))


def _print(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
