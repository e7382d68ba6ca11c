"""What the commands of `kanhe assess` ask first: which run, under which settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from kanhe.adapters.assess_folder import RunFolder, Runs
from kanhe.errors import KanheError, RequestError
from kanhe.settings import read_basics

Command = TypeVar("Command", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def complete_run(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of a run."""
    try:
        data = read_basics(context.params.get("data"), config=context.params.get("config")).data
        return [CompletionItem(name) for name in Runs(data).names() if name.startswith(begun)]
    except (KanheError, OSError):  # a shell that completes has nowhere to put an error
        return []


def run_argument(command: Command) -> Command:
    """Give a command the argument RUN; without it the run that was begun last is meant."""
    argument = click.argument("name", metavar="[RUN]", required=False, shell_complete=complete_run)
    return argument(command)


def plan_bytes(file: Path) -> bytes:
    """Read the file of a plan.

    Raises:
        RequestError: It cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise RequestError(
            f"{file} cannot be read: {error.strerror}",
            advice="Name a plan, or write one: kanhe assess plan --new plan.yaml",
        ) from error


def reasons_told(reasons: Mapping[str, int]) -> str:
    """Say why questions got no answer, and how many each time."""
    return ", ".join(f"{code} {count}" for code, count in reasons.items())


def the_run(data: Path, name: str | None) -> RunFolder:
    """Open the run that is meant.

    Raises:
        RequestError: There is none.
    """
    runs = Runs(data)
    if name is None:
        known = runs.names()
        if not known:
            raise RequestError(
                "nothing was assessed here yet",
                advice="Begin with a plan: kanhe assess plan --new plan.yaml, then kanhe assess "
                "run plan.yaml; or name the data directory with --data.",
            )
        # One whose process was killed before it had a journal holds nothing to report.
        name = next((one for one in known if runs.open(one).has_journal), known[0])
    return runs.open(name)
