"""`kanhe judge drift`: the same rows asked about again, and what moved beyond chance."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from kanhe.adapters import judge_records as kept
from kanhe.cli.judge_data import drift_document
from kanhe.cli.judge_lines import Teller
from kanhe.cli.judge_place import (
    complete_judge,
    complete_record,
    files_of,
    settings_of,
    with_judge,
)
from kanhe.cli.judge_run import json_option, measured, read_files, record_option, sets_option
from kanhe.cli.place import Place, place, placed
from kanhe.errors import RequestError
from kanhe.judge.drift import compare
from kanhe.judge.measuring import again
from kanhe.judge.record import digest, written
from kanhe.terms import Text


@click.command("drift", short_help="See whether a judge still is what it was.")
@click.argument("judge", required=False, shell_complete=complete_judge)
@sets_option
@click.option("--against", shell_complete=complete_record, metavar="RECORD",
              help="Hold it against this record; else its newest measuring.")  # fmt: skip
@record_option
@json_option
@placed
def drift(  # noqa: PLR0913, PLR0917 # one parameter an option
    judge: str | None,
    paths: tuple[Path, ...],
    against: str | None,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
    *,
    recorded: bool,
    as_json: bool,
) -> None:
    """Measure JUDGE again on the very rows of its record, and say what moved beyond chance.

    Row by row, with an exact test for each figure and one error for all of them. The sets are
    looked for where they lay; --set names them elsewhere. Exits 1 where a figure moved, or where a
    judge with an unchanged hash came out otherwise; both are put on the ledger. A run of `drift`
    is never what the next is held against: that is what `kanhe judge measure` recorded last.

    Example: kanhe judge drift embedded
    """
    here = place(data, config, regime, language)
    settings = settings_of(judge, data, config)
    name = settings.judge if judge is None or "=" in judge else judge
    before = _before(here, name, against)
    files = files_of(paths) if paths else kept.remembered(here.data, before.record)
    sets = read_files(files)
    plan = again(before.record, sets, kept.identities() if before.record.bias.swaps else None)
    found = with_judge(judge, settings, lambda one: measured(one, plan, quiet=as_json))
    rows = {one.sha256: rows for one, rows in plan.rows()}
    drifted = compare(before.record, found.record, rows)
    after = digest(written(found.record))
    moved = bool(drifted.moved or drifted.broken)
    if recorded:
        after, _ = kept.keep(here.data, here.origin, found.record, before.digest)
        if moved:
            named = [one.name for one in drifted.moved] or ["outcomes under an unchanged hash"]
            kept.keep_drift(
                here.data, here.origin, found.record.judge, (before.digest, after), named
            )
    if as_json:
        told = drift_document(drifted, before.digest, after) | {"recorded": recorded}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo("\n".join(Teller(here).drift(drifted)))
        if moved:
            click.echo(here.say(_until(here, before, name)), err=True)
    sys.exit(int(moved))


def _before(here: Place, judge: str, against: str | None) -> kept.Entered:
    found = kept.load(here.data)
    if against:
        return found.find(against)
    own = found.accepted(judge)
    if own is None:
        raise RequestError(
            f"the judge {judge!r} has no record to be held against",
            advice=f"`{here.typed('kanhe judge measure')} {judge} --set FILE` makes one.",
        )
    return own


def _until(here: Place, before: kept.Entered, judge: str) -> Text:
    again = f"{here.typed('kanhe judge measure')} {judge} --set FILE"
    since = f"{before.record.at:%Y-%m-%d}"
    return Text(
        f"比较对象是 {since} 的测评 {before.digest[:12]}。修复之前，或以 {again} 重新测评、"
        "认可现状之前，结果都会如此。",
        f"Held against the measuring {before.digest[:12]} of {since}. It stays so until the judge "
        f"is mended, or {again} accepts it as it is now.",
    )
