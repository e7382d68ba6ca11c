"""`kanhe assess import`: what Inspect or garak recorded, shown, and kept as evidence of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from kanhe.adapters.assess_evidence import foreign_bytes, keep_evidence
from kanhe.adapters.assess_folder import Runs
from kanhe.assess.evidence_file import read_foreign
from kanhe.assess.foreign import Imported
from kanhe.cli.assess_place import complete_run
from kanhe.cli.place import Place, place, placed
from kanhe.judge.exact import clopper_pearson


@click.command(name="import", short_help="Take a log of Inspect or a report of garak as evidence.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--run",
    "-r",
    metavar="RUN",
    shell_complete=complete_run,
    help="Keep it with this run.  [default: only show it]",
)
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
@placed
def import_(  # noqa: PLR0913, PLR0917 # one parameter an option
    file: Path,
    run: str | None,
    as_json: bool,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
) -> None:
    """Read FILE, a log of Inspect (.eval, .json) or a report of garak (.report.jsonl).

    Its verdicts are counted anew and shown with exact intervals. With --run they stand beside the
    run's own figures in its report, and are never mixed with them. FILE stays where it is: what is
    kept is counts and its hash.

    Example: kanhe assess import logs/2026-11-22_refuse.eval --run 2026-11
    """
    here = place(data, config, regime, language)
    found = read_foreign(foreign_bytes(file), file.name)
    new = run is not None and keep_evidence(Runs(here.data).open(run).path, found.evidence)
    lines = [json.dumps(_data(found, run, new), ensure_ascii=False)] if as_json else [
        *_lines(found, here),
        *([f"{'kept with' if new else 'was kept before with'} the run {run}"] if run else []),
        *_next(run, new=new),
    ]  # fmt: skip
    for line in lines:
        click.echo(line)


def _next(run: str | None, *, new: bool) -> Iterator[str]:
    if run and new:
        yield (
            f"No report has it yet: kanhe assess report {run}; one that is signed already needs "
            "--anew, and new signatures"
        )


def _lines(found: Imported, here: Place) -> Iterator[str]:
    one = found.evidence
    yield f"{one.tool}: {one.title}  (sha256 {one.sha256[:16]}…)"
    for name, passed, judged in one.rows:
        bounds = clopper_pearson(passed, judged)
        rate = f"{passed / judged:.1%}" if judged else "–"
        ends = f"[{bounds.low:.1%}, {bounds.high:.1%}]"
        yield f"  {passed:>6,} / {judged:<6,} {rate:>6}  {ends:<16}  {name}"
    for note in found.notes:
        yield f"  ! {here.say(note)}"


def _data(found: Imported, run: str | None, new: bool) -> dict[str, object]:
    one = found.evidence
    return {
        "tool": one.tool, "title": one.title, "sha256": one.sha256,
        "rows": [_row(*row) for row in one.rows],
        "notes": [{"zh": note.zh, "en": note.en} for note in found.notes],
        "run": run, "new": new if run else None,
    }  # fmt: skip


def _row(name: str, passed: int, judged: int) -> dict[str, object]:
    bounds = clopper_pearson(passed, judged)
    return {
        "name": name, "passed": passed, "judged": judged, "low": bounds.low, "high": bounds.high,
    }  # fmt: skip
