"""A report held against the ledger: was it entered, with these counts, and who signed it.

And was its run told of before, with this plan and these banks: what is entered only once it is
known how it came out may be the best of many. Runs that nobody has reported are named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kanhe.adapters.assess_entries import OnLedger, entries_tagged
from kanhe.adapters.ledger_keys import VERIFIER_KEY, load_verifier
from kanhe.assess.fact import REPORT_MADE, REPORT_SIGNED, RUN_BEGUN, begun_facts
from kanhe.assess.plain_json import differences
from kanhe.assess.report_check import Checked, Difference, check_entry
from kanhe.assess.report_file import Written
from kanhe.errors import LedgerError

_APART = timedelta(days=1)
"""What is told in two places may be this far apart: the ledger may have been out of reach."""
_NAMED = 5


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
    bad += _unsigned(report, signed) + _begun(report, found, mine)
    when = f"Entered in the ledger as number {mine.index} at {mine.entry.at.isoformat()}"
    under = "" if mine.published else ", not yet under a signed checkpoint"
    roles = [f"Signed as {one.entry.facts.get('role')}, entry {one.index}." for one in signed]
    others = _others(report, found, mine)
    return Entered(mine.index, bad, (f"{when}{under}.", *roles, *others))


def _begun(report: Written, found: tuple[OnLedger, ...], mine: OnLedger) -> tuple[Difference, ...]:
    """Compare a report with what the ledger was told of its run when that began."""
    head = report.head
    own = [one for one in found if one.entry.tag == RUN_BEGUN and one.index < mine.index
           and one.entry.facts.get("run") == head.run]  # fmt: skip
    if not own:
        return (Difference("run", head.run, None),)
    banks = {bank.id: bank.sha256 for bank in head.banks}
    facts = begun_facts(head.run, head.plan[1], head.regime, banks, ())
    begun = {**own[-1].entry.facts, "targets": []}
    bad = [
        Difference(f"entry {own[-1].index}: {path}", *both)
        for path, *both in differences(facts, begun)
    ]
    if abs(own[-1].entry.at - head.begun) > _APART:
        # A day of its own choosing would choose the edition too, and how fresh the banks were.
        told = own[-1].entry.at.isoformat()
        bad.append(Difference(f"entry {own[-1].index}: begun", head.begun.isoformat(), told))
    return tuple(bad)


def _others(report: Written, found: tuple[OnLedger, ...], mine: OnLedger) -> tuple[str, ...]:
    """Tell what a reader has to know of other runs and other reports."""
    head, said = report.head, []
    made = [one for one in found if one.entry.tag == REPORT_MADE]
    begun = [one for one in found if one.entry.tag == RUN_BEGUN]
    if later := [one.index for one in made if one.index > mine.index
                 and one.entry.facts.get("run") == head.run]:  # fmt: skip
        said.append(f"A later report of this run was entered as number {later[-1]}.")
    if (times := sum(one.entry.facts.get("run") == head.run for one in begun)) > 1:
        said.append(f"A run of this name was begun {times} times.")
    told = {one.entry.facts.get("run") for one in made}
    silent = dict.fromkeys(
        str(run) for one in begun
        if one.entry.facts.get("regime") == head.regime
        and (run := one.entry.facts.get("run")) not in told
    )  # fmt: skip
    if silent:
        names = ", ".join(list(silent)[:_NAMED]) + (", …" if len(silent) > _NAMED else "")
        said.append(f"Begun under {head.regime}, and never reported: {len(silent)} ({names}).")
    return tuple(said)


def _unsigned(report: Written, signed: list[OnLedger]) -> tuple[Difference, ...]:
    """Give the signatures in a report that the ledger does not know."""
    known = {
        one.index: (one.entry.facts.get("role"), one.entry.facts.get("by"), one.entry.at)
        for one in signed
    }
    bad = []
    for at, one in enumerate(report.signatures):
        role, by, when = known.get(-1 if one.entry is None else one.entry, (None, None, one.at))
        if (role, by) != (one.role, one.by) or one.sha256 != report.sha256:
            bad.append(Difference(f"signatures[{at}]", one.role, None))
        elif abs(when - one.at) > _APART:
            bad.append(Difference(f"signatures[{at}].at", one.at.isoformat(), when.isoformat()))
    return tuple(bad)


def entries(against: Against) -> tuple[OnLedger, ...]:
    """Give all entries about reports, and about the beginning of runs.

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
    return entries_tagged(directory, key, (RUN_BEGUN, REPORT_MADE, REPORT_SIGNED))
