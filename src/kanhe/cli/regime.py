"""`kanhe regime`: what binds, on which day, as known when; and whether its files are right."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kanhe.adapters.package_data import REGIME, regimes
from kanhe.adapters.package_data import regime as shipped
from kanhe.adapters.regime_folder import RegimeFolder
from kanhe.cli import completing
from kanhe.cli.regime_lines import (
    change_json,
    in_full,
    listed,
    obligation_json,
    regime_json,
    regime_line,
    told_changes,
)
from kanhe.errors import Fault, FaultyRegime, RequestError
from kanhe.judge.category import is_category
from kanhe.law.bound import bound
from kanhe.law.difference import differences
from kanhe.law.regime import Regime
from kanhe.law.regime_file import load_regime
from kanhe.status.checks import CHECKS, NEEDS

_BOTH = 2
_CHECKS = {name: NEEDS.get(name, ()) for name in CHECKS}
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_regime = click.option(
    "--regime",
    "name",
    default=REGIME,
    show_default=True,
    shell_complete=completing.regime_ids,
    help="The regime that is asked about.",
)


class _Day(click.ParamType[date]):
    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-11-22", param, ctx)


_at = click.option("--at", type=_Day(), help="The day that is asked about; today, if not given.")
_known = click.option("--known", type=_Day(), help="As one knew it on that day; today's knowledge.")
_as_if = click.option(
    "--as-if", shell_complete=completing.drafts, help="A draft or report that is taken for law."
)


@click.group()
def regime() -> None:
    """Ask what binds, and check the files of a regime."""


@regime.command(name="list")
@_json
def list_(*, as_json: bool) -> None:
    """List the regimes that are shipped.

    Example: kanhe regime list
    """
    found = [shipped(name) for name in regimes()]
    if as_json:
        _print_json([regime_json(one) for one in found])
        return
    for one in found:
        click.echo(regime_line(one))


@regime.command()
@click.argument("obligation", required=False, shell_complete=completing.obligations)
@_regime
@_at
@_known
@_as_if
@click.option("--area", help="Only duties of this area.")
@_json
def show(  # noqa: PLR0913 - one parameter an option
    obligation: str | None,
    *,
    name: str,
    at: date | None,
    known: date | None,
    as_if: str | None,
    area: str | None,
    as_json: bool,
) -> None:
    """Show the duties that bind on a day, or one OBLIGATION with all its versions and relations.

    Law is asked with two days: what binds on the day `--at`, as one knew it on the day `--known`.

    Example: kanhe regime show --at 2023-05-01 --as-if cn-imd
    """
    asked = shipped(name)
    if obligation is not None:
        _show_one(asked, obligation, as_json=as_json)
        return
    if area is not None and area not in (known_areas := [one.id for one in asked.areas]):
        raise RequestError(
            f"{name} has no area {area!r}", advice=f"Name one of: {', '.join(known_areas)}."
        )
    today = _today(asked)
    binding = [
        one for one in bound(asked, at or today, known or today, as_if) if area in {None, one.area}
    ]
    if as_json:
        _print_json([obligation_json(asked, one) for one in binding])
    else:
        click.echo("\n".join(listed(asked, binding)))


def _show_one(asked: Regime, name: str, *, as_json: bool) -> None:
    versions = list(asked.versions(name))
    if not versions:
        having = [one for one in regimes() if any(shipped(one).versions(name))]
        advice = f"Ask with --regime {having[0]}." if having else "`kanhe regime show` lists them."
        raise RequestError(f"{asked.id} has no obligation {name!r}", advice=advice)
    if as_json:
        _print_json([obligation_json(asked, one) for one in versions])
    else:
        click.echo("\n".join(in_full(asked, versions)))


@regime.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_json
def check(folder: Path, *, as_json: bool) -> None:
    """Check the files of a regime in FOLDER, whole.

    Exits 1 and names every fault, with file, line, entry and what to write instead.

    Example: kanhe regime check src/kanhe/regimes/cn-genai
    """
    files = RegimeFolder(folder)
    _refuse_parent(folder, files)
    try:
        loaded = load_regime(files, files.name, _CHECKS, is_category)
    except FaultyRegime as error:
        if as_json:
            _print_json({"faults": _plain(error.faults)})
            sys.exit(1)
        raise
    if as_json:
        _print_json({"faults": []} | regime_json(loaded))
        return
    click.echo(f"{regime_line(loaded)}; no fault")
    click.echo(f"version {loaded.version}")


def _refuse_parent(folder: Path, files: RegimeFolder) -> None:
    below = [name.split("/")[0] for name in files.names() if name.endswith("/regime.yaml")]
    if below and "regime.yaml" not in files.names():
        raise RequestError(
            f"{folder} is no regime, but the folder of {', '.join(below)}",
            advice=f"Check one at a time: kanhe regime check {folder / below[0]}",
        )


@regime.command()
@_regime
@click.option("--known", "days", type=_Day(), multiple=True, help="A day of knowledge; twice.")
@_at
@_json
def diff(name: str, days: tuple[date, ...], at: date | None, *, as_json: bool) -> None:
    """Tell what changed in the law between two days of knowledge.

    Without `--at`: every duty that came, went, or was moved. With it: what binds on that day, as
    known then and as known later. With one `--known`, it is compared with today's knowledge.

    Example: kanhe regime diff --regime eu-ai-act --known 2026-07-01 --known 2026-08-01
    """
    asked = shipped(name)
    before, *after = sorted(days) if 1 <= len(days) <= _BOTH else _refuse_days(len(days))
    found = differences(asked, before, after[0] if after else _today(asked), at)
    if as_json:
        _print_json([change_json(one) for one in found])
        return
    click.echo("\n".join(told_changes(found)))


def _refuse_days(count: int) -> list[date]:
    raise click.UsageError(f"{count} days of knowledge are given; give two: --known A --known B")


def _today(asked: Regime) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(asked.zone)).date()


def _plain(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [
        {
            "file": one.file,
            "line": one.line,
            "kind": one.kind,
            "entry": one.rule,
            "what": one.what,
            "advice": one.advice,
        }
        for one in faults
    ]


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
