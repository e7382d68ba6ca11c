"""A report that was signed stays what it is; one that nobody has signed says what is so now."""

from dataclasses import replace
from datetime import UTC, datetime

from evidence import head, whole
from kanhe.adapters.assess_make import stands
from kanhe.assess.clause import Clause, Finding, Numbered, Signature
from kanhe.assess.reckon import results
from kanhe.assess.report_file import Written
from kanhe.terms import Text

LINES = whole()
HEAD = head(LINES)
CLAUSE = Clause(
    "cn-bsr-9-1", "cn-gbt45654", "9", (Numbered("cn-tc260-003", "9.1"),), Text("评估", "assess"),
    Text("评估", "assess"), Finding.OPEN, (Text("未签", "unsigned"),), (4,),
)  # fmt: skip
AT = datetime(2026, 11, 22, tzinfo=UTC)
PLAIN = Written(HEAD, results(HEAD, LINES), (CLAUSE,), (), "x", AT)
SIGNED = replace(PLAIN, signatures=(Signature("assessment_lead", "a-1", AT, PLAIN.sha256),))
LATER = replace(PLAIN, clauses=(replace(CLAUSE, evidence=(4, 9)),), made=datetime.now(UTC))


def test_a_signature_is_not_undone_by_the_entry_that_it_makes():
    """Planted: the entry of the signature itself, by which a clause is found."""
    assert stands(SIGNED, LATER)
    assert not stands(SIGNED, LATER, anew=True)


def test_a_report_that_nobody_signed_says_what_the_ledger_says_now():
    assert not stands(PLAIN, LATER)
    assert stands(PLAIN, replace(PLAIN, made=datetime.now(UTC)))


def test_no_signature_keeps_a_report_whose_evidence_is_another():
    """Planted: a line of evidence that is gone."""
    fewer = LINES[:-1]
    made = head(fewer)
    assert not stands(SIGNED, replace(LATER, head=made, results=results(made, fewer)))
