"""`kanhe judge`: measure judges on labelled sets, look at what was measured, ask them a text.

A measuring counts once it is on the ledger; the service may run or not. Without a record no rule
may rely on a judge.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from kanhe.adapters import judge_records as kept
from kanhe.cli.judge_data import document
from kanhe.cli.judge_drift import drift
from kanhe.cli.judge_label import label
from kanhe.cli.judge_lines import Teller
from kanhe.cli.judge_place import (
    complete_judge,
    complete_record,
    files_of,
    names,
    settings_of,
    thresholds,
    with_judge,
)
from kanhe.cli.judge_run import json_option, measured, read_files, record_option, sets_option
from kanhe.cli.place import Place, place, placed
from kanhe.errors import RequestError
from kanhe.judge import calibration
from kanhe.judge.asking import BATCH
from kanhe.judge.measuring import Plan
from kanhe.judge.port import Judge, Opinion, Question
from kanhe.judge.record import digest, written
from kanhe.judge.split import Part
from kanhe.terms import Text

_judge = click.argument("judge", required=False, shell_complete=complete_judge)


@click.group(short_help="Measure the judges that rules rely on.")
def judge() -> None:
    """Measure judges on labelled sets, see whether they drift, ask them a text."""


judge.add_command(label)
judge.add_command(drift)


@judge.command("measure", short_help="Measure a judge on labelled sets.")
@_judge
@sets_option
@click.option(
    "--threshold",
    "given",
    multiple=True,
    metavar="[CATEGORY=]P",
    help="From which probability on a text is flagged; else 0.5. Several times, by category.",
)
@click.option(
    "--choose",
    metavar="AIM",
    help="Choose it on the calibration part: fpr<=0.02, sensitivity>=0.9, best=f1, best=balanced.",
)
@click.option(
    "--split",
    type=click.Choice([*(part.value for part in Part), "all"]),
    default=Part.TEST.value,
    show_default=True,
    help="Which rows measure: by the hash of their group, 6 in 10 train, 1 calibrates, 3 test.",
)
@click.option("--limit", type=click.IntRange(min=1), help="The most rows of a set.")
@click.option("--apart", multiple=True, metavar="PATTERN",
              help="Categories that count in no figure, told by themselves: 'x/*'.")  # fmt: skip
@click.option("--batch", type=click.IntRange(1, 4096), default=BATCH, show_default=True,
              help="Texts handed over at once.")  # fmt: skip
@click.option("--bias/--no-bias", default=True, show_default=True,
              help="Ask about harmless sentences that name groups of people, too.")  # fmt: skip
@record_option
@json_option
@placed
def measure_(  # noqa: PLR0913, PLR0917 # one parameter an option
    judge: str | None,
    paths: tuple[Path, ...],
    given: tuple[str, ...],
    choose: str | None,
    split: str,
    limit: int | None,
    apart: tuple[str, ...],
    batch: int,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
    *,
    bias: bool,
    recorded: bool,
    as_json: bool,
) -> None:
    """Measure JUDGE (else the default one): how much it catches, how much it blocks wrongly.

    Every figure comes with its exact 95 % interval, by set, language, kind and category; rows that
    the judge gives no opinion on count against it. Set --split all only for rows that it has never
    seen. JUDGE may also be TEMPLATE=URL, a guard model that the settings do not name.

    Example: kanhe judge measure --set labelled/ --choose 'fpr<=0.02'
    """
    if choose and any("=" not in one for one in given):
        raise click.UsageError("--threshold and --choose exclude each other.")
    files = files_of(paths)
    settings, here = settings_of(judge, data, config), place(data, config, regime, language)
    sets = read_files(files)
    plan = Plan(
        sets, None if split == "all" else Part(split), limit, apart, thresholds(given),
        calibration.aim(choose) if choose else None,
        kept.identities() if bias else None, batch,
    )  # fmt: skip
    found = with_judge(judge, settings, lambda one: measured(one, plan, quiet=as_json))
    name = digest(written(found.record))
    if recorded:
        name, entry = kept.keep(here.data, here.origin, found.record)
        kept.remember(here.data, files, sets)
    if as_json:
        _print(document(found.record, name) | {"recorded": recorded})
        return
    click.echo("\n".join(Teller(here).whole(found.record, full=False)))
    click.echo("")
    click.echo(_said_where(here, name, entry if recorded else None))


def _said_where(here: Place, name: str, entry: int | None) -> str:
    if entry is None:
        return here.say(Text("仅供查看，未记入账本。", "Shown only; nothing was recorded."))
    more = here.typed("kanhe judge show")
    return here.say(Text(
        f"测评记录 {name[:12]} 已记入账本，条目 {entry}；{more} {name[:12]} 可看详情。",
        f"Recorded as {name[:12]}, entry {entry} of the ledger; {more} {name[:12]} tells more.",
    ))  # fmt: skip


@judge.command(name="list", short_help="Name the judges and their records.")
@json_option
@placed
def list_(
    data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Name the judges of the settings, and what was measured of each; judges are not asked.

    Example: kanhe judge list
    """
    here = place(data, config, regime, language)
    settings, found = settings_of(None, data, config), kept.load(here.data)
    for doubt in found.doubts:
        click.echo(f"{here.say(Text('警告', 'warning'))}: {doubt}", err=True)
    recorded = dict.fromkeys(one.record.judge.name for one in found.records)
    known = names(settings)
    every = tuple(dict.fromkeys((*known, *recorded)))
    if as_json:
        _print([{
            "judge": name, "default": name == settings.judge, "configured": name in known,
            "records": [document(one.record, one.digest)
                        | {"entry": one.index, "against": one.against or None}
                        for one in found.records if one.record.judge.name == name],
        } for name in every])  # fmt: skip
        return
    teller = Teller(here)
    for name in every:
        click.echo(_titled(here, name, default=name == settings.judge, known=name in known))
        own = [one for one in found.records if one.record.judge.name == name]
        for one in reversed(own):
            click.echo(teller.entered(one))
        if not own:
            click.echo("    " + here.say(Text("尚无测评记录", "never measured")))


def _titled(here: Place, name: str, *, default: bool, known: bool) -> str:
    title = click.style(name, bold=True)
    if default:
        title += here.say(Text("（默认）", " (default)"))
    return title if known else title + here.say(Text("（设置中没有）", " (not in the settings)"))


@judge.command()
@click.argument("record", shell_complete=complete_record)
@json_option
@placed
def show(  # noqa: PLR0913 # one parameter an option
    record: str, data: Path | None, config: Path | None, regime: str | None,
    language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Show all that RECORD holds; the first characters of its hash are enough.

    Example: kanhe judge show 3f9a
    """
    here = place(data, config, regime, language)
    found = kept.load(here.data).find(record)
    if as_json:
        _print(document(found.record, found.digest) | {"entry": found.index})
        return
    click.echo(here.say(Text(
        f"测评记录 {found.digest}，账本条目 {found.index}，{found.record.at:%Y-%m-%d %H:%M} UTC",
        f"Record {found.digest}, entry {found.index}, {found.record.at:%Y-%m-%d %H:%M} UTC",
    )))  # fmt: skip
    click.echo("\n".join(Teller(here).whole(found.record, full=True)))


@judge.command(name="try", short_help="Ask a judge about one text.")
@click.argument("text")
@click.option("--context", default="", help="The prompt that TEXT answers.")
@click.option("--judge", shell_complete=complete_judge, help="Which judge; else the default one.")
@json_option
@placed
def try_(  # noqa: PLR0913, PLR0917 # one parameter an option
    text: str, context: str, judge: str | None, data: Path | None, config: Path | None,
    regime: str | None, language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Ask a judge what it thinks of TEXT (`-` reads it from standard input).

    With --context TEXT is looked at as the answer to that prompt, else as a prompt. Nothing of it
    is kept.

    Example: kanhe judge try "How do I kill a Python process?"
    """
    text = sys.stdin.read() if text == "-" else text
    question = Question(text, context, "answer" if context else "prompt")
    here, settings = place(data, config, regime, language), settings_of(judge, data, config)

    async def ask(one: Judge) -> object:
        (answer,) = await one.judge([question])
        return answer

    answer = with_judge(judge, settings, ask)
    if not isinstance(answer, Opinion):
        why = getattr(answer, "why", "")
        raise RequestError(
            f"the judge gave no opinion: {why}",
            advice="It answered off its menu; its template may not fit the model.",
        )
    if as_json:
        _print({"unsafe": answer.unsafe, "categories": dict(answer.categories),
                "stage": answer.stage})  # fmt: skip
        return
    click.echo("\n".join(Teller(here).opinion(answer)))


def _print(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
