"""`kanhe app`: the applications that may use the service, and their keys.

A running service sees a change within a second.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe.adapters.app_file import APPS, AppFile
from kanhe.cli.options import config_option, data_option
from kanhe.settings import read_data


@click.group()
def app() -> None:
    """Say which applications may use the service."""


@app.command()
@click.argument("name")
@data_option
@config_option
def add(name: str, data: Path | None, config: Path | None) -> None:
    """Make a key for the application NAME and print it, this once.

    Only its hash is kept; a lost key is revoked and replaced.

    Example: kanhe app add shop
    """
    key = _file(data, config).add(name)
    click.echo(key.reveal())
    click.echo("Keep it now: it is not shown again.", err=True)


@app.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
@config_option
def list_(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Name the applications, when each was made, and how its key ends.

    Example: kanhe app list
    """
    apps = _file(data, config).all()
    if as_json:
        plain = [
            {"name": one.name, "created": one.created.isoformat(), "ends": one.ends} for one in apps
        ]
        click.echo(json.dumps(plain))
        return
    for one in apps:
        click.echo(f"{one.name}  {one.created:%Y-%m-%d %H:%M} UTC  …{one.ends}")
    if not apps:
        click.echo("There is none; `kanhe app add NAME` makes one.")


@app.command()
@click.argument("name")
@data_option
@config_option
def revoke(name: str, data: Path | None, config: Path | None) -> None:
    """Make the key of the application NAME worthless, within a second.

    Example: kanhe app revoke shop
    """
    _file(data, config).revoke(name)
    click.echo(f"{name} is revoked.")


def _file(data: Path | None, config: Path | None) -> AppFile:
    return AppFile(read_data(data, config=config) / APPS, lambda: datetime.now(UTC))
