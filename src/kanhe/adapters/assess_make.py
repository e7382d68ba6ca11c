"""The report of a run, made: evidence gathered, figures computed, clauses found, files written.

`report.json` and `lines.jsonl` are the report; what people read is rendered from them. Signatures
stay as long as what was signed stays the same. A signed report that no longer says what its run
says is not replaced unless somebody asks for that, and is then kept beside the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from kanhe.adapters.assess_folder import REPORT as FOLDER
from kanhe.adapters.assess_folder import RunFolder
from kanhe.adapters.assess_gather import RUNNING, Gathered, Law, gather
from kanhe.adapters.assess_render import Format, render
from kanhe.adapters.bank_store import frames
from kanhe.adapters.collector import uncollected
from kanhe.adapters.disk import Disk
from kanhe.adapters.judge_records import identities
from kanhe.assess.clause import Signature
from kanhe.assess.head import Head
from kanhe.assess.line_file import LINES, write_lines
from kanhe.assess.reckon import results
from kanhe.assess.report_file import REPORT, Written, read_report, write_report
from kanhe.errors import AssessError
from kanhe.report.assessment import Report
from kanhe.report.assessment_clauses import clauses
from kanhe.status.status import Status
from kanhe.terms import Text

Signed: TypeAlias = Callable[[Written], Sequence[Signature]]


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made. `files`: all that were written, in their order."""

    written: Written
    gathered: Gathered
    files: tuple[Path, ...]


def compose(  # noqa: PLR0913 # what a report depends on
    run: RunFolder, law: Law, status: Status | None, service: str, now: datetime,
    *, anew: bool = False, signed: Signed = lambda report: report.signatures,
) -> tuple[Written, Gathered]:  # fmt: skip
    """Compute the report of a run, and write nothing.

    The report that lies there stays what it is, with its day and its signatures, if nothing that it
    says has changed; once somebody has signed it, also where clauses would be found otherwise now.

    Args:
        run: Its folder.
        law: The regime.
        status: Of the service, for what the run itself did not measure; None: no clause is found.
        service: How the service is called.
        now: Aware.
        anew: Find the clauses anew even of a report that was signed, which then has no signatures.
        signed: Gives those signatures of the report that lies there which somebody vouches for.
            What a file says by itself could be put there by anybody, and would keep the clauses of
            that file from being found anew.

    Raises:
        KanheError: Evidence cannot be read, is damaged, or contradicts itself; or the report that
            lies there is signed, and what it says has changed since.
    """
    with uncollected():
        found = gather(run, law)
        figures = results(found.head, found.lines)
    looked = clauses(status, found.head, figures) if status else ()
    fresh = Written(found.head, figures, looked, (), service, now)
    before = _before(run)
    if before is not None:
        before = replace(before, signatures=tuple(signed(before)))
        if stands(before, fresh, anew=anew):
            return before, found
        if before.signatures and not anew:
            raise _unsigning(before, fresh)
    return fresh, found


def _unsigning(before: Written, fresh: Written) -> AssessError:
    """Say by whom a report is signed that would lose its signatures, and what has changed since."""
    roles = ", ".join(one.role for one in before.signatures)
    heads = [
        _HEADS.get(one.name, one.name) for one in fields(Head)
        if getattr(before.head, one.name) != getattr(fresh.head, one.name)
    ]  # fmt: skip
    changed = heads or ["the figures that this version computes"]
    return AssessError(
        f"the report of {before.head.run} is signed ({roles}), and what it is made of has changed "
        f"since: {', '.join(changed)}",
        advice="--anew makes another report, which has to be signed itself; the signed one is kept "
        f"in {FOLDER}/{_kept(before)}. Without it the signed report stays as it is.",
    )


_HEADS = {
    "people": "people's verdicts", "evidence": "evidence handed in", "lines": "lines of evidence",
    "root": "their root", "judge": "what is known of the judge", "banks": "the banks",
    "ended": "when the run ended", "ended_by": "how the run ended", "version": "version of Kanhe",
    "tests": "what the regime demands", "refusals": "what is known of the detector of refusals",
}  # fmt: skip


def _kept(report: Written) -> str:
    return f"signed-{report.sha256[:8]}"


def stands(before: Written, fresh: Written, *, anew: bool = False) -> bool:
    """Say whether a report that was made still stands, or `fresh` has to take its place.

    A signature is itself something that clauses are found by: if a signed report had to say what
    the ledger says now, signing would undo what was signed.
    """
    if before.signatures and not anew:
        return (before.head, before.results) == (fresh.head, fresh.results)
    return _said(before) == _said(fresh)


def _said(report: Written) -> Written:
    """Give what a report says: without its day, its signatures, and the entries of that day.

    A report is itself an entry by which its clauses are found: told apart by entries, no two calls
    would make the same one.
    """
    bare = tuple(replace(one, why=(), evidence=()) for one in report.clauses)
    return replace(report, clauses=bare, signatures=(), made=None)


def make(
    run: RunFolder, composed: tuple[Written, Gathered], report: Report,
    *, languages: Sequence[str], formats: Sequence[Format],
) -> Made:  # fmt: skip
    """Write the files of a report.

    Args:
        run: Its folder.
        composed: As `compose` gave it.
        report: The same, to be rendered.
        languages: Of `zh`, `en`.
        formats: Of `html`, `docx`, `pdf`.

    Raises:
        AssessError: The run has not ended, or a file cannot be written.
    """
    written, found = composed
    if written.head.ended_by == RUNNING:
        raise AssessError(
            f"the run {run.name} goes on, or was killed: a report of it would say neither",
            advice="Let it come to an end: kanhe assess run PLAN goes on with it, Ctrl-C stops it; "
            "--dry-run says what there is so far.",
        )
    files: dict[str, bytes] = {REPORT: write_report(written), LINES: write_lines(found.lines)}
    files |= render(report, languages, formats)
    _keep(run, written)
    return Made(written, found, _put(run.path / FOLDER, files))


def _keep(run: RunFolder, written: Written) -> None:
    """Put the files of a signed report aside, before another one takes its place.

    Raises:
        AssessError: They cannot be copied.
    """
    before = _before(run)
    if before is None or not before.signatures or before.sha256 == written.sha256:
        return
    disk, folder = Disk(), run.path / FOLDER
    beside = folder / _kept(before)
    try:
        beside.mkdir(exist_ok=True)
        for name in run.files:
            disk.write_synced(beside / name, (folder / name).read_bytes())
        disk.sync_directory(beside)
    except OSError as error:
        raise AssessError(
            f"the signed report cannot be kept in {beside}: {error.strerror}",
            advice="Look at the rights and the space of that folder; nothing was replaced.",
        ) from error


def names() -> Mapping[str, Text]:
    """Give titles of variants and groups, by what evidence calls them."""
    groups = {
        one.id: Text(one.names["zh"][0], one.names["en"][0]) for one in identities().groups
    }  # fmt: skip
    return {**{one.id: one.title for one in frames()}, **groups}


def _before(run: RunFolder) -> Written | None:
    path = run.path / FOLDER / REPORT
    if not path.exists():
        return None
    try:
        return read_report(path.read_bytes())
    except AssessError:
        return None  # of an older version: it is made anew


def _put(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    disk = Disk()
    try:
        folder.mkdir(exist_ok=True)
        for old in _former(folder, files):
            disk.remove(old)  # first: the documents of another report must not stand beside this
        for name, raw in files.items():
            beside = folder / f".{name}"
            disk.write_synced(beside, raw)
            disk.rename(beside, folder / name)
        disk.sync_directory(folder)
    except OSError as error:
        raise AssessError(
            f"the report cannot be written to {folder}: {error.strerror}",
            advice="Look at the rights and the space of that folder.",
        ) from error
    return tuple(folder / name for name in files)


def _former(folder: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Give the documents in a folder that are another report's."""
    path = folder / REPORT
    if path.exists() and path.read_bytes() != files[REPORT]:
        yield from (one for one in folder.glob("report.*.*") if one.name not in files)


def report_of(written: Written, law: Law) -> Report:
    """Give a report as it is rendered."""
    return Report(
        written.head, written.results, written.clauses, written.signatures, written.service,
        written.made or written.head.ended, law.regime, names(),
    )  # fmt: skip
