"""`kanhe assess discard`: throw a run away in which nothing happened.

The ledger keeps that it was begun. A run with a report is not thrown away: the ledger names that
report, and whoever holds it may ask for its evidence.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from kanhe.adapters.assess_folder import RunFolder, Runs
from kanhe.cli.assess_place import complete_run
from kanhe.cli.place import place, placed
from kanhe.errors import RequestError


@click.command(short_help="Throw a run away.")
@click.argument("name", metavar="RUN", shell_complete=complete_run)
@click.option("--yes", is_flag=True, help="Also where questions have been answered.")
@placed
def discard(  # noqa: PLR0913 # one parameter an option
    name: str, data: Path | None, config: Path | None, regime: str | None, language: str | None,
    *, yes: bool,
) -> None:  # fmt: skip
    """Throw RUN away, with all that was answered in it. The ledger keeps that it was begun.

    Refused while it goes on, and once it has a report.

    Example: kanhe assess discard monthly-2026-11-22
    """
    run = Runs(place(data, config, regime, language).data).open(name)
    _require(run, yes=yes)
    # Renamed first: half a folder would be a damaged run, and this is none.
    gone = run.path.with_name(f".{run.name}.discarded")
    try:
        run.path.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        raise RequestError(
            f"{run.path} cannot be removed: {error.strerror}",
            advice="Look at the rights of that folder, and remove it by hand.",
        ) from error
    click.echo(f"Discarded: {name}.")


def _require(run: RunFolder, *, yes: bool) -> None:
    going = run.progress()
    if run.files:
        raise RequestError(
            f"the run {run.name} has a report, which the ledger names",
            advice="Keep it: the report cannot be verified without its evidence.",
        )
    if going and not run.state():
        raise RequestError(
            f"the run {run.name} goes on in process {going.pid}", advice="Stop it first."
        )
    if going and going.done and not yes:
        raise RequestError(
            f"{going.done} questions of the run {run.name} have been answered",
            advice="Add --yes to throw the answers away.",
        )
