"""`kanhe assess banks seal|commit|reveal|reveals|item`: banks that nobody may read before a run.

Who owns the bank seals it and keeps the key. Who is assessed puts the commitment on the ledger,
runs, and is given the key afterwards; every opening is on the ledger before anything is shown.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from kanhe.adapters import bank_sealed
from kanhe.adapters.bank_folder import read_bytes, write_whole
from kanhe.adapters.bank_store import SEALED, Opening, folder_files, folder_of
from kanhe.assess import bank_leaf
from kanhe.assess.bank_file import read_bank
from kanhe.assess.bank_seal import Opened, is_committed
from kanhe.cli import assess_bank_lines as lines
from kanhe.cli.assess_bank_place import bank_argument
from kanhe.cli.place import place, placed
from kanhe.errors import RequestError
from kanhe.terms import Text

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command(short_help="Seal a bank.")
@bank_argument
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The sealed file; its name ends in .sealed, and the key is put beside it.",
)
def seal(bank: str, out: Path) -> None:
    """Encrypt BANK into a file that can be handed over, under a new key.

    Publish the commitment that is printed, hand over the file, and keep the key to yourself until
    the bank was asked.

    Example: kanhe assess banks seal my-bank/ --out spring.sealed
    """
    if out.suffix != SEALED:
        raise click.UsageError(f"--out has to end in {SEALED}.")
    folder = folder_of(bank)
    if not folder.is_dir():
        raise RequestError(f"there is no folder {bank}", advice="Name the folder of a bank.")
    commitment, key = bank_sealed.seal_folder(folder_files(folder), out)
    click.echo(f"{commitment}\n{out}\n{key}")


@click.command(short_help="Commit to a sealed bank, before it is asked.")
@_file
@click.option("--owner", required=True, help="Who holds the key: an authority, an auditor.")
@placed
def commit(  # noqa: PLR0913, PLR0917 # one parameter an option
    file: Path, owner: str, data: Path | None, config: Path | None, regime: str | None,
    language: str | None,
) -> None:  # fmt: skip
    """Put the commitment of the sealed FILE on the ledger. Nothing of it is opened.

    Example: kanhe assess banks commit spring.sealed --owner "the authority"
    """
    here = place(data, config, regime, language)
    commitment, entry = bank_sealed.commit_sealed(here.data, here.origin, file, owner)
    click.echo(here.say(Text(f"{commitment}\n已记入账本，条目 {entry}。",
                             f"{commitment}\nEntry {entry} of the ledger.")))  # fmt: skip


@click.command(short_help="Open a sealed bank, on the record.")
@_file
@click.option("--by", "person", required=True, metavar="PSEUDONYM", help="Who opens it.")
@click.option("--reason", required=True, help="Why; it stands on the ledger for good.")
@click.option("--item", "name", metavar="ID", help="Only this item, with its proof.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The file of its key.  [default: beside FILE]")  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="A new folder for the bank, or a new file for the item.  [default: show it]",
)
@placed
def reveal(  # noqa: PLR0913, PLR0917 # one parameter an option
    file: Path, person: str, reason: str, name: str | None, key: Path | None, out: Path | None,
    data: Path | None, config: Path | None, regime: str | None, language: str | None,
) -> None:  # fmt: skip
    """Open FILE with its key. Who, why and what is on the ledger before anything is shown.

    With --item one question is shown alone, with a proof that it stood in the bank; whoever gets it
    checks it by `kanhe assess banks item` and learns nothing of the others.

    Example: kanhe assess banks reveal spring.sealed --by p-17 --reason "appeal 4" --item refuse-12
    """
    here = place(data, config, regime, language)
    if out and out.exists():
        raise RequestError(f"{out} is there already", advice="Name what is not there yet.")
    asked = bank_sealed.Asked(person, reason, name or "")
    opening = Opening(key) if key else None
    opened, entry = bank_sealed.reveal(here.data, here.origin, file, asked, opening)
    click.echo(here.say(Text(f"已记入账本，条目 {entry}。", f"Entry {entry} of the ledger.")),
               err=True)  # fmt: skip
    if name:
        raw = bank_leaf.show(opened.files, opened.salt, *_where(opened, name))
        _put(out, raw)
        return
    if out is None:
        bank = read_bank(opened.files)
        click.echo("\n".join(line for one in bank.items for line in lines.in_full(one)))
        return
    out.mkdir(parents=True)
    for called, raw in opened.files.items():
        write_whole(out / called, raw, 0o600)
    write_whole(out / "salt", f"{opened.salt.hex()}\n".encode(), 0o600)
    click.echo(str(out))


@click.command(short_help="Say who opened which sealed bank, and why.")
@_json
@placed
def reveals(
    data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """List every opening of a sealed bank that stands on the ledger.

    Example: kanhe assess banks reveals
    """
    here = place(data, config, regime, language)
    found = bank_sealed.reveals(here.data)
    if as_json:
        click.echo(json.dumps([{"entry": one.index, "at": one.at.isoformat(), **one.facts}
                               for one in found], ensure_ascii=False))  # fmt: skip
        return
    for one in found:
        what = one.facts["item"] or here.say(Text("整库", "all of it"))
        click.echo(f"{one.index:>6}  {one.at:%Y-%m-%d %H:%M}  {one.facts['bank']}  {what}  "
                   f"{one.facts['person']}  {one.facts['reason']}")  # fmt: skip
    if not found:
        click.echo(here.say(Text("没有开启记录。", "No sealed bank was opened.")))


@click.command(short_help="Check an item that was shown alone, or a bank that was revealed.")
@click.argument("shown", type=click.Path(exists=True, path_type=Path))
@click.option("--commitment", required=True, help="As it was published before.")
@placed
def item(  # noqa: PLR0913, PLR0917 # one parameter an option
    shown: Path, commitment: str, data: Path | None, config: Path | None, regime: str | None,
    language: str | None,
) -> None:  # fmt: skip
    """Say whether what was SHOWN stood in the bank that was committed to; needs nothing else.

    Example: kanhe assess banks item item.json --commitment merkle-salted:502:3f…
    """
    here = place(data, config, regime, language)
    if shown.is_dir():
        _check_folder(shown, commitment)
    else:
        found = bank_leaf.shown(read_bytes(shown), commitment, str(shown))
        click.echo(found.text)
    click.echo(here.say(Text("与事先公布的承诺相符。", "It is what was committed to.")))


def _check_folder(folder: Path, commitment: str) -> None:
    salt = read_bytes(folder / "salt").decode("ascii", "replace").strip()
    try:
        held = is_committed(folder_files(folder), bytes.fromhex(salt), commitment)
    except ValueError:
        held = False
    if not held:
        raise RequestError(
            f"{folder} is not the bank that was committed to",
            advice="Compare the commitment with the entry of the ledger; do not use the bank.",
        )


def _where(opened: Opened, name: str) -> tuple[str, int]:
    """Give file and line of an item; it is there, `bank_sealed.reveal` has seen to that."""
    for leaf in bank_leaf.leaves(opened.files):
        if leaf.number and leaf.content.strip() and json.loads(leaf.content).get("id") == name:
            return leaf.file, leaf.number
    raise RequestError(f"the bank has no item {name!r}", advice="Reveal it whole.")


def _put(out: Path | None, raw: bytes) -> None:
    if out is None:
        click.echo(raw.decode(), nl=False)
    else:
        write_whole(out, raw, 0o600)
        click.echo(str(out))
