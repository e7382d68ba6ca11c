"""`kanhe assess banks check`: whether verdicts may rest on banks, each reason told.

Checking asks no model unless told to. A bank that is rejected ends with exit code 1; one that
merely falls short of the regime's numbers does so with `--strict`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from kanhe.adapters import judge_records as kept
from kanhe.adapters.bank_folder import known_texts
from kanhe.adapters.bank_store import open_banks, shipped
from kanhe.adapters.record_door import record
from kanhe.assess.bank import Bank
from kanhe.assess.bank_check import Beside, check, together
from kanhe.assess.bank_finding import Finding, Weight, usable
from kanhe.assess.fact import BANK_SEEN, bank_facts
from kanhe.assess.item import BankKind
from kanhe.cli import assess_bank_lines as lines
from kanhe.cli.assess_bank_place import complete_bank, demanded, is_of, today
from kanhe.cli.judge_place import complete_judge, settings_of, with_judge
from kanhe.cli.place import Place, place, placed
from kanhe.errors import FaultyBank, RequestError
from kanhe.judge import asking
from kanhe.judge.counts import figure
from kanhe.judge.port import Judge, Opinion, Question
from kanhe.judge.record import Record
from kanhe.judge.score import MILLION, slices
from kanhe.settings import Settings
from kanhe.terms import Text

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("check", short_help="Say whether verdicts may rest on banks.")
@click.argument("names", nargs=-1, required=True, metavar="BANK...", shell_complete=complete_bank)
@click.option(
    "--known",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Texts that models may have learned from (JSONL, or a folder); several times.",
)
@click.option(
    "--judge",
    shell_complete=complete_judge,
    help="Ask this judge whether questions are labelled rightly; it must be measured.",
)
@click.option("--strict", is_flag=True, help="Exit code 1 also where a bank only falls short.")
@click.option("--record", "recorded", is_flag=True,
              help="Put on the ledger that these banks were looked at.")  # fmt: skip
@_json
@placed
def check_(  # noqa: PLR0913, PLR0917 # one parameter an option
    names: tuple[str, ...], known: tuple[Path, ...], judge: str | None, data: Path | None,
    config: Path | None, regime: str | None, language: str | None, *, strict: bool, recorded: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Hold BANKs against the regime's demands, each other, the shipped ones and known texts.

    Rejected are repetitions, trivial items, questions labelled in two ways, questions that stand in
    --known, slices the regime does not have. Name all banks of an assessment at once: only then is
    seen whether a model that refuses everything would pass.

    Example: kanhe assess banks check cn-genai/answer cn-genai/refuse cn-genai/output
    """
    here = place(data, config, regime, language)
    try:
        opened = open_banks(names, here.regime.id)
    except FaultyBank as error:
        if not as_json:
            raise
        _print({"usable": False, "faults": [
            {"file": one.file, "line": one.line, "item": one.rule, "what": one.what,
             "advice": one.advice} for one in error.faults
        ]})  # fmt: skip
        raise SystemExit(1) from None
    beside = Beside(_beside(opened), known_texts(known) if known else {})
    if judge:
        beside = _heard(settings_of(judge, data, config), judge, opened, beside)
    found = _checked(here, opened, beside)
    if recorded:
        for bank, own in zip(opened, found, strict=True):
            record(here.data, here.origin, BANK_SEEN, bank_facts(bank, own))
    whole = together(opened)
    _tell(here, [*zip(names, opened, found, strict=True)], whole, as_json=as_json)
    bad = (Weight.REJECTS, Weight.FALLS_SHORT) if strict else (Weight.REJECTS,)
    if any(one.weight in bad for one in (*whole, *(one for own in found for one in own))):
        raise SystemExit(1)


def _beside(opened: Sequence[Bank]) -> tuple[Bank, ...]:
    """Give all banks that questions could be labelled otherwise in: the shipped ones as well."""
    ids = {one.id for one in opened}
    return (*opened, *(one for one in open_banks(shipped(), "") if one.id not in ids))


def _checked(
    here: Place, opened: Sequence[Bank], beside: Beside
) -> list[tuple[Finding, ...]]:  # fmt: skip
    day = today(here)
    demand = demanded(here, day)
    return [
        check(bank, demand.get(bank.kind) if is_of(bank, here) else None, day, beside)
        for bank in opened
    ]


def _tell(
    here: Place,
    checked: Sequence[tuple[str, Bank, Sequence[Finding]]],
    whole: Sequence[Finding],
    *,
    as_json: bool,
) -> None:
    if as_json:
        _print({
            "usable": all(usable(own) for _, _, own in checked),
            "banks": [lines.told(name, bank) | {"usable": usable(own),
                      "findings": [lines.found(one) for one in own]}
                      for name, bank, own in checked],
            "together": [lines.found(one) for one in whole],
        })  # fmt: skip
        return
    click.echo("\n".join(_lines(here, checked, whole)))


def _lines(
    here: Place, checked: Sequence[tuple[str, Bank, Sequence[Finding]]], whole: Sequence[Finding]
) -> Iterator[str]:
    for name, bank, own in checked:
        yield lines.titled(here, name, bank)
        yield from lines.findings(here, own)
    if whole:
        yield here.say(Text("整体", "Together"))
        yield from lines.findings(here, whole)


def _heard(settings: Settings, judge: str, opened: Sequence[Bank], beside: Beside) -> Beside:
    """Ask a judge about every question that should, or should not, be refused."""
    some = [one for bank in opened if bank.kind is not BankKind.OUTPUT for one in bank.items]
    trusted = kept.trusted(settings.data)

    async def ask(one: Judge) -> Beside:
        own = [found for found in trusted if found.judge.hash == one.id.hash]
        if not own:
            raise RequestError(
                f"the judge {one.id.name!r} was never measured, and its word counts for nothing",
                advice="Measure it first: `kanhe judge measure`.",
            )
        at = own[-1].threshold / MILLION
        questions = [Question("\n".join(item.turns)) for item in some]
        told = await asking.ask(one, questions, clock=time.perf_counter)
        opinions = {item.digest: answer.unsafe >= at
                    for item, (answer, _) in zip(some, told, strict=True)
                    if isinstance(answer, Opinion)}  # fmt: skip
        return replace(beside, opinions=opinions, flags=_flags(own[-1]))

    return with_judge(judge, settings, ask)


def _flags(measured: Record) -> tuple[float, float]:
    counts = slices(measured.cells, "kind").get("prompt", measured.counts)
    unsafe, safe = figure("sensitivity", counts), figure("fpr", counts)
    # Of a kind that it was not measured on nothing is known: then it is not heard.
    return (unsafe.value, safe.value) if unsafe and safe else (0.0, 0.0)


def _print(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
