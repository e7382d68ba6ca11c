"""Commands that are printed as the next step, so that they can be typed as they stand.

Who named a data directory, settings or a regime on the command line means the same by what comes
next; a command is given those of the options that it has.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import click


def typed(command: str, given: Mapping[str, str]) -> str:
    """Give `command` ("kanhe scope") with those of the options `given` that it knows."""
    known = _options(command.split()[1:]) if given else frozenset()
    more = [f"{name} {shlex.quote(value)}" for name, value in given.items() if name in known]
    return " ".join((command, *more))


def _options(words: list[str]) -> frozenset[str]:
    context = click.get_current_context()
    found: click.Command | None = context.find_root().command
    for number in range(len(words)):
        if not isinstance(found, click.Group):
            break
        # What a group resolves stays ours to ask: `attest NAME` stands for `attest sign NAME`.
        _, found, _ = found.resolve_command(context, words[number:])
    parameters = found.params if found else []
    return frozenset(option for one in parameters for option in one.opts)
