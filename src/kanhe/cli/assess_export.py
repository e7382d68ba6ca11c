"""`kanhe assess export`: banks as tasks of Inspect, to be asked by whoever runs them."""

from __future__ import annotations

from pathlib import Path

import click

from kanhe.adapters.assess_inspect import export_parts, write_export
from kanhe.adapters.bank_store import open_banks
from kanhe.assess.inspect_export import TASK, inspect_task
from kanhe.terms import counted


@click.command(name="export", short_help="Write banks as tasks of Inspect.")
@click.argument("banks", nargs=-1, required=True, metavar="BANK…")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("inspect"),
              show_default=True, help="A new or empty folder.")  # fmt: skip
def export_(banks: tuple[str, ...], out: Path) -> None:
    """Write each BANK (a shipped one's name, a folder, a sealed file) as a task of Inspect.

    The folder needs nothing of Kanhe: it carries the detector of refusals and its words. Its
    questions are in the clear, those of a sealed bank too.

    Example: kanhe assess export cn-genai/refuse cn-genai/answer --out inspect
    """
    opened = open_banks(banks, "")
    write_export(out, inspect_task(opened, export_parts()))
    for bank in opened:
        click.echo(f"{bank.id}  {counted(len(bank.items), 'item')}  sha256 {bank.sha256[:16]}…")
    click.echo(f"Run it: inspect eval {out / TASK} --model PROVIDER/MODEL")
    click.echo("The questions are in the clear: keep them out of training data.")
