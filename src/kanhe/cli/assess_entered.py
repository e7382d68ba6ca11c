"""A report held against the ledger: was it entered, with these counts, and who signed it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kanhe.adapters.assess_entries import OnLedger, entries_tagged
from kanhe.adapters.ledger_keys import VERIFIER_KEY, load_verifier
from kanhe.assess.fact import REPORT_MADE, REPORT_SIGNED
from kanhe.assess.report_check import Checked, Difference, check_entry
from kanhe.assess.report_file import Written
from kanhe.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Against:
    """What something is held against: the ledger's directory and its key, or a report."""

    ledger: Path | None
    key: str | None
    report: Path | None


@dataclass(frozen=True, slots=True)
class Entered:
    """What the ledger says of a report: the entry, what differs, and sentences."""

    index: int
    differences: tuple[Difference, ...]
    said: tuple[str, ...]


def entered_of(report: Written, checked: Checked, against: Against) -> Entered:
    """Hold a report against the ledger's entries of it.

    Raises:
        LedgerError: The ledger was not told of it, or cannot be believed.
    """
    found = entries(against)
    made = [one for one in found if one.entry.tag == REPORT_MADE]
    mine = next((one for one in made if one.entry.facts.get("report") == report.sha256), None)
    if mine is None:
        raise LedgerError(
            f"the ledger was never told of the report {report.sha256[:16]}…",
            advice="It was made elsewhere, or changed since: ask for the report that was entered.",
        )
    differing = check_entry(report, checked.lines, mine.entry.facts).differences
    bad = tuple(
        Difference(f"entry {mine.index}: {one.path}", one.told, one.found) for one in differing
    )
    signed = [
        one for one in found if one.entry.tag == REPORT_SIGNED
        and one.entry.facts.get("report") == report.sha256
    ]  # fmt: skip
    bad += _unsigned(report, signed)
    when = f"Entered in the ledger as number {mine.index} at {mine.entry.at.isoformat()}"
    under = "" if mine.published else ", not yet under a signed checkpoint"
    roles = [f"Signed as {one.entry.facts.get('role')}, entry {one.index}." for one in signed]
    return Entered(mine.index, bad, (f"{when}{under}.", *roles))


def _unsigned(report: Written, signed: list[OnLedger]) -> tuple[Difference, ...]:
    """Give the signatures in a report that the ledger does not know."""
    known = {(one.entry.facts.get("role"), one.entry.facts.get("by")) for one in signed}
    return tuple(
        Difference(f"signatures[{at}]", one.role, None)
        for at, one in enumerate(report.signatures)
        if (one.role, one.by) not in known or one.sha256 != report.sha256
    )


def entries(against: Against) -> tuple[OnLedger, ...]:
    """Give all entries about reports.

    Raises:
        LedgerError: There is no ledger, or it cannot be believed.
    """
    directory = against.ledger
    if directory is None or not (against.key or (directory / VERIFIER_KEY).is_file()):
        raise LedgerError(
            f"{directory} holds no ledger: it has no {VERIFIER_KEY}",
            advice="Name the ledger's directory, or give its public key with --key.",
        )
    key = load_verifier(against.key or str(directory / VERIFIER_KEY))
    return entries_tagged(directory, key, (REPORT_MADE, REPORT_SIGNED))
