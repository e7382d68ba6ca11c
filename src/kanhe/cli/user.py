"""`kanhe user`: who is suspended, by pseudonym, and lifting a suspension.

A pseudonym stands in the ledger beside each decision; who it is, only the application can tell. A
running service sees a lift within a second.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe.adapters.package_data import service_rules
from kanhe.adapters.strike_store import STRIKES, StrikeStore
from kanhe.cli.options import config_option, data_option
from kanhe.errors import SettingsError
from kanhe.people.strikes import StrikeRule
from kanhe.settings import read_data


@click.group()
def user() -> None:
    """See who is suspended, and lift a suspension."""


@user.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
@config_option
def suspended(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Name the users who are suspended now, by pseudonym, and until when.

    Example: kanhe user suspended
    """
    store = _store(data, config)
    found = store.suspended(datetime.now(UTC))
    store.close()
    ends = {who: until.isoformat(timespec="seconds") for who, until in found.items()}
    if as_json:
        click.echo(json.dumps([{"user": who, "until": until} for who, until in ends.items()]))
        return
    for who, until in ends.items():
        click.echo(f"{who}  until {until}")
    if not ends:
        click.echo("Nobody is suspended.")


@user.command()
@click.argument("pseudonym")
@data_option
@config_option
def lift(pseudonym: str, data: Path | None, config: Path | None) -> None:
    """Forget the strikes of the user PSEUDONYM, and with them a suspension.

    The decisions stay on the ledger.

    Example: kanhe user lift hmac-sha256:0f3a…
    """
    store = _store(data, config)
    known = store.lift(pseudonym)
    store.close()
    if not known:
        raise SettingsError(
            f"no strikes of {pseudonym!r} are on record",
            advice="`kanhe user suspended` names those who are suspended.",
        )
    click.echo(f"The strikes of {pseudonym} are forgotten.")


def _store(data: Path | None, config: Path | None) -> StrikeStore:
    path = read_data(data, config=config) / STRIKES
    if not path.exists():
        raise SettingsError(
            f"there are no strikes at {path}",
            advice="Name the service's data directory with --data.",
        )
    # Which terms are in force does not matter here: nothing is struck.
    terms = service_rules().strikes
    rule = StrikeRule(terms.in_a_row, terms.in_a_day, terms.suspension, terms.zone, terms.clause)
    return StrikeStore(path, rule)
