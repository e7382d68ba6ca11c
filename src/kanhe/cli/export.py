"""`kanhe export`: the status as a file for others: PDF, OSCAL, CSV, JSON. The service may run."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe.adapters.exports import FORMATS, export, file_name
from kanhe.adapters.ledger_view import open_view
from kanhe.cli.place import place, placed
from kanhe.cli.status import computed
from kanhe.errors import SettingsError
from kanhe.report.printed import Handed
from kanhe.terms import counted

_day = click.DateTime(["%Y-%m-%d"])


@click.command(name="export", short_help="Write the status as PDF, OSCAL, CSV or JSON.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="pdf",
              show_default=True)  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The file, or a folder for it; `-` is standard output.  [default: here, by its own name]",
)
@click.option("--at", type=_day, help="As it stood at the end of this day.")
@click.option("--known", type=_day, help="By the law as known on this day.")
@click.option("--as-if", metavar="SOURCE", help="As if this draft were law.")
@placed
def export_(  # noqa: PLR0913, PLR0917 # one parameter an option
    form: str,
    out: Path | None,
    at: datetime | None,
    known: datetime | None,
    as_if: str | None,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
) -> None:
    """Write the status as a file that can be handed over.

    `pdf` is a report to sign, `oscal` a bundle for tools of auditors, with a file that says what
    OSCAL cannot carry; `csv` has a row for each duty, `json` everything.

    Example: kanhe export --format pdf --language zh --out report.pdf
    """
    here = place(data, config, regime, language)
    view = open_view(here.data, alone=True)
    try:
        status = computed(here, view, at, known.date() if known else None, as_if)
        name = view.origin
    finally:
        view.close()
    content = export(form, status, Handed(name, datetime.now(UTC)), here.language)
    if str(out) == "-":
        sys.stdout.buffer.write(content)
        return
    path = out or Path()
    path = path / file_name(form, status, here.language) if path.is_dir() else path
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}",
            advice="Name another file with --out.",
        ) from error
    click.echo(f"{path}  {counted(len(content), 'byte')}")
