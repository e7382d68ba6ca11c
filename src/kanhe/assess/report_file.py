"""The report as a file: how it was made, what came out, clause by clause, and who signed it.

Its hash is that of the file before anybody signed: a signature goes into the file and leaves the
hash as it was. Everything in it but clauses and signatures follows from the head and the lines
beside it (`LINES`), which is how it is verified.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import msgspec

from kanhe.assess.clause import Clause, Signature
from kanhe.assess.head import FORM, Head
from kanhe.assess.head_file import head_from
from kanhe.assess.plain_json import decoded, taken, told, unreadable
from kanhe.assess.results import Results

REPORT = "report.json"
"""How the file is called."""

_WHAT = "the report"
_KEYS = ("form", "service", "made", "head", "results", "clauses", "signatures")


@dataclass(frozen=True, slots=True)
class Written:
    """What a report's file holds."""

    head: Head
    results: Results
    clauses: tuple[Clause, ...] = ()
    signatures: tuple[Signature, ...] = ()
    service: str = ""
    """How the service is called."""
    made: datetime | None = None
    """When the report was made; aware, in UTC. None: it is not told."""

    @property
    def sha256(self) -> str:
        """Give the hash by which ledger and signatures name it, in hex."""
        return sha256(write_report(replace(self, signatures=()))).hexdigest()


def write_report(report: Written) -> bytes:
    """Write a report; equal reports give equal bytes."""
    whole = {
        "form": FORM, "service": report.service, "made": told(report.made),
        "head": told(report.head), "results": told(report.results),
        "clauses": told(report.clauses), "signatures": told(report.signatures),
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def read_report(raw: bytes) -> Written:
    """Read a report.

    Raises:
        AssessError: It is none, of another form, or holds what no version writes.
    """
    whole = decoded(raw, _WHAT)
    if not isinstance(whole, dict) or whole.get("form") != FORM:
        raise unreadable(_WHAT, f"its form is not {FORM}")
    if strange := sorted({*whole} ^ {*_KEYS}):
        raise unreadable(_WHAT, f"`{strange[0]}` is missing, or nothing that this version writes")
    report = Written(
        head_from(whole["head"]),
        taken(whole["results"], Results, _WHAT),
        taken(whole["clauses"], tuple[Clause, ...], _WHAT),
        taken(whole["signatures"], tuple[Signature, ...], _WHAT),
        taken(whole["service"], str, _WHAT),
        _made(whole["made"]),
    )
    # One report, one spelling: else a key that stands twice would be read in one way here, and in
    # another by somebody else's program.
    if write_report(report) != raw:
        raise unreadable(_WHAT, "it is not spelt as reports are")
    return report


def _made(json: object) -> datetime | None:
    made = None if json is None else taken(json, datetime, _WHAT)
    if made is not None and made.tzinfo is None:
        raise unreadable(_WHAT, "`made` needs a time zone")
    return made
