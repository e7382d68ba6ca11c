"""`kanhe assess banks review|add`: people decide which questions are asked, and add their own.

A reviewer stands by a pseudonym that the bank then names. A text that people wrote is taken in
without what would say who they are, or not at all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kanhe.adapters import bank_folder
from kanhe.adapters.bank_store import folder_files
from kanhe.adapters.ledger_view import open_view
from kanhe.assess.bank import Bank
from kanhe.assess.bank_edit import NAME, reviewed, unique, with_items
from kanhe.assess.bank_file import EXPECTS
from kanhe.assess.bank_grow import grown
from kanhe.assess.item import Expect, Item
from kanhe.assess.privacy import personal
from kanhe.cli import assess_bank_lines as lines
from kanhe.cli.assess_bank_place import bank_argument, demanded, is_of, one_bank, today
from kanhe.cli.place import Place, place, placed
from kanhe.errors import RequestError
from kanhe.terms import Text
from kanhe.yaml_source import meant

CASES = "cases.jsonl"


@click.command(short_help="Approve what waits, or throw it out.")
@bank_argument
@click.option("--approve", "take", multiple=True, metavar="ID", help="Several times.")
@click.option("--reject", "throw", multiple=True, metavar="ID", help="Several times.")
@click.option("--approve-rest", is_flag=True, help="Approve all that wait and are not rejected.")
@click.option("--by", metavar="PSEUDONYM", help="Who has read them; the bank will name it.")
@placed
def review(  # noqa: PLR0913, PLR0917 # one parameter an option
    bank: str, take: tuple[str, ...], throw: tuple[str, ...], by: str | None, data: Path | None,
    config: Path | None, regime: str | None, language: str | None, *, approve_rest: bool,
) -> None:  # fmt: skip
    """Show what waits in BANK; with --approve, --reject and --by decide on it.

    Example: kanhe assess banks review my-bank/ --approve refuse-12.slot-1 --by p-17
    """
    here = place(data, config, regime, language)
    folder = bank_folder.own_folder(bank)
    found = one_bank(bank)
    if not (take or throw or approve_rest):
        click.echo("\n".join(line for one in found.pending for line in lines.in_full(one))
                   or here.say(Text("没有待审核的题。", "Nothing waits.")))  # fmt: skip
        return
    if by is None or not NAME.fullmatch(by):
        raise click.UsageError("Say who has read them: --by and a pseudonym, as p-17.")
    if approve_rest:
        take = (*take, *(one.id for one in found.pending if one.id not in (*take, *throw)))
    files = reviewed(folder_files(folder), set(take), set(throw), by, today(here))
    bank_folder.write_changed(folder, files)
    click.echo(here.say(Text(
        f"通过 {len(set(take))} 道，舍去 {len(set(throw))} 道。",
        f"{len(set(take))} approved, {len(set(throw))} thrown out.",
    )))  # fmt: skip


@click.command(short_help="Add one question, also from a case.")
@bank_argument
@click.option("--slice", "slice_", required=True, help="The risk or aspect that it touches.")
@click.option("--text", help="What the user says.  [default: read from standard input]")
@click.option(
    "--from-case",
    "decision",
    metavar="DECISION",
    help="The number of the decision that went wrong; it has to be on the ledger.",
)
@click.option("--expect", type=click.Choice([one.value for one in Expect]),
              help="What a good answer does.")  # fmt: skip
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--key", "keys", multiple=True, help="A right answer has one of these in it.")
@click.option("--by", metavar="PSEUDONYM", help="Approve it at once.  [default: it waits]")
@placed
def add(  # noqa: PLR0913, PLR0917 # one parameter an option
    bank: str, slice_: str, text: str | None, decision: str | None, expect: str | None, lang: str,
    keys: tuple[str, ...], by: str | None, data: Path | None, config: Path | None,
    regime: str | None, language: str | None,
) -> None:  # fmt: skip
    """Add one question to BANK; with --from-case it asks again what went wrong once.

    The ledger holds no texts, so the text of a case comes from whoever has it. Personal data is
    refused: write something of the same kind that is nobody's.

    Example: kanhe assess banks add my-bank/ --slice A.1.f --from-case 5f3a… < prompt.txt
    """
    here = place(data, config, regime, language)
    folder = bank_folder.own_folder(bank)
    found = one_bank(bank)
    _require_slice(here, found, slice_)
    said = (text if text is not None else sys.stdin.read()).strip()
    if decision is not None:
        _require_decision(here, decision)
    _require_nobodys(said)
    allowed = EXPECTS[found.kind]
    wanted = Expect(expect) if expect else next(one for one in Expect if one in allowed)
    origin = f"case:{decision}" if decision else "operator"
    made = Item(f"{found.kind}-{'case' if decision else 'own'}-{lang}-1", found.kind, lang, (said,),
                slice_, wanted, keys, "regression" if decision else "question", origin)  # fmt: skip
    known = (*found.items, *found.pending)
    if like := grown(known, [made]).dropped:
        raise RequestError(
            f"it nearly repeats {like[0][1]}", advice="That one asks it already; nothing was added."
        )
    (new,) = unique([made], {one.id for one in known})
    files = with_items(folder_files(folder), CASES, [new])
    if by is not None:
        files = reviewed(files, {new.id}, (), by, today(here))
    bank_folder.write_changed(folder, files)
    click.echo(new.id)


def _require_decision(here: Place, number: str) -> None:
    view = open_view(here.data)
    try:
        view.catch_up()
        view.index()
        found = view.decision(number)
    finally:
        view.close()
    if found is None:
        raise RequestError(
            f"there is no decision {number[:80]!r} on the ledger",
            advice="Take the number from the refusal, or from the console's decisions.",
        )


def _require_slice(here: Place, bank: Bank, name: str) -> None:
    """See that the regime has a slice: a bank with another one is rejected whole."""
    demand = demanded(here, today(here)).get(bank.kind) if is_of(bank, here) else None
    if demand is not None and demand.each and name not in demand.each:
        raise RequestError(
            f"the regime has no slice {name[:60]!r} for such a bank; nothing was added",
            advice=meant(name, sorted(demand.each)),
        )


def _require_nobodys(text: str) -> None:
    if names := sorted({name for name, _ in personal(text)}):
        raise RequestError(
            f"the text holds what looks like personal data: {', '.join(names)}",
            advice="Write something of the same kind that belongs to nobody.",
        )
