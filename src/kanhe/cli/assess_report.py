"""`kanhe assess report`: make the report of a run, and tell the ledger of it."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe.adapters.assess_folder import RunFolder
from kanhe.adapters.assess_gather import Law
from kanhe.adapters.assess_ledger import LedgerDoor
from kanhe.adapters.assess_make import Made, compose, make, report_of
from kanhe.adapters.assess_render import Format
from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.package_data import regime as regime_of
from kanhe.adapters.package_data import risks
from kanhe.assess.clause import Finding
from kanhe.assess.results import Conclusion
from kanhe.cli.assess_place import json_option, run_argument, the_run
from kanhe.cli.place import Place, place, placed
from kanhe.cli.status import computed
from kanhe.errors import LedgerError
from kanhe.report.assessment import Report
from kanhe.status.status import Status
from kanhe.terms import Text, counted

_FORMATS: tuple[Format, ...] = tuple(Format)

_SAID = {
    Conclusion.CONFORMS: Text("符合", "conforms"),
    Conclusion.FAILS: Text("不符合", "does not conform"),
    Conclusion.OPEN: Text("尚无结论", "nothing is concluded"),
}


@click.command(short_help="Make the report of a run.")
@run_argument
@click.option(
    "--format", "formats", multiple=True, type=click.Choice([one.value for one in Format]),
    help="Several times; else all. JSON and lines of evidence are always written.",
)  # fmt: skip
@click.option(
    "--in", "languages", multiple=True, type=click.Choice(["zh", "en"]),
    help="In which language; several times; else both.",
)  # fmt: skip
@click.option("--service", default="", help="How the report calls the service.")
@click.option(
    "--anew", is_flag=True,
    help="Another report in the place of a signed one, which is kept; it has to be signed itself.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Compute everything; write and record nothing.")
@json_option
@placed
def report(  # noqa: PLR0913, PLR0917 # one parameter an option
    name: str | None, formats: tuple[str, ...], languages: tuple[str, ...], service: str,
    data: Path | None, config: Path | None, regime: str | None, language: str | None,
    *, anew: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Make the report of RUN: every figure, every clause, the evidence, a place for signatures.

    Written beside the run, and entered in the ledger by its hash. Once it is signed it stays what
    it is, and is only written out with its signatures. Where people have judged more since, or
    evidence was handed in, it is refused to replace it; with --anew it is another report, is
    entered as such, and has to be signed itself. The signed one is then kept beside it.

    Example: kanhe assess report monthly-2026-11-22
    """
    where = place(data, config, regime, language)
    run = the_run(where.data, name)
    law = Law(regime_of(run.plan.regime), risks(run.plan.regime))
    now = datetime.now(UTC)
    door = LedgerDoor(where.data, where.origin)
    composed = compose(
        run, law, _status(where), service or where.origin, now, anew=anew, signed=door.signatures
    )
    rendered = report_of(composed[0], law)
    if dry_run:
        _tell(where, run, rendered, (), as_json=as_json)
        return
    made = make(
        run, composed, rendered, languages=languages or ("zh", "en"),
        formats=tuple(map(Format, formats)) or _FORMATS,
    )  # fmt: skip
    entry = door.report_made(made.written, made.gathered.lines)
    _tell(where, run, rendered, made.files, entry=entry, made=made, as_json=as_json)


def _status(where: Place) -> Status | None:
    """Give the status of the service; None where it keeps no ledger yet."""
    try:
        with closing(open_view(where.data, alone=True)) as view:
            return computed(where, view, None, None, None)
    except LedgerError as error:
        click.echo(f"No clause can be found but for the tests: {error}", err=True)
        return None


def _decided(report: Report) -> Text:
    """Say what the conclusion comes of: it is the worst of tests and clauses."""
    tests, found = _SAID[report.results.conclusion], report.found
    bad, open_ = found[Finding.FAILS], found[Finding.OPEN]
    if not report.clauses:
        return Text(
            f"各项测试：{tests.zh}；未作逐条核对", f"tests: {tests.en}; clauses: none looked at"
        )
    return Text(
        f"各项测试：{tests.zh}；逐条核对 {len(report.clauses)} 条：{bad} 条不符合，"
        f"{open_} 条尚无结论；以最差的为准",
        f"tests: {tests.en}; of {counted(len(report.clauses), 'clause')} {bad} not conforming, "
        f"{open_} not concluded; the worst of these decides",
    )


def _tell(  # noqa: PLR0913 # what is told
    where: Place, run: RunFolder, rendered: Report, files: tuple[Path, ...], *,
    as_json: bool, entry: int | None = None, made: Made | None = None,
) -> None:  # fmt: skip
    if as_json:
        click.echo(json.dumps({
            "run": run.name, "conclusion": rendered.conclusion,
            "tests": rendered.results.conclusion,
            "clauses": {one.value: count for one, count in rendered.found.items()},
            "files": [str(one) for one in files],
            "entry": entry, "sha256": made.written.sha256 if made else None,
            "root": made.written.head.root if made else None,
        }))  # fmt: skip
        return
    click.echo(f"{run.name}: {where.say(_SAID[rendered.conclusion])}")
    click.echo(f"  {where.say(_decided(rendered))}")
    for one in files:
        click.echo(f"  {one}")
    if made:
        click.echo(f"Entry {entry} of the ledger has its hash, {made.written.sha256[:16]}…")
        click.echo(f"Check it: kanhe assess verify {run.path}", err=not sys.stdout.isatty())
