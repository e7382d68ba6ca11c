"""`kanhe assess run` and `judge`: ask what a plan asks, go on where it stood, judge again."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import click

from kanhe import __version__
from kanhe.adapters.answer_cache import AnswerCache
from kanhe.adapters.assess_driver import Driver
from kanhe.adapters.assess_enter import checked, enter, leave
from kanhe.adapters.assess_folder import Going, RunFolder, Runs
from kanhe.adapters.assess_gather import Law
from kanhe.adapters.assess_ledger import LedgerDoor
from kanhe.adapters.assess_ready import require_answers, require_judging
from kanhe.adapters.assess_targets import require_keys
from kanhe.adapters.assess_ways import open_ways
from kanhe.adapters.bank_sealed import require_committed
from kanhe.adapters.package_data import regime as regime_of
from kanhe.adapters.package_data import risks
from kanhe.assess.bank import Bank
from kanhe.assess.course import choice_item, probe_item
from kanhe.assess.plan import Plan
from kanhe.assess.plan_file import read_plan
from kanhe.assess.run import Progress, Why
from kanhe.cli.assess_place import json_option, plan_bytes, reasons_told, run_argument, the_run
from kanhe.cli.place import Place, place, placed
from kanhe.errors import AssessError, RequestError
from kanhe.settings import Settings, read_settings, variable

_LINE_S = 60.0
"""Between two lines where there is no terminal to draw a bar on."""


@click.command(short_help="Run a plan, or go on with it.")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--name", help="How the run is called; else after the plan and the day.")
@click.option("--new", is_flag=True, help="Begin another run, where one of this plan has begun.")
@click.option("--if-due", is_flag=True, help="Only if the plan's `every_days` have passed.")
@click.option(
    "--cache",
    is_flag=True,
    help="Take answers of earlier runs where there are; the report says so.",
)
@click.option("--quiet", is_flag=True, help="Draw no bar.")
@json_option
@placed
def run(  # noqa: PLR0913, PLR0917 # one parameter an option
    plan: Path, name: str | None, data: Path | None, config: Path | None, regime: str | None,
    language: str | None, *, new: bool, if_due: bool, cache: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Ask what PLAN asks, and judge the answers.

    Each answer is kept before it is judged. A run that was stopped, or killed, goes on with the
    same command, and asks nothing twice. Ctrl-C stops it. A new run begins with one trial question
    to each target, which is kept nowhere; exits with 1 where it gets no answer. Exits with 3 where
    the run ended before its end, or a question got no answer: the same command asks it again.

    Example: kanhe assess run plan.yaml
    """
    where = place(data, config, regime, language)
    raw = plan_bytes(plan)
    read = read_plan(raw, str(plan))
    settings = read_settings({"data": data}, config=config)
    require_keys(read, variable)
    say = _sayer(quiet=quiet or as_json)

    def ready() -> None:
        say("Reading rulesets, looking up judges…")
        asyncio.run(require_judging(read, settings, where.data, regime_of(read.regime)))
        say("Asking each target one trial question…")
        asyncio.run(require_answers(read, variable))

    say("Reading banks…")
    folder = _folder(where, raw, read, name, ready, new=new, if_due=if_due)
    if folder is None:
        click.echo("Not due yet: nothing was asked.", err=True)
        if as_json:
            click.echo(json.dumps({"run": None, "asked": 0, "why": "not-due"}))
        return
    door = LedgerDoor(where.data, where.origin)
    enter(folder, _law(read), door, datetime.now(UTC))
    say("Meeting the judge…" if read.judging.classifier else "Asking…")
    store = AnswerCache(where.data / "assess" / "cache") if cache else None
    try:
        progress = _driven(folder, where, settings, store, asks=True, quiet=quiet or as_json)
    except KeyboardInterrupt:
        leave(folder, door)
        _stopped()
    finally:
        if store:
            store.close()
    leave(folder, door)
    _tell(where, folder, progress, as_json=as_json)
    if progress.why is not Why.DONE or progress.failed:
        sys.exit(3)


@click.command(short_help="Judge what has no verdict yet.")
@run_argument
@click.option("--quiet", is_flag=True, help="Draw no bar.")
@json_option
@placed
def judge(  # noqa: PLR0913 # one parameter an option
    name: str | None, data: Path | None, config: Path | None, regime: str | None,
    language: str | None, *, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Judge the answers of RUN that a judge left open, because it was down or was not admitted.

    Nobody is asked again, and a judge that has given its verdict is not heard twice.

    Example: kanhe assess judge monthly-2026-11-22
    """
    where = place(data, config, regime, language)
    folder = the_run(where.data, name)
    settings = read_settings({"data": data}, config=config)
    try:
        progress = _driven(folder, where, settings, None, asks=False, quiet=quiet or as_json)
    except KeyboardInterrupt:
        _stopped()
    _tell(where, folder, progress, as_json=as_json)


def _folder(  # noqa: PLR0913 # what decides it
    where: Place, raw: bytes, plan: Plan, name: str | None, ready: Callable[[], None], *,
    new: bool, if_due: bool,
) -> RunFolder | None:  # fmt: skip
    """Give the run that is meant; None where it is not due. `ready`: looks before a new one."""
    runs = Runs(where.data)
    own = [one for one in map(runs.open, runs.names()) if _is_of(one, raw)]
    named = [one for one in own if name is None or one.name == name]
    if if_due and plan.every_days and own and _has_answers(own[0]):
        if datetime.now(UTC) - own[0].manifest.begun < timedelta(days=plan.every_days):
            return None
        new = True
    if named and not new:
        return named[0]
    if name in runs.names() and not new:
        raise RequestError(
            f"the run {name} was begun by another plan",
            advice="Name this one otherwise, or run the plan as it was.",
        )
    require_committed(where.data, [one.bank for one in plan.draws])
    now = datetime.now(UTC)

    def look(banks: Sequence[Bank]) -> None:
        checked(banks, _law(plan), now)
        ready()

    return runs.begin(name or _fresh(plan.id, runs.names()), raw, now, __version__, look)


def _has_answers(run: RunFolder) -> bool:
    going = run.progress()
    return run.manifest.by == Why.DONE and going is not None and going.done > 0


def _is_of(run: RunFolder, raw: bytes) -> bool:
    try:
        return run.raw == raw
    except AssessError:
        return False  # another run that is damaged stops nobody from beginning this one


def _law(plan: Plan) -> Law:
    return Law(regime_of(plan.regime), risks(plan.regime))


def _fresh(plan: str, taken: tuple[str, ...]) -> str:
    day = f"{plan}-{date.today():%Y-%m-%d}"
    return next(
        name for n in range(1, len(taken) + 2)
        if (name := day if n == 1 else f"{day}.{n}") not in taken
    )  # fmt: skip


def _driven(  # noqa: PLR0913 # what a run depends on
    folder: RunFolder, where: Place, settings: Settings, cache: AnswerCache | None, *,
    asks: bool, quiet: bool,
) -> Progress:  # fmt: skip
    material = folder.material
    choices = {choice_item(one).digest: one for one in material.choices}
    probes = {probe_item(one).digest: one for one in material.probes}

    async def work() -> Progress:
        _stops_when_told()
        ways = open_ways(
            folder.plan, settings, where.data, where.regime, choices, probes,
            kept=folder.path / "judge.json",
        )  # fmt: skip
        try:
            with _bar(folder.name, quiet=quiet) as told:
                driver = Driver(
                    folder, ways, lambda: datetime.now(UTC), time.monotonic, told, cache
                )  # fmt: skip
                return await (driver.ask(variable) if asks else driver.judge())
        finally:
            await ways.aclose()

    try:
        return asyncio.run(work())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _stops_when_told() -> None:
    """Let SIGTERM and SIGINT end the run in order, also where a shell had the latter ignored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)


def _stopped() -> NoReturn:
    click.echo("\nStopped. What was answered is kept; the same command goes on.", err=True)
    sys.exit(130)


def _sayer(*, quiet: bool) -> Callable[[str], None]:
    return lambda what: None if quiet else click.echo(what, err=True)


@contextmanager
def _bar(label: str, *, quiet: bool) -> Iterator[Callable[[Going], None]]:
    """Draw a bar with the time that is left; without a terminal, write a line a minute."""
    if not quiet and not sys.stderr.isatty():
        yield _by_the_minute(label)
        return
    hidden = quiet
    with click.progressbar(length=1, label=label, show_pos=True, file=sys.stderr,
                           hidden=hidden) as bar:  # fmt: skip

        def told(going: Going) -> None:
            bar.length = max(1, going.total)
            bar.update(going.done + going.failed - bar.pos)

        yield told


def _by_the_minute(label: str) -> Callable[[Going], None]:
    last = time.monotonic()

    def told(going: Going) -> None:
        nonlocal last
        if not going.why and time.monotonic() - last >= _LINE_S:
            last = time.monotonic()
            left = f", about {round(going.eta_s / 60)} min left" if going.eta_s else ""
            click.echo(f"{label}: {going.done + going.failed}/{going.total}{left}", err=True)

    return told


def _tell(where: Place, folder: RunFolder, progress: Progress, *, as_json: bool) -> None:
    going = folder.progress()
    reasons = dict(going.reasons) if going else {}
    if as_json:
        click.echo(json.dumps({
            "run": folder.name, "total": progress.total, "done": progress.done,
            "failed": progress.failed, "reasons": reasons, "asked": progress.asked,
            "judged": progress.judged, "tokens": progress.tokens, "replayed": progress.replayed,
            "why": progress.why,
        }))  # fmt: skip
        return
    click.echo(
        f"{folder.name}: {progress.done} of {progress.total} answered"
        f"{f', {progress.failed} failed' if progress.failed else ''}"
        f"{f' ({reasons_told(reasons)})' if reasons else ''}, {progress.tokens:,} tokens."
    )
    match progress.why:
        case Why.BUDGET:
            click.echo("The budget is spent. Raise it in a new plan to go on.", err=True)
        case Why.DOWN:
            click.echo("The target is down. Run the same command again when it is back.", err=True)
        case _:
            if progress.failed:
                click.echo("The same command asks again what got no answer.", err=True)
            click.echo(f"Next: {where.typed(f'kanhe assess report {folder.name}')}")
