"""Commands that are printed as the next step, so that they can be typed as they stand.

Who named a data directory, settings or a regime on the command line means the same by what comes
next; a command is given those of the options that it has.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

_LEDGER = "directory"
"""The parameter that takes the directory of a ledger."""


def typed(command: str, given: Mapping[str, str], data: Path) -> str:
    """Give `command` ("kanhe scope") with those of the options `given` that it knows.

    A command of a ledger alone has none of them; where `given` says whose it is, it is given the
    ledger of `data`.
    """
    known = _parameters(command.split()[1:]) if given else {}
    more = [f"{name} {shlex.quote(value)}" for name, value in given.items() if name in known]
    if _LEDGER in known and {"--data", "--config"} & given.keys():
        more.append(" ".join((*known[_LEDGER], shlex.quote(str(data / "ledger")))))
    return " ".join((command, *more))


def _parameters(words: list[str]) -> dict[str, tuple[str, ...]]:
    """Give what a command takes: its options, and `_LEDGER` with what is written before it."""
    context = click.get_current_context()
    found: click.Command | None = context.find_root().command
    for number in range(len(words)):
        if not isinstance(found, click.Group):
            break
        # What a group resolves stays ours to ask: `attest NAME` stands for `attest sign NAME`.
        _, found, _ = found.resolve_command(context, words[number:])
    parameters = found.params if found else []
    taken: dict[str, tuple[str, ...]] = {name: () for one in parameters for name in one.opts}
    for one in parameters:
        if one.name == _LEDGER:
            taken[_LEDGER] = tuple(one.opts[:1]) if isinstance(one, click.Option) else ()
    return taken
