"""`kanhe status`: how each duty stands, from the ledger alone. Reads only; the service may run."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kanhe.adapters.ledger_view import LedgerView, open_view
from kanhe.cli import completing
from kanhe.cli.place import Place, place, placed
from kanhe.cli.status_lines import Teller
from kanhe.errors import RequestError
from kanhe.report.plain import document
from kanhe.status.compute import compute, latest_answers
from kanhe.status.picture import Unsound
from kanhe.status.status import Line, Status
from kanhe.status.verdict import Standing

_SCOPE = "scope_determined"
_STANDINGS = [standing.value for standing in Standing]


@click.command(short_help="Say how each duty stands.")
@click.argument("obligation", required=False, shell_complete=completing.obligations)
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As it stood at the end of this day.")
@click.option("--known", type=click.DateTime(["%Y-%m-%d"]), help="By the law as known on this day.")
@click.option(
    "--as-if", metavar="SOURCE", shell_complete=completing.drafts, help="As if this draft were law."
)
@click.option(
    "--area",
    multiple=True,
    shell_complete=completing.areas,
    help="Only duties of this area; several times.",
)
@click.option("--only", help=f"Show only these standings, between commas: {', '.join(_STANDINGS)}.")
@click.option("--all", "whole", is_flag=True, help="Name also what is met or does not apply.")
@click.option("--strict", is_flag=True, help="Exit 1 on what is unknown or stale, too.")
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; only the exit code.")
@click.option(
    "--proof",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a proof of each entry that shows OBLIGATION into this folder.",
)
@placed
def status(  # noqa: PLR0913, PLR0917 # one parameter an option
    obligation: str | None,
    at: datetime | None,
    known: datetime | None,
    as_if: str | None,
    area: tuple[str, ...],
    only: str | None,
    proof: Path | None,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
    *,
    whole: bool,
    strict: bool,
    as_json_: bool,
    quiet: bool,
) -> None:
    """Say which duties bind the service, how each stands, and what to do next.

    Everything is computed from the ledger, which is proven first. With OBLIGATION, tell all about
    one duty: reasons, entries, deadlines.

    Exits 1 where there is a gap, the ledger is unsound, no duty was judged, or the questionnaire
    had not been answered whole by then (but with --as-if). All duties of the areas that --area
    names count, with OBLIGATION that one; --only decides what is shown, and nothing else.

    Example: kanhe status --only gap,stale
    """
    here = place(data, config, regime, language)
    view = open_view(here.data, alone=True)
    try:
        found = computed(here, view, at, known.date() if known else None, as_if)
        judged = _judged(here, found, obligation, area)
        wanted = _standings(only)
        lines = tuple(
            line for line in judged if obligation or not wanted or line.standing in wanted
        )
        if proof:
            _write_proofs(view, judged, proof, one=obligation)
    finally:
        view.close()
    if as_json_:
        click.echo(json.dumps(document(found, lines), ensure_ascii=False))
    elif not quiet:
        teller = Teller(here, found, judged)
        told = teller.full(judged[0]) if obligation else teller.summary(
            lines, whole=whole or bool(only))  # fmt: skip
        click.echo("\n".join(told))
    # Before anybody has answered there is no gap, and nothing that a pipeline could rely on either.
    unasked = here.regime.questions and not as_if and (not found.answers or found.answers_later)
    sys.exit(1 if unasked else _code(found, judged, strict=strict))


def computed(
    here: Place, view: LedgerView, at: datetime | None, known: date | None, as_if: str | None
) -> Status:
    """Compute the status at the end of the day `at`; None, or today: now."""
    moment = datetime.now(UTC)
    if at:
        zone = ZoneInfo(here.regime.zone)
        end = datetime.combine(at.date(), time.max, zone)
        # Today is not over: its end would be an instant that nobody has seen.
        moment = moment if at.date() == moment.astimezone(zone).date() else end
    # Of a day before anybody had answered, the latest answers tell what would have applied.
    answers = latest_answers(view.picture(datetime.now(UTC)), here.regime) if at else None
    return compute(
        here.regime, view.picture(moment), at=moment, known=known, as_if=as_if, answers=answers
    )


def _standings(only: str | None) -> frozenset[Standing]:
    names = [name.strip() for name in only.split(",")] if only else []
    strange = [name for name in names if name not in _STANDINGS]
    if strange:
        raise click.UsageError(f"{strange[0]!r} is no standing; write {', '.join(_STANDINGS)}.")
    return frozenset(Standing(name) for name in names)


def _judged(
    here: Place, status: Status, obligation: str | None, areas: tuple[str, ...]
) -> tuple[Line, ...]:
    """Give the duties that are asked about: they decide the exit code."""
    known = {area.id for area in status.regime.areas}
    if strange := [area for area in areas if area not in known]:
        raise click.UsageError(f"{strange[0]!r} is no area; write {', '.join(sorted(known))}.")
    if obligation:
        lines = tuple(line for line in status.lines if line.obligation.id == obligation)
        if not lines:
            raise RequestError(
                f"no duty {obligation!r} binds anybody on {status.day}",
                advice=f"`{here.typed('kanhe status --all')}` names those that do.",
            )
        return lines
    return tuple(line for line in status.lines if not areas or line.obligation.area in areas)


def _write_proofs(
    view: LedgerView, lines: tuple[Line, ...], folder: Path, *, one: str | None
) -> None:
    if not one:
        raise click.UsageError("--proof is about one OBLIGATION.")
    folder.mkdir(parents=True, exist_ok=True)
    for index in lines[0].evidence:
        (folder / f"{index}.tlog-proof").write_bytes(bytes(view.proof(index)))
        click.echo(f"{folder / f'{index}.tlog-proof'}", err=True)


def _code(status: Status, lines: tuple[Line, ...], *, strict: bool) -> int:
    bad = {Standing.GAP, Standing.UNKNOWN, Standing.STALE} if strict else {Standing.GAP}
    unsound = isinstance(status.soundness, Unsound)
    # A draft may be tried before all is answered.
    asks = status.as_if is None and any(_asks(line) for line in lines)
    return int(unsound or not lines or asks or any(line.standing in bad for line in lines))


def _asks(line: Line) -> bool:
    """Say whether it is the duty to answer the questionnaire, and some of it is open."""
    return any(
        one.control.check == _SCOPE and one.verdict.standing is Standing.UNKNOWN
        for one in line.looked
    )
