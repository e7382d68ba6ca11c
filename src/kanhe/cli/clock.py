"""`kanhe clock`: which deadlines a regime knows, when one falls due, and how that was counted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import click

from kanhe.adapters.package_data import REGIME
from kanhe.adapters.package_data import regime as shipped
from kanhe.cli import completing
from kanhe.errors import RequestError
from kanhe.law.clock import ClockRule, Deadline, due
from kanhe.law.day_text import instant_text
from kanhe.law.regime import Regime
from kanhe.terms import Text

_regime = click.option(
    "--regime",
    "name",
    default=REGIME,
    show_default=True,
    shell_complete=completing.regime_ids,
    help="The regime that is asked about.",
)
_language = click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="The language of what is told.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, in both languages.")

_UNITS = {
    "hours": Text("小时", "hours"),
    "days": Text("个自然日", "days"),
    "working_days": Text("个工作日", "working days"),
    "months": Text("个月", "months"),
}


@click.group()
def clock() -> None:
    """Tell deadlines, and how they are counted."""


@clock.command(name="list")
@_regime
@_language
@_json
def list_(name: str, language: str, *, as_json: bool) -> None:
    """List the clocks of a regime: how long, after what, by which clause.

    Example: kanhe clock list --language zh
    """
    rules = shipped(name).clocks.values()
    if as_json:
        _print_json([_rule_json(rule) for rule in rules])
        return
    for rule in rules:
        unit = _in(_UNITS[rule.unit], language)
        long = f"{rule.amount} {unit.removesuffix('s') if rule.amount == 1 else unit}"
        click.echo(f"{rule.id:26} {long:16} {rule.starts:28} {_in(rule.title, language)}")


@clock.command(name="due")
@click.argument("rule", shell_complete=completing.clocks)
@click.option(
    "--from",
    "start",
    required=True,
    help="When it began, e.g. 2026-09-30T15:00; in the regime's zone, if it names none.",
)
@click.option(
    "--known", type=click.DateTime(["%Y-%m-%d"]), help="As one knew the calendar on that day."
)
@_regime
@_language
@_json
def due_(  # noqa: PLR0913 # click gives each option as an argument
    rule: str, *, start: str, known: datetime | None, name: str, language: str, as_json: bool
) -> None:
    """Tell when what RULE asks for is due, and how that was counted, step by step.

    Example: kanhe clock due algorithm-filing --from 2026-09-30T15:00
    """
    asked = shipped(name)
    began = _instant(start, ZoneInfo(asked.zone))
    day = known.date() if known else datetime.now(UTC).astimezone(ZoneInfo(asked.zone)).date()
    found_rule = _rule(asked, rule)
    found = due(began, found_rule, asked.calendar, day)
    if as_json:
        _print_json(_due_json(found_rule, began, day, found))
        return
    click.echo(f"{_in(found_rule.title, language)}: {_in(instant_text(found.at), language)}")
    for step in found.steps:
        click.echo(f"  {_in(step, language)}")


def _rule(asked: Regime, name: str) -> ClockRule:
    if name not in asked.clocks:
        raise RequestError(
            f"{asked.id} has no clock {name!r}",
            advice="`kanhe clock list` names them, with what starts each.",
        )
    return asked.clocks[name]


def _instant(written: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise click.BadParameter(
            f"{written!r} is no instant; write it as 2026-09-30T15:00", param_hint="--from"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _rule_json(rule: ClockRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "clause": rule.clause,
        "starts": rule.starts,
        "amount": rule.amount,
        "unit": rule.unit,
        "confidence": rule.confidence,
    }


def _due_json(rule: ClockRule, began: datetime, known: date, found: Deadline) -> dict[str, object]:
    return {
        "rule": _rule_json(rule),
        "from": began.isoformat(),
        "known": known.isoformat(),
        "at": found.at.isoformat(),
        "provisional": found.provisional,
        "steps": [{"zh": step.zh, "en": step.en} for step in found.steps],
    }


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
