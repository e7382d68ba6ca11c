"""What several commands ask first: whose data, under which regime, in which language."""

from __future__ import annotations

import locale
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from kanhe.adapters.package_data import regime as regime_of
from kanhe.cli import completing
from kanhe.cli.options import config_option, data_option
from kanhe.cli.typed import typed
from kanhe.law.regime import Regime
from kanhe.settings import read_basics
from kanhe.terms import Text

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    data_option,
    config_option,
    click.option(
        "--regime",
        metavar="ID",
        shell_complete=completing.regime_ids,
        help="Another regime than that of the settings.",
    ),
    click.option(
        "--language",
        type=click.Choice(["zh", "en"]),
        help="The language of titles and reasons; else that of the settings, or of the terminal.",
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command works. `origin` is the name under which a new ledger would sign.

    `given`: the options that said so on the command line, with their values.
    """

    data: Path
    regime: Regime
    origin: str
    language: str
    given: Mapping[str, str] = field(default_factory=dict)

    def typed(self, command: str) -> str:
        """Give a command that works in the same place, as it is typed."""
        return typed(command, self.given, self.data)

    def say(self, text: Text) -> str:
        """Give a text in the language asked for."""
        return text.zh if self.language == "zh" else text.en


def placed(command: Command) -> Command:
    """Give a command the options --data, --config, --regime and --language."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def place(
    data: Path | None, config: Path | None, regime: str | None, language: str | None
) -> Place:
    """Read what the options leave to the settings.

    Raises:
        KanheError: The settings are wrong, or there is no such regime.
    """
    settings = read_basics(data, regime=regime, config=config)
    spoken = settings.language if settings.language != "auto" else _terminal()
    options = {"--data": data, "--config": config, "--regime": regime}
    given = {name: str(value) for name, value in options.items() if value is not None}
    return Place(
        settings.data, regime_of(settings.regime), settings.ledger_name, language or spoken, given
    )


def _terminal() -> str:
    name = locale.getlocale(locale.LC_CTYPE)[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
