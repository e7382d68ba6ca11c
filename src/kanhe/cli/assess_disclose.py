"""`kanhe assess disclose`: one line of a report by itself, with the proof that it belongs there."""

from __future__ import annotations

from pathlib import Path

import click

from kanhe.adapters.assess_folder import RunFolder, Runs
from kanhe.assess.evidence_tree import Texts, disclose, write_disclosure
from kanhe.assess.line import Line
from kanhe.assess.line_file import read_line
from kanhe.assess.outcome import Answered, Trial
from kanhe.cli.assess_verify import evidence_of
from kanhe.cli.place import place, placed
from kanhe.errors import AssessError


@click.command("disclose", short_help="Write one line of a report with its proof.")
@click.argument("report", type=click.Path(path_type=Path))
@click.argument("item")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--target", default="", help="Of the lines of ITEM, the one asked of this target.")
@click.option("--variant", default="", help="In this disguise or frame.  [default: in none]")
@click.option("--repeat", type=click.IntRange(min=0), default=0, help="The how-manieth time.")
@click.option("--texts", metavar="RUN", help="With question and answer, as this run keeps them.")
@placed
def disclose_(  # noqa: PLR0913, PLR0917 # one parameter an option
    report: Path,
    item: str,
    out: Path | None,
    target: str,
    variant: str,
    repeat: int,
    texts: str | None,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
) -> None:
    """Write the line of ITEM in REPORT by itself: what came of it, and the path to the root.

    ITEM is its id, with the bank before it where several have one: `x/refuse/i12`. Nothing is told
    of any other line. With --texts the question and the answer are put in as well; whoever checks
    it sees that they are the ones that were asked and given.

    Example: kanhe assess disclose kanhe-data/assess/2026-11 refuse-0012 --out one.json
    """
    written, leaves = evidence_of(report)
    wanted = (target, variant, repeat)
    index, line = _find([read_line(one, n) for n, one in enumerate(leaves, 1)], item, wanted)
    shown = None
    if texts is not None:
        here = place(data, config, regime, language)
        shown = _texts(Runs(here.data).open(texts), line.outcome.trial)
    raw = write_disclosure(disclose(written.head.run, leaves, index, shown))
    if out is None:
        click.echo(raw, nl=False)
        return
    try:
        out.write_bytes(raw)
    except OSError as error:
        raise AssessError(
            f"{out} cannot be written: {error.strerror}", advice="Name another file with --out."
        ) from error
    click.echo(f"{out}: {len(raw):,} bytes; check it: kanhe assess verify {out} --report {report}")


def _find(lines: list[Line], item: str, wanted: tuple[str, str, int]) -> tuple[int, Line]:
    target, variant, repeat = wanted
    named = [
        (at, one) for at, one in enumerate(lines) if item in (one.id, f"{one.bank}/{one.id}")
    ]  # fmt: skip
    found = [
        (at, one) for at, one in named
        if (one.outcome.trial.variant, one.outcome.trial.repeat) == (variant, repeat)
        and target in ("", one.outcome.trial.target)
    ]  # fmt: skip
    if len(found) == 1:
        return found[0]
    if not named:
        raise AssessError(
            f"the report has no item {item!r}", advice="Look it up in lines.jsonl, or the console."
        )
    if not found:
        raise AssessError(
            f"{item} was not asked in this way",
            advice="See --target, --variant and --repeat; its lines stand in lines.jsonl.",
        )
    some = ", ".join(f"{one.bank}/{one.id} at {one.outcome.trial.target}" for _, one in found[:4])
    raise AssessError(
        f"{item} has {len(found)} lines: {some}",
        advice="Put the bank before the item, and say --target gateway or --target model.",
    )


def _texts(run: RunFolder, trial: Trial) -> Texts:
    with run.journal() as journal:
        for one in run.all(journal):
            if one.trial == trial:
                reply = journal.reply(trial)
                answer = journal.answer(trial) if isinstance(reply, Answered) else None
                asked = one.plain
                return Texts(turns=asked.turns, system=asked.system, key=asked.key, answer=answer)
    raise AssessError(
        f"the run {run.name} did not ask this", advice="Name the run that the report is of."
    )
