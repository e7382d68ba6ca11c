"""What an assessment puts on the ledger, through the door for operators: five kinds of entries.

The service may run or not. A report is named by its hash before anybody signed it; who signs has to
sign the very file that was entered, in a role that the regime asks for, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.record_door import record
from kanhe.assess import fact
from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding
from kanhe.assess.clause import Clause, Signature
from kanhe.assess.head import TargetSeen
from kanhe.assess.line import Line
from kanhe.assess.report_file import Written, write_report
from kanhe.errors import AssessError, RequestError
from kanhe.law.bound import bound
from kanhe.law.regime import Regime
from kanhe.ledger.entry import Json
from kanhe.status.picture import Picture, Unsound

SIGNATORIES = "signatories"
"""The parameter of a duty that names the roles in which a report has to be signed."""


@dataclass(frozen=True, slots=True)
class LedgerDoor:
    """Where entries go. `origin`: the name under which a ledger signs that is not there yet."""

    data: Path
    origin: str

    def bank_seen(self, bank: Bank, findings: Iterable[Finding]) -> int:
        """Record that a bank was looked at, and what rejects it; give the number of the entry."""
        return self._record(fact.BANK_SEEN, fact.bank_facts(bank, findings))

    def run_begun(
        self, run: str, plan: str, regime: str, banks: Mapping[str, str],
        targets: Sequence[TargetSeen],
    ) -> int:  # fmt: skip
        """Record that a run begins; see `fact.begun_facts`."""
        facts = fact.begun_facts(run, plan, regime, banks, targets)
        return self._record(fact.RUN_BEGUN, facts)

    def run_ended(self, run: str, by: str, *, asked: int, failed: int) -> int:
        """Record how a run ended; see `fact.ended_facts`."""
        return self._record(fact.RUN_ENDED, fact.ended_facts(run, by, asked=asked, failed=failed))

    def report_made(self, report: Written, lines: Iterable[Line]) -> int:
        """Record that a report was made, unless it already was; give the number of its entry."""
        had = self._made(report.sha256)
        if had is not None:
            return had
        facts = fact.made_facts(
            report.head, report.results, lines, report.sha256,
            editions=editions(report.clauses), clauses=findings(report.clauses),
        )  # fmt: skip
        return self._record(fact.REPORT_MADE, facts)

    def signatures(self, report: Written) -> tuple[Signature, ...]:
        """Give those signatures of a report that the ledger knows as signatures under it.

        Raises:
            AssessError: The ledger cannot be believed.
        """
        if not report.signatures:
            return ()
        known = {
            (seen.index, str(seen.facts.get("role")), str(seen.facts.get("by")))
            for seen in self._picture().all(fact.REPORT_SIGNED)
            if seen.facts.get("report") == report.sha256
        }
        return tuple(
            one for one in report.signatures
            if one.sha256 == report.sha256 and (one.entry, one.role, one.by) in known
        )  # fmt: skip

    def sign(self, report: Written, role: str, by: str, regime: Regime) -> Signature:
        """Record a signature under a report.

        Args:
            report: As its file has it.
            role: In which it is signed, e.g. `assessment_lead`.
            by: Pseudonym of the account.
            regime: That of the report; its duties name the roles.

        Raises:
            RequestError: Nobody signs in this role, or somebody has.
            AssessError: The ledger knows no such report.
            LedgerError: The ledger cannot be believed, or nothing can be recorded.
        """
        self.may_sign(report, role, regime)
        now = datetime.now(UTC)
        entry = self._record(fact.REPORT_SIGNED, fact.signed_facts(report.sha256, role, by))
        return Signature(role, by, now, report.sha256, entry)

    def may_sign(self, report: Written, role: str, regime: Regime) -> None:
        """See that a report can be signed in a role, before anybody is asked for a password.

        Raises:
            RequestError: Nobody signs in this role, or somebody has.
            AssessError: The ledger knows no such report, or cannot be believed.
        """
        day = datetime.now(UTC).astimezone(ZoneInfo(regime.zone)).date()
        roles = roles_of(regime, day)
        if role not in roles:
            raise RequestError(
                f"nobody signs as {role!r} under {regime.id}",
                advice=f"Name one of: {', '.join(roles) or 'no role is asked for on this day'}.",
            )
        if self._made(report.sha256) is None:
            raise AssessError(
                f"the ledger was never told of the report {report.sha256[:16]}…",
                advice="Make it here with `kanhe assess report`; one that was changed since cannot "
                "be signed.",
            )
        if (entry := self._signed(report.sha256, role)) is not None:
            raise RequestError(
                f"this report is signed as {role} already, by entry {entry}",
                advice="Nothing has to be done.",
            )

    def _record(self, tag: str, facts: Mapping[str, Json]) -> int:
        return record(self.data, self.origin, tag, facts)

    def _made(self, report: str) -> int | None:
        return self._first(fact.REPORT_MADE, {"report": report})

    def _signed(self, report: str, role: str) -> int | None:
        return self._first(fact.REPORT_SIGNED, {"report": report, "role": role})

    def _first(self, tag: str, wanted: Mapping[str, str]) -> int | None:
        for seen in self._picture().all(tag):
            if wanted.items() <= seen.facts.items():
                return seen.index
        return None

    def _picture(self) -> Picture:
        if (
            not (self.data / "ledger").is_dir()
            and not (self.data / "keys" / "ledger.signed").is_file()
        ):
            return Picture(datetime.now(UTC), 0, Unsound(None, "there is none"), {}, {})
        view = open_view(self.data, alone=True)
        try:
            picture = view.picture()
        finally:
            view.close()
        if isinstance(picture.soundness, Unsound):
            raise AssessError(
                f"the ledger cannot be believed: {picture.soundness.why}",
                advice="Look with `kanhe ledger verify`.",
            )
        return picture


def roles_of(regime: Regime, day: date) -> tuple[str, ...]:
    """Give the roles in which a report has to be signed, by the duties that bind on a day."""
    found: list[str] = []
    for duty in bound(regime, day, day):
        value = duty.parameters.get(SIGNATORIES)
        found += map(str, value if isinstance(value, list | tuple) else ())
    return tuple(dict.fromkeys(found))


def editions(clauses: Iterable[Clause]) -> tuple[str, ...]:
    """Give the editions by whose clauses a report is written, in the order in which they stand."""
    return tuple(dict.fromkeys(one.source for clause in clauses for one in clause.numbers))


def findings(clauses: Iterable[Clause]) -> dict[str, int]:
    """Count clauses by what is found of them."""
    found: dict[str, int] = {}
    for clause in clauses:
        found[clause.finding.value] = found.get(clause.finding.value, 0) + 1
    return found


def with_signature(file: Path, report: Written, signature: Signature) -> Written:
    """Write a signature into the file of a report; its hash stays what it was.

    Raises:
        AssessError: The file cannot be written; the signature stands on the ledger all the same.
    """
    signed = replace(report, signatures=(*report.signatures, signature))
    disk, part = Disk(), file.with_suffix(".part")
    try:
        disk.write_synced(part, write_report(signed))
        disk.rename(part, file)
        disk.sync_directory(file.parent)
    except OSError as error:
        raise AssessError(
            f"{file} cannot be written: {error.strerror}; the signature stands in entry "
            f"{signature.entry} of the ledger",
            advice="Look at the rights and the space of that folder, and make the report anew.",
        ) from error
    return signed
