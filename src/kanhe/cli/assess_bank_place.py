"""Which bank a command means, and what the regime demands of it today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from click.shell_completion import CompletionItem

from kanhe.adapters.bank_store import SEALED, open_banks, shipped
from kanhe.adapters.package_data import risks
from kanhe.assess.bank import Bank
from kanhe.assess.bank_file import HEAD
from kanhe.assess.demand import BankDemand, demands
from kanhe.assess.item import BankKind
from kanhe.cli.place import Place
from kanhe.errors import KanheError, SettingsError
from kanhe.law.bound import bound
from kanhe.settings import read_basics

BANKS = "banks"
"""Where an operator's own banks lie in the data directory, a folder each."""


def today(here: Place) -> date:
    """Give the day that it is where the regime holds."""
    return datetime.now(UTC).astimezone(ZoneInfo(here.regime.zone)).date()


def demanded(here: Place, day: date) -> Mapping[BankKind, BankDemand]:
    """Give what the regime demands of banks on a day; of one that knows no risks: nothing."""
    try:
        known = risks(here.regime.id)
    except SettingsError:
        known = {}
    return demands(bound(here.regime, day, day), known).banks


def one_bank(name: str) -> Bank:
    """Open a bank of any regime.

    Raises:
        FaultyBank: Something is wrong with it; it names all of it.
    """
    return open_banks([name], "")[0]


def is_of(bank: Bank, here: Place) -> bool:
    """Say whether the regime's demands are made of this bank."""
    return bank.regime in ("", here.regime.id)


def own_banks(data: Path) -> tuple[str, ...]:
    """Name the operator's own banks: folders and sealed files."""
    folder = data / BANKS
    folders = [path.parent for path in sorted(folder.glob(f"*/{HEAD}"))]
    return tuple(map(str, (*folders, *sorted(folder.glob(f"*{SEALED}")))))


def complete_bank(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Offer the banks that are shipped, and the operator's own."""
    try:
        data = read_basics(context.params.get("data"), config=context.params.get("config")).data
        own = own_banks(data)
    except KanheError:
        own = ()
    return [CompletionItem(one) for one in (*shipped(), *own) if one.startswith(begun)]


bank_argument = click.argument("bank", shell_complete=complete_bank)
