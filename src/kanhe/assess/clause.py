"""What a report finds clause by clause, and who signed it: values that go into its file.

A finding has four values and not two: what does not apply, and what nobody could conclude, are said
as such and never counted as kept. `report/assessment_clauses.py` makes clauses out of a status and
the results; nothing in here decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kanhe.terms import Text


class Finding(StrEnum):
    """What is found of one clause; the worst comes first."""

    FAILS = "does-not-conform"
    OPEN = "not-concluded"
    """It cannot be said; the reasons tell what is missing."""
    CONFORMS = "conforms"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Numbered:
    """Where a duty stands in one edition. `clause`: its number there, as the regime writes it.

    Attributes:
        source: Id of the edition.
        mapped: Whether that number is one of the edition itself; else it is the number in the
            edition before, because nobody could read this one.
    """

    source: str
    clause: str
    mapped: bool = True


@dataclass(frozen=True, slots=True)
class Clause:
    """One duty and what is found of it.

    Attributes:
        obligation: Its id in the regime.
        source: Id of the source of the version that binds.
        chapter: The first part of its number, by which a report is divided.
        numbers: Its number in each edition that has it, the earlier edition first.
        title: In few words.
        text: What it asks for, in the regime's paraphrase.
        why: Sentences; at least one, whatever is found.
        evidence: Numbers of the ledger's entries that show it.
        measured: Whether this assessment itself measured it; else the ledger tells it.
    """

    obligation: str
    source: str
    chapter: str
    numbers: tuple[Numbered, ...]
    title: Text
    text: Text
    finding: Finding
    why: tuple[Text, ...]
    evidence: tuple[int, ...] = ()
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One electronic signature of a report.

    Attributes:
        role: As which the regime asks for it, e.g. `assessment_lead`.
        by: Pseudonym of the account.
        at: When; aware.
        sha256: Of the report's file as it was signed.
        entry: Number of the ledger's entry; None: it is not on the ledger.
    """

    role: str
    by: str
    at: datetime
    sha256: str
    entry: int | None = None
