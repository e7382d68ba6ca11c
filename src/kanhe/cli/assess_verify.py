"""`kanhe assess verify`: a report or a disclosure, computed anew from its evidence, offline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from kanhe import __version__
from kanhe.adapters.assess_gather import Law
from kanhe.adapters.collector import uncollected
from kanhe.adapters.package_data import regime as regime_of
from kanhe.adapters.package_data import regimes, risks
from kanhe.assess.evidence_tree import Disclosure, is_disclosure, read_disclosure
from kanhe.assess.fact import REPORT_MADE
from kanhe.assess.head import Head
from kanhe.assess.line_file import LINES, leaves, write_line
from kanhe.assess.outcome import Outcome
from kanhe.assess.report_check import Difference, check_demands, check_report
from kanhe.assess.report_file import REPORT, Written, read_report
from kanhe.assess.results import Conclusion
from kanhe.cli.assess_entered import Against, entered_of, entries
from kanhe.cli.rule_lines import printable
from kanhe.errors import AssessError, KanheError, LedgerError
from kanhe.terms import counted

_SHOWN = 20
_path = click.Path(path_type=Path)

_PASSED = {True: "yes", False: "no", None: "not told"}
_CONCLUDED = {
    Conclusion.CONFORMS: "they conform",
    Conclusion.FAILS: "they do not conform",
    Conclusion.OPEN: "nothing is concluded",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: sentences, and the same for machines."""

    lines: tuple[str, ...]
    data: Mapping[str, object]


@click.command(short_help="Compute a report anew from its evidence, or check a disclosure.")
@click.argument("report", type=_path)
@click.option("--ledger", type=_path, help="The ledger's directory: was this report entered in it?")
@click.option(
    "--key", help="The ledger's public key, or a file with it; else its own verifier.key."
)
@click.option(
    "--report", "held", type=_path, help="For a disclosure: the report that it has to belong to."
)
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def verify(
    report: Path, ledger: Path | None, key: str | None, held: Path | None, *, as_json: bool
) -> None:
    """Compute every figure and every conclusion of REPORT anew from its lines of evidence.

    REPORT is the folder of a run or of its report, or `report.json` with `lines.jsonl` beside it.
    Needs these files and nothing else, and reaches for no network. Exits 0 if all is as the report
    says, or 1 and names each figure that is not; so it does where a report holds its tests to other
    numbers than the regime demands on that day. With --ledger it also says whether the ledger was
    told of the run before it and of this very report, with this root and these counts, and of its
    signatures; and which other runs there are that nobody has reported.

    REPORT may also be a disclosure: one line out of a report, checked against the root in --report
    or in the --ledger, or in both.

    Example: kanhe assess verify kanhe-data/assess/2026-11 --ledger kanhe-data/ledger
    """
    against = Against(ledger, key, held)
    try:
        with uncollected():
            raw = _read(_file(report))
            told = (_disclosed(raw, against) if is_disclosure(raw)
                    else _checked(report, raw, against))  # fmt: skip
    except KanheError as error:
        if not as_json:
            raise
        told = Told((), {"ok": False, "error": str(error), "advice": error.advice})
    for line in (json.dumps(told.data, ensure_ascii=False),) if as_json else told.lines:
        click.echo(printable(line))
    if not told.data["ok"]:
        raise click.exceptions.Exit(1)


def evidence_of(place: Path) -> tuple[Written, list[bytes]]:
    """Read a report and the leaves beside it.

    Raises:
        AssessError: One of the two is not there, or cannot be read.
    """
    file = _file(place)
    return read_report(_read(file)), leaves(_read(file.with_name(LINES)))


def _file(place: Path) -> Path:
    for folder in (place, place / "report"):
        if (folder / REPORT).is_file():
            return folder / REPORT
    return place


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AssessError(
            f"{file} cannot be read: {error.strerror}",
            advice=f"Name a folder that holds {REPORT} and {LINES}; `kanhe assess report` writes "
            "both.",
        ) from error


def _checked(place: Path, raw: bytes, against: Against) -> Told:
    report = read_report(raw)
    checked = check_report(report, leaves(_read(_file(place).with_name(LINES))))
    entered = entered_of(report, checked, against) if against.ledger else None
    head = report.head
    law = _law(head)
    unlawful = check_demands(head, law.demands(head.begun)) if law else ()
    bad = [*checked.differences, *unlawful, *(entered.differences if entered else ())]
    data = {
        "ok": not bad, "run": head.run, "report": report.sha256, "root": checked.root,
        "lines": len(checked.lines), "figures": checked.figures,
        "conclusion": str(report.results.conclusion),
        "entry": entered.index if entered else None,
        "differences": [{"path": one.path, "told": one.told, "found": one.found} for one in bad],
    }  # fmt: skip
    if bad:
        more = [f"… and {len(bad) - _SHOWN:,} more"] if len(bad) > _SHOWN else []
        said = [_different(one) for one in bad[:_SHOWN]]
        count = counted(len(bad), "value differs", "values differ")
        if head.version != __version__:
            more.append(
                f"It was made with kanhe {head.version}, this is {__version__}: see whether that "
                "version says the same."
            )
        return Told((f"NOT as it says: {count}.", *said, *more), data)
    lines = [
        f"As it says: {counted(checked.figures, 'figure')} computed anew from "
        f"{counted(len(checked.lines), 'line')} of evidence.",
        f"Run {head.run}, its tests: {_CONCLUDED[report.results.conclusion]}.",
        f"Root: {checked.root}",
        f"Report: {report.sha256}",
    ]
    if law is None:
        lines.append(
            f"Not held against the demands of {head.regime!r}: no such regime is shipped here."
        )
    lines += entered.said if entered else ["Not held against a ledger: give --ledger to do so."]
    return Told(tuple(lines), data)


def _law(head: Head) -> Law | None:
    """Give the regime of a report; None where it is none of those that are shipped."""
    if head.regime not in regimes():
        return None
    return Law(regime_of(head.regime), risks(head.regime))


def _different(one: Difference) -> str:
    return f"  {one.path}: the report says {_short(one.told)}, it is {_short(one.found)}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _disclosed(raw: bytes, against: Against) -> Told:
    one = read_disclosure(raw)
    if against.report is None and against.ledger is None:
        raise click.UsageError("Give --report or --ledger: the root in a disclosure is no proof.")
    places = []
    if against.report is not None:
        places.append(_of_report(against.report))
    if against.ledger is not None:
        places.append(_of_ledger(one, against))
    for root, size, _ in places:
        line = one.check(root, size)
    where = " and ".join(where for *_, where in places)
    root, size, _ = places[0]
    trial = line.outcome.trial
    data = {
        "ok": True, "run": one.run, "root": root, "index": one.index, "item": line.id,
        "bank": line.bank, "passed": line.outcome.passed, "line": json.loads(write_line(line)),
        "texts": one.texts is not None,
    }  # fmt: skip
    lines = [
        f"Line {one.index + 1} of the {size} under {where}: {line.bank}/{line.id}, "
        f"slice {line.slice}, asked of the {trial.target}.",
        f"Passed, way by way: {_ways(line.outcome)}.",
        f"Taken together: {_PASSED[line.outcome.passed]}.",
    ]
    if one.texts is not None:
        lines += ["Question and answer are those of this line:", *one.texts.turns]
        lines += [f"→ {one.texts.answer}"] if one.texts.answer is not None else []
    return Told(tuple(lines), data)


def _ways(outcome: Outcome) -> str:
    """Tell the verdict of each way that counts; people who disagree give none."""
    ways = dict.fromkeys(one.way for one in outcome.verdicts)
    told = [
        f"{way} {_PASSED[said.passed]}" for way in ways if (said := outcome.by(way)) is not None
    ]
    return ", ".join(told) or "nobody judged it"


def _of_report(place: Path) -> tuple[str, int, str]:
    """Give root and size of the tree of a report, and how it is called.

    Raises:
        AssessError: The report is not what its own lines give: what is among them proves nothing.
    """
    report, some = evidence_of(place)
    checked = check_report(report, some)
    if checked.differences:
        first = checked.differences[0]
        raise AssessError(
            f"the report of {report.head.run} is not what its lines give: {first.path} differs",
            advice=f"See all of it: kanhe assess verify {place}; ask for the report anew.",
        )
    return checked.root, len(some), f"the report of {report.head.run}"


def _of_ledger(one: Disclosure, against: Against) -> tuple[str, int, str]:
    """Give the same of the entry with the root of a disclosure.

    Raises:
        LedgerError: There is none, or it is of another run.
    """
    for found in entries(against):
        facts = found.entry.facts
        mine = (facts.get("root"), facts.get("run")) == (one.root, one.run)
        if found.entry.tag == REPORT_MADE and mine and type(size := facts.get("lines")) is int:
            return one.root, size, f"entry {found.index} of the ledger"
    raise LedgerError(
        f"the ledger knows no report of {one.run} with the root {one.root[:16]}…",
        advice="Ask for a disclosure out of a report that was entered.",
    )
