"""`kanhe rules`: check rulesets, try their examples, and tell what matches and why.

For operators, who may see what users must not: the range that matched, the rule, the folds.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import click

from kanhe.adapters.lexicon_cache import LexiconCache
from kanhe.adapters.package_data import baseline, risks, shipped
from kanhe.adapters.ruleset_files import ruleset_at
from kanhe.cli.options import config_option, data_option
from kanhe.cli.rule_lines import Shown, explained, listed
from kanhe.console.rule_data import first_to_stop
from kanhe.errors import Fault, FaultyRuleset
from kanhe.gateway.judging import Inquiry, opinions
from kanhe.gateway.surface import SURFACES
from kanhe.policy.example import Tried, found_in, try_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Finding, JudgedRule, Place, Side
from kanhe.policy.rule_file import Known
from kanhe.policy.ruleset import Ruleset
from kanhe.policy.ruleset_file import Loaded, build, load_rulesets
from kanhe.policy.stream import StreamGuard
from kanhe.settings import Settings, read_settings
from kanhe.settings_source import SHIPPED
from kanhe.terms import counted
from kanhe.wiring import grounds_of, judges_of

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class _RulesetName(click.ParamType[object]):
    """A file, or the name of a ruleset that is shipped; a file of that name is written `./name`."""

    name = "ruleset"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Leave the names of shipped rulesets as they are."""
        return value if value in SHIPPED else _file.convert(str(value), param, ctx)


Named: TypeAlias = Path | str
"""A ruleset: a file, or the name of one that is shipped."""

_path = _RulesetName()
_files = click.argument("files", type=_path, nargs=-1)
_ruleset = click.option(
    "--ruleset",
    "files",
    type=_path,
    multiple=True,
    help="A ruleset's file, `baseline` or `meaning`; the baseline if none.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_cache = click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory in which compiled lexicons are kept.",
)


@click.group()
def rules() -> None:
    """Check rulesets, try their examples, explain what matches."""


@rules.command()
@_files
@config_option
@data_option
@_json
def check(
    files: tuple[Named, ...], config: Path | None, data: Path | None, *, as_json: bool
) -> None:
    """Check rulesets that are in force together: everything but their examples.

    Exits 1 and names every fault, with file, line, rule and what to write instead. FILES may also
    be `baseline` and `meaning`, which are shipped; without any the baseline is checked. What rules
    need of their judges is held against the records of the data directory, as the start does.

    Example: kanhe rules check rules/ours.yaml
    """
    settings = _settings(config, data)
    try:
        loaded = _load(files, settings)
        asyncio.run(_require(loaded, settings))
    except FaultyRuleset as error:
        if as_json:
            _print_json({"faults": _plain(error.faults), "warnings": []})
            sys.exit(1)
        raise
    if as_json:
        _print_json({"faults": [], "warnings": _plain(loaded.warnings)} | _summary(loaded))
        return
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{loaded.name} {loaded.label}: {counted(len(loaded.rules), 'rule')}, no fault")
    click.echo(f"version {loaded.version}")


@rules.command()
@_files
@config_option
@_cache
@_json
def test(
    files: tuple[Named, ...], config: Path | None, cache: Path | None, *, as_json: bool
) -> None:
    """Try the examples that rulesets carry: what each rule must match and must miss.

    Exits 1 if one of them comes out otherwise.

    Example: kanhe rules test rules/ours.yaml
    """
    loaded = _load(files, _settings(config))
    tried = list(try_examples(loaded.examples, _built(loaded, cache)))
    failed = [one for one in tried if not one.passed]
    if as_json:
        _print_json({"examples": [_tried(one) for one in tried], "failed": len(failed)})
    else:
        for one in tried:
            click.echo(_tried_line(one))
        click.echo(f"{counted(len(tried), 'example')}, {len(failed)} failed")
    if failed:
        sys.exit(1)


@rules.command()
@click.argument("text")
@_ruleset
@click.option(
    "--side",
    type=click.Choice([side.value for side in Side]),
    default=Side.ANSWER.value,
    show_default=True,
    help="Whose words the text is looked at as.",
)
@config_option
@_cache
@_json
def explain(  # noqa: PLR0913 # what is looked at, and how
    text: str,
    files: tuple[Named, ...],
    side: str,
    config: Path | None,
    cache: Path | None,
    *,
    as_json: bool,
) -> None:
    """Tell what every rule finds in TEXT (`-` reads it from standard input), and how.

    For each finding: the rule, what it would do, the range of characters, which disguises it saw
    through, and the text it saw. Then what a reader would be shown.

    Example: kanhe rules explain "some text" --side prompt
    """
    if text == "-":
        text = sys.stdin.read()
    settings = _settings(config)
    ruleset = _built(_load(files, settings), cache)
    plan = ruleset.plan(Place(Side(side)))
    shown = _shown(text, StreamGuard(plan))
    judged = asyncio.run(_judged(text, plan.judged, settings, side)) if plan.judged else ()
    if sooner := first_to_stop(judged, shown.stopped_by):
        shown = Shown(text[: sooner.start], sooner, 0)
    found = (*found_in(text, ruleset.watching(Side(side))), *judged)
    click.echo("\n".join(explained(text, found, shown, as_json=as_json)))


async def _require(loaded: Loaded, settings: Settings) -> None:
    """Hold what rules need of their judges against what was measured.

    Raises:
        FaultyRuleset: Something is not met.
    """
    judges = judges_of(settings)
    try:
        grounds = grounds_of(settings, judges)
        # A remote judge has to say who it is before a record can be held against it.
        await judges.warm(grounds.demanded(loaded))
        grounds.require(loaded)
    finally:
        await judges.aclose()


async def _judged(
    text: str, asking: Sequence[JudgedRule], settings: Settings, side: str
) -> tuple[Finding, ...]:
    judges = judges_of(settings)
    try:
        # A judge that has to be loaded first is worth waiting for: nobody's answer depends on it.
        patient = [(rule, replace(asks, wait_s=60.0)) for rule, asks in asking]
        return await opinions(text, patient, Inquiry(judges, Side(side).value))
    finally:
        await judges.aclose()


def _settings(config: Path | None, data: Path | None = None) -> Settings:
    return read_settings({"data": str(data)} if data else {}, config=config)


@rules.command(name="list")
@_ruleset
@config_option
@_json
def list_(files: tuple[Named, ...], config: Path | None, *, as_json: bool) -> None:
    """List the rules: category, action, mode, how many terms, the longest text one can match.

    Example: kanhe rules list --ruleset rules/ours.yaml
    """
    click.echo("\n".join(listed(_load(files, _settings(config)).rules, as_json=as_json)))


def _load(paths: Sequence[Named], settings: Settings) -> Loaded:
    judges = {name: sorted(one.categories) for name, one in judges_of(settings).queues.items()}
    known = Known(risks(settings.regime), RECOGNISERS, SURFACES, judges)
    sources = [ruleset_at(one) if isinstance(one, Path) else shipped(one) for one in paths]
    return load_rulesets(sources or [baseline()], known)


def _built(loaded: Loaded, cache: Path | None) -> Ruleset:
    return build(loaded, RECOGNISERS, LexiconCache(cache) if cache else None)


def _shown(text: str, guard: StreamGuard) -> Shown:
    first = guard.feed(text)
    if first.stopped_by:
        return Shown(first.text, first.stopped_by, 0)
    held = guard.held
    last = guard.finish()
    return Shown(first.text + last.text, last.stopped_by, held)


def _plain(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [
        {"file": f.file, "line": f.line, "rule": f.rule, "what": f.what, "advice": f.advice}
        for f in faults
    ]


def _summary(loaded: Loaded) -> dict[str, object]:
    return {"name": loaded.name, "version": loaded.version, "rules": len(loaded.rules)}


def _tried(tried: Tried) -> dict[str, object]:
    example = tried.example
    return {
        "rule": example.rule.id,
        "file": example.file,
        "line": example.line,
        "text": example.text,
        "expected": "match" if example.must_match else "miss",
        "got": "match" if tried.matched else "miss",
    }


def _tried_line(tried: Tried) -> str:
    said = _tried(tried)
    sign = "ok  " if tried.passed else "FAIL"
    line = f"{sign} {said['rule']}: expected {said['expected']}, got {said['got']}"
    return line if tried.passed else f"{line} ({said['file']}:{said['line']}: {said['text']})"


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
