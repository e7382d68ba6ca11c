"""Options that several commands have, told once."""

from __future__ import annotations

from pathlib import Path

import click

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The service's data directory, if the settings do not say.",
)
config_option = click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The settings file."
)
