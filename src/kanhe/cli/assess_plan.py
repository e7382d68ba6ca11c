"""`kanhe assess plan`: write a plan to begin with, or say what one comes to before it is run."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import click

from kanhe.adapters.assess_gather import Law
from kanhe.adapters.assess_material import open_material
from kanhe.adapters.assess_ready import require_judging
from kanhe.adapters.package_data import regime as regime_of
from kanhe.adapters.package_data import risks
from kanhe.assess.bank_check import together
from kanhe.assess.bank_finding import Finding, Weight, usable
from kanhe.assess.course import Asked, Material, first, samples
from kanhe.assess.demand import Demands
from kanhe.assess.plan import Plan
from kanhe.assess.plan_file import read_plan
from kanhe.cli.assess_place import json_option, plan_bytes
from kanhe.cli.place import Place, place, placed
from kanhe.errors import RequestError
from kanhe.settings import read_settings, variable

_CHARS_A_TOKEN = 2.5
"""Of a prompt, in both languages together; for an estimate only."""


@click.command(short_help="Say what a plan asks, or write one.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--new", is_flag=True, help="Write a plan to begin with to FILE.")
@json_option
@placed
def plan(  # noqa: PLR0913 # one parameter an option
    file: Path, data: Path | None, config: Path | None, regime: str | None, language: str | None,
    *, new: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say what the plan in FILE asks of whom, whether that is enough, and what it may cost.

    Nothing is asked. Rulesets, judge and banks are opened, and it is said whether the keys are
    set. Exits with 1 where a bank is rejected, or a ruleset or the judge is not there.

    Example: kanhe assess plan --new plan.yaml && kanhe assess plan plan.yaml
    """
    where = place(data, config, regime, language)
    if new:
        _write(file, where, read_settings({"data": data}, config=config).port)
        return
    read = read_plan(plan_bytes(file), str(file))
    found = open_material(read)
    asked = first(read, found)
    law, now = Law(regime_of(read.regime), risks(read.regime)), datetime.now(UTC)
    wanted = law.demands(now)
    findings = {bank.id: law.findings(bank, found.banks, now) for bank in found.banks}
    settings = read_settings({"data": data}, config=config)
    asyncio.run(require_judging(read, settings, where.data, law.regime))
    told = _told(read, found, asked, wanted, findings)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(read, told, findings, where)
        for one in together(found.banks):
            click.echo(f"  {one.weight}: {where.say(one.what)}")
    if not all(usable(some) for some in findings.values()):
        raise SystemExit(1)


def _told(
    read: Plan, found: Material, asked: tuple[Asked, ...], wanted: Demands,
    findings: Mapping[str, tuple[Finding, ...]],
) -> dict[str, object]:  # fmt: skip
    counts: dict[str, Counter[str]] = {}
    for one in asked:
        counts.setdefault(one.trial.target, Counter())[one.part] += 1
    prompt = sum(len(turn) for one in asked for turn in one.item.turns) / _CHARS_A_TOKEN
    completion = len(asked) * read.asking.max_tokens
    return {
        "plan": read.id, "sha256": read.sha256, "trials": {k: dict(v) for k, v in counts.items()},
        "asked": len(asked), "people": sum(one.people for one in asked),
        "prompt_tokens": round(prompt), "most_completion_tokens": completion,
        "most_cost": str(float(read.budget.cost(round(prompt), completion))) or None,
        "keys": {
            one.key_env: bool(variable(one.key_env)) for one in read.targets.values() if one.key_env
        },
        "within_budget": read.budget.allows(round(prompt), completion),
        "banks": [
            {
                "bank": bank.id, "kind": bank.kind, "version": bank.version, "sha256": bank.sha256,
                "items": len(bank.items), "drawn": len(sample.items), "wanted": draw.questions,
                "demanded": test.questions if (test := wanted.tests.get(bank.kind)) else None,
                "findings": [
                    {"code": one.code, "weight": one.weight, "zh": one.what.zh, "en": one.what.en,
                     "items": list(one.items)} for one in findings[bank.id]
                ],
            } for bank, draw, sample in
            zip(found.banks, read.draws, samples(read, found.banks), strict=True)
        ],
    }  # fmt: skip


def _show(
    read: Plan, told: dict[str, object], findings: Mapping[str, tuple[Finding, ...]], where: Place
) -> None:
    click.echo(f"{where.say(read.title)} ({read.id}, {read.sha256[:12]})")
    banks = told["banks"]
    assert isinstance(banks, list)  # noqa: S101 # `_told` has just made it
    for one in banks:
        enough = one["demanded"] is None or one["drawn"] >= one["demanded"]
        raised = one["drawn"] > one["wanted"]
        note = f" (`each` raises {one['wanted']} to {one['drawn']})" if raised else ""
        note += "" if enough else f": {one['demanded']} are demanded"
        click.echo(f"  {one['bank']}: {one['drawn']} of {one['items']} questions{note}")
        for finding in findings[one["bank"]]:
            if finding.weight is not Weight.WARNS or len(findings[one["bank"]]) < _FEW:
                click.echo(f"    {finding.weight}: {where.say(finding.what)}")
    trials = told["trials"]
    assert isinstance(trials, dict)  # noqa: S101 # as above
    for target, parts in trials.items():
        shown = ", ".join(f"{count} {part}" for part, count in parts.items())
        click.echo(f"  {target} ({read.targets[target].model}): {shown}")
    click.echo(
        f"  {told['asked']} questions, about {told['prompt_tokens']:,} prompt tokens and at most "
        f"{told['most_completion_tokens']:,} of answers; then the disguises."
    )
    keys = told["keys"]
    assert isinstance(keys, dict)  # noqa: S101 # as above
    for name, is_set in keys.items():
        click.echo(f"  key {name}: {'set' if is_set else f'not set; export {name}=… before a run'}")
    if not told["within_budget"]:
        click.echo("  The budget may not be enough: the run would stop, and can go on.", err=True)


_FEW = 12


def _write(file: Path, where: Place, port: int) -> None:
    if file.exists():
        raise RequestError(f"{file} is there already", advice="Name another file.")
    shipped = files("kanhe") / "banks" / where.regime.id / "plan.yaml"
    if not shipped.is_file():
        raise RequestError(
            f"no plan comes with the regime {where.regime.id}",
            advice="Write one; `kanhe assess plan --help` and docs/assess.md say how.",
        )
    raw = shipped.read_bytes()
    file.write_bytes(raw.replace(b"127.0.0.1:8080", f"127.0.0.1:{port}".encode()))
    then = where.typed(f"kanhe assess plan {file}")
    click.echo(f"Written: {file}. Look through it, then: {then}")
