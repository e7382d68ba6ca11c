"""The report of a security assessment as a value, and the conclusion that follows from its parts.

Everything else that a report says is composed from this (`assessment_paper.py`). The conclusion of
the whole is the worst of the tests and of the clauses: a service whose answers are good and whose
training data nobody looked at is not concluded to conform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from kanhe.assess.clause import Clause, Finding, Signature
from kanhe.assess.head import Head
from kanhe.assess.results import Conclusion, Results, Tested
from kanhe.law.bound import bound
from kanhe.law.regime import Regime
from kanhe.report.assessment_clauses import about_itself, signatories, signed
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report is made of.

    Attributes:
        clauses: Empty: nothing was looked at beside the tests, and the report says so.
        service: How the service is called.
        made: When the report was made; aware.
        regime: Titles of risks and sources, and the zone in which instants are told.
        names: Titles of variants and groups, by what the evidence calls them.
    """

    head: Head
    results: Results
    clauses: tuple[Clause, ...]
    signatures: tuple[Signature, ...]
    service: str
    made: datetime
    regime: Regime
    names: Mapping[str, Text] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Give the target whose tests decide: the gateway if it was asked."""
        routes = [one.route for one in self.head.targets]
        return "gateway" if "gateway" in routes else next(iter(routes), "")

    @property
    def deciding(self) -> tuple[Tested, ...]:
        """Give the tests that decide."""
        return tuple(one for one in self.results.tested if one.target == self.target)

    @property
    def looked(self) -> tuple[Clause, ...]:
        """Give the clauses with the signatures that there are by now."""
        made = (self.head, self.results)
        return signed(self.clauses, made, self.regime, self.signatories, self.signatures)

    @property
    def found(self) -> Mapping[Finding, int]:
        """Count clauses by what is found; every finding is there."""
        counted = Counter(one.finding for one in self.looked)
        return {finding: counted[finding] for finding in Finding}

    @property
    def conclusion(self) -> Conclusion:
        """Conclude from tests and clauses together.

        What asks for this very report is left out: it is kept by being signed, and nobody signs a
        report that concludes nothing because it is not signed.
        """
        said = {self.results.conclusion}
        found = {one.finding for one in self.clauses if not about_itself(one, self.regime)}
        if not found or Finding.OPEN in found:
            said.add(Conclusion.OPEN)
        if Finding.FAILS in found:
            said.add(Conclusion.FAILS)
        order = (Conclusion.FAILS, Conclusion.OPEN, Conclusion.CONFORMS)
        return next(one for one in order if one in said)

    @property
    def signatories(self) -> tuple[str, ...]:
        """Give the roles in which the regime wants the report signed, on the day it was made."""
        day = self.made.astimezone(ZoneInfo(self.regime.zone)).date()
        return signatories(bound(self.regime, day, day))
