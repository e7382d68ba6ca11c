"""Which judge a command asks, on which sets, at which threshold: options read, judges opened.

Judges are opened inside the loop that asks them, and closed whatever happens. Tests hand in their
own by the context's `obj`, a function of the settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

import click
from click.shell_completion import CompletionItem

from kanhe.adapters.judge_records import RECORDS
from kanhe.errors import KanheError, RequestError
from kanhe.judge.category import UNSAFE, is_category
from kanhe.judge.port import Judge
from kanhe.judge.score import MILLION
from kanhe.settings import Settings, cache_folder, read_basics, read_settings
from kanhe.settings_judges import EMBEDDED

T = TypeVar("T")

Factory: TypeAlias = Callable[[Settings], Mapping[str, Judge]]
"""Gives the judges of the settings by name, the default one also by the empty name."""


def settings_of(judge: str | None, data: Path | None, config: Path | None) -> Settings:
    """Read the settings; `judge` may describe one, as TEMPLATE=URL.

    Raises:
        SettingsError: They are wrong.
    """
    described = judge if judge and "=" in judge else None
    return read_settings({"data": data, "judge": described}, config=config)


def with_judge(judge: str | None, settings: Settings, work: Callable[[Judge], Awaitable[T]]) -> T:
    """Open the judges, do `work` with the one of that name (None: the default), close them.

    Raises:
        KanheError: There is no such judge, it cannot be opened, or `work` says so.
    """

    async def run() -> T:
        judges = _factory()(settings)
        try:
            return await work(_picked(judges, judge))
        finally:
            for one in {id(one): one for one in judges.values()}.values():
                await one.aclose()

    return asyncio.run(run())


def names(settings: Settings) -> tuple[str, ...]:
    """Name the judges of the settings."""
    return tuple(dict.fromkeys((EMBEDDED, *(one.name for one in settings.judges))))


def _factory() -> Factory:
    given = click.get_current_context().find_root().obj
    return given if callable(given) else _wired


def _wired(settings: Settings) -> Mapping[str, Judge]:
    # Here and not above: completion and `--help` have no use for weights and clients.
    from kanhe.adapters.judges import open_judges  # noqa: PLC0415

    return open_judges(settings.judges, settings.judge, cache_folder(settings.data)).queues


def _picked(judges: Mapping[str, Judge], name: str | None) -> Judge:
    wanted = "" if name is None or "=" in name else name
    if wanted in judges:
        return judges[wanted]
    known = ", ".join(sorted(filter(None, judges)))
    raise RequestError(
        f"there is no judge {wanted!r}", advice=f"Name one of: {known}; or TEMPLATE=URL."
    )


def files_of(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Give the files that were named, of a folder all of its labelled sets.

    Raises:
        UsageError: There are none.
    """
    files: list[Path] = []
    for path in paths:
        files += sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise click.UsageError("Name labelled sets: --set FILE.jsonl, or a folder of them.")
    return tuple(dict.fromkeys(files))


def thresholds(given: tuple[str, ...]) -> dict[str, int]:
    """Read `0.5` and `fraud=0.7`; give millionths by category, 0.5 of `unsafe` where none is.

    Raises:
        UsageError: One of them is none.
    """
    found = {UNSAFE: MILLION // 2}
    for one in given:
        name, _, number = one.rpartition("=")
        category = name.strip() or UNSAFE
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 < value <= 1 or not is_category(category):
            raise click.UsageError(f"{one!r} is no threshold; write 0.5, or fraud=0.7.")
        found[category] = round(value * MILLION)
    return found


def complete_judge(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Offer the judges of the settings."""
    try:
        found = names(settings_of(None, context.params.get("data"), context.params.get("config")))
    except KanheError:
        found = (EMBEDDED,)
    return [CompletionItem(one) for one in found if one.startswith(begun)]


def complete_record(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Offer the records that lie in the data directory."""
    try:
        data = read_basics(context.params.get("data"), config=context.params.get("config")).data
    except KanheError:
        return []
    digests = (path.stem[:12] for path in (data / RECORDS).glob("*.json"))
    return [CompletionItem(one) for one in sorted(digests) if one.startswith(begun)]
