"""Reading sets and measuring, as more than one command of `kanhe judge` does it."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe import __version__
from kanhe.adapters import judge_records as kept
from kanhe.judge.labelled import LabelledSet
from kanhe.judge.measuring import Measured, Plan, World, measure
from kanhe.judge.port import Judge

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
sets_option = click.option(
    "--set",
    "paths",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A labelled set (JSONL), or a folder of them; several times.",
)
record_option = click.option(
    "--record/--dry-run",
    "recorded",
    default=True,
    show_default=True,
    help="Put it on the ledger, or only show it.",
)


def read_files(files: tuple[Path, ...]) -> tuple[LabelledSet, ...]:
    """Read labelled sets; tell of rows that stand twice.

    Raises:
        KanheError: One of them cannot be read, or has faults.
    """
    sets = kept.sets_at(files)
    for one in sets:
        for note in one.notes:
            click.echo(f"{one.name}: {note}", err=True)
    return sets


async def measured(judge: Judge, plan: Plan, *, quiet: bool) -> Measured:
    """Measure a judge now, with a bar that tells the time that is left.

    Raises:
        KanheError: The judge is down, or there is nothing to measure on.
    """
    versions = {"kanhe": __version__, "python": platform.python_version()}
    world = World(time.perf_counter, lambda: datetime.now(UTC), versions)
    with _progress(plan.questions, quiet=quiet) as done:
        return await measure(judge, plan, replace(world, done=done))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], object]]:
    """Draw a bar with the time that is left, on a terminal and not in a pipeline."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(
        length=total, label="asking", show_pos=True, file=sys.stderr, hidden=hidden
    ) as bar:
        yield bar.update
