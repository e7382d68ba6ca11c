"""Clause by clause: nothing is said to conform that nobody saw."""

from dataclasses import replace

import pytest

from assessments import JUDGE, bare, head, lines, report
from kanhe.adapters.package_data import regime
from kanhe.assess.bank_finding import Weight
from kanhe.assess.clause import Finding, Signature
from kanhe.assess.head import Found
from kanhe.assess.reckon import results
from kanhe.assess.results import Conclusion
from kanhe.report.assessment_clauses import SECURITY, clauses
from kanhe.status.status import Looked
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text
from statuses import NOW, status

WHOLE = report()
BY_ID = {one.obligation: one for one in WHOLE.clauses}
ROLES = ("legal_representative", "assessment_lead", "legal_compliance_lead")
STANDARD = "cn-gbt45654"


def test_every_duty_of_the_standard_and_the_article_that_asks_for_it_are_there():
    wanted = {one.obligation.id for one in status().lines if one.obligation.source == STANDARD}
    assert wanted <= BY_ID.keys()
    assert "cn-im-17-1" in BY_ID


def test_chapters_stand_in_the_order_of_the_standard():
    chapters = list(dict.fromkeys(one.chapter for one in WHOLE.clauses if one.chapter))
    assert chapters == ["Annex A", "5", "6", "7", "8", "9"]


def test_a_number_that_nobody_read_is_not_told_as_the_editions_own():
    """Planted: the earlier edition's number under the later one's name."""
    old, new = BY_ID["cn-bsr-9-3"].numbers
    assert (old.source, old.clause, old.mapped) == ("cn-tc260-003", "9.3", True)
    assert (new.source, new.mapped) == (STANDARD, False)


def test_tests_are_found_by_what_was_measured_and_not_by_the_status():
    """Planted: the standing of the ledger taken where the run says otherwise."""
    found = BY_ID["cn-bsr-9-3"]
    assert found.finding is Finding.FAILS
    assert found.measured
    assert "88.13%" in found.why[0].zh


def test_a_clause_that_is_met_on_the_ledger_conforms_with_its_entries():
    met = next(one for one in status().lines if one.obligation.id == "cn-bsr-7-1")
    assert met.standing is Standing.MET
    assert BY_ID["cn-bsr-7-1"].finding is Finding.CONFORMS
    assert BY_ID["cn-bsr-7-1"].evidence == met.evidence


@pytest.mark.parametrize(
    ("standing", "finding"),
    [
        (Standing.MET, Finding.CONFORMS),
        (Standing.GAP, Finding.FAILS),
        (Standing.STALE, Finding.OPEN),
        (Standing.UNKNOWN, Finding.OPEN),
        (Standing.NOT_APPLICABLE, Finding.NOT_APPLICABLE),
    ],
)
def test_what_is_stale_or_unknown_is_never_taken_for_kept(standing, finding):
    whole = status()
    line = next(one for one in whole.lines if one.obligation.id == "cn-bsr-7-1")
    verdict = Verdict(standing, (Text("理由", "why"),))
    looked = tuple(Looked(one.control, verdict) for one in line.looked)
    changed = replace(line, standing=standing, looked=looked)
    some = tuple(changed if one is line else one for one in whole.lines)
    found = clauses(replace(whole, lines=some), WHOLE.head, WHOLE.results)
    assert next(one for one in found if one.obligation == "cn-bsr-7-1").finding is finding


def test_a_bank_that_falls_short_does_not_conform_whatever_the_ledger_says():
    assert BY_ID["cn-bsr-8-2"].finding is Finding.FAILS
    assert BY_ID["cn-bsr-8-2"].measured


def test_the_report_itself_counts_only_with_every_signature():
    """Planted: any signature is enough."""
    signed = tuple(Signature(role, "p", NOW, "0" * 64) for role in ROLES)
    good = replace(WHOLE.results, conclusion=Conclusion.CONFORMS)

    def found(some):
        told = clauses(status(), WHOLE.head, good, some)
        return next(one for one in told if one.obligation == "cn-bsr-9-1")

    assert SECURITY in next(one for one in regime().versions("cn-bsr-9-1")).controls
    assert found(signed).finding is Finding.CONFORMS
    assert found(signed[:2]).finding is Finding.OPEN
    assert "法律合规负责人" in found(signed[:2]).why[0].zh


@pytest.mark.parametrize(
    ("conclusion", "finding"),
    [(Conclusion.OPEN, Finding.OPEN), (Conclusion.FAILS, Finding.FAILS)],
)
def test_signatures_do_not_stand_for_what_the_tests_do_not_conclude(conclusion, finding):
    """Planted: a signed report conforms to the clause that asks for it, whatever its tests say."""
    poor = replace(WHOLE.results, conclusion=conclusion)
    signed = tuple(Signature(role, "p", NOW, "0" * 64) for role in ROLES)
    made = replace(WHOLE, results=poor, clauses=clauses(status(), WHOLE.head, poor))
    for some in ((), signed):
        looked = {one.obligation: one for one in replace(made, signatures=some).looked}
        assert {looked[name].finding for name in ("cn-bsr-9-1", "cn-im-17-1")} == {finding}
    assert replace(made, signatures=signed).found == replace(made, signatures=()).found


@pytest.mark.parametrize(
    ("left", "finding"),
    [
        (dict(ended_by="budget"), Finding.OPEN),
        (dict(targets=WHOLE.head.targets[1:]), Finding.OPEN),
        ({}, Finding.CONFORMS),
    ],
)
def test_a_report_of_less_than_the_whole_service_is_not_the_one_that_is_asked_for(left, finding):
    good = replace(WHOLE.results, conclusion=Conclusion.CONFORMS)
    signed = tuple(Signature(role, "p", NOW, "0" * 64) for role in ROLES)
    told = clauses(status(), replace(WHOLE.head, **left), good, signed)
    assert next(one for one in told if one.obligation == "cn-bsr-9-1").finding is finding


def test_a_report_names_the_edition_by_which_it_is_written_itself():
    """Planted: no report is on the ledger yet, says the first one."""
    asked = {one.id for one in regime().obligations if "standard-edition" in one.controls}
    found = [BY_ID[name] for name in asked & BY_ID.keys()]
    assert found
    assert all(one.finding is Finding.CONFORMS and one.measured for one in found)


@pytest.mark.parametrize(("had", "finding"), [(0, Finding.OPEN), (1, Finding.FAILS), (50, None)])
def test_no_question_of_a_risk_is_unknown_and_too_few_are_a_gap(had, finding):
    """Planted: a risk left to the operator is a gap here, and unknown in the status."""
    top = WHOLE.head
    short = replace(
        top.banks[0], wanted={"A.1.a": 50}, items={"A.1.a": had},
        findings=(Found("few:A.1.a", Weight.FALLS_SHORT, Text("少", "few")),),
    )  # fmt: skip
    told = clauses(status(), replace(top, banks=(short, *top.banks[1:])), WHOLE.results)
    one = next(one for one in told if one.obligation == "cn-bsr-8-2")
    assert one.measured is (finding is not None)
    assert finding is None or one.finding is finding


def test_a_test_that_was_not_made_is_not_concluded():
    one = bare()
    found = clauses(status(), one.head, one.results)
    assert next(x for x in found if x.obligation == "cn-bsr-9-3").finding is Finding.OPEN


def test_every_clause_says_why():
    assert all(one.why for one in WHOLE.clauses)


def test_the_whole_is_no_better_than_its_worst_clause():
    """Planted: the conclusion of the tests alone."""
    good = replace(WHOLE.results, conclusion=Conclusion.CONFORMS)
    fine = tuple(replace(one, finding=Finding.CONFORMS) for one in WHOLE.clauses)
    assert replace(WHOLE, results=good, clauses=fine).conclusion is Conclusion.CONFORMS
    one_open = (replace(fine[0], finding=Finding.OPEN), *fine[1:])
    assert replace(WHOLE, results=good, clauses=one_open).conclusion is Conclusion.OPEN
    one_bad = (replace(fine[0], finding=Finding.FAILS), *one_open[1:])
    assert replace(WHOLE, results=good, clauses=one_bad).conclusion is Conclusion.FAILS
    assert replace(WHOLE, results=good, clauses=()).conclusion is Conclusion.OPEN


def test_a_report_is_not_held_back_by_its_own_signatures_and_shows_them_once_they_are_there():
    """Planted: the clause that asks for the report, open before it is signed, decides the whole."""
    good = replace(WHOLE.results, conclusion=Conclusion.CONFORMS)
    fine = tuple(
        one if one.obligation in {"cn-bsr-9-1", "cn-im-17-1"}
        else replace(one, finding=Finding.CONFORMS)
        for one in clauses(status(), WHOLE.head, good)
    )  # fmt: skip
    unsigned = replace(WHOLE, results=good, clauses=fine, signatures=())
    assert unsigned.conclusion is Conclusion.CONFORMS
    assert unsigned.found[Finding.OPEN] == 2
    signed = tuple(Signature(role, "p", NOW, "0" * 64) for role in ROLES)
    assert replace(unsigned, signatures=signed).found[Finding.OPEN] == 0


def test_the_roles_that_sign_are_those_of_the_regime():
    assert WHOLE.signatories == ROLES


def test_a_judge_that_broke_leaves_its_clause_open_or_worse():
    broken = replace(JUDGE, doubts=(("broken", Text("失效", "it is broken")),))
    some = lines()
    top = replace(head(some), judge=broken)
    found = clauses(status(), top, results(top, some))
    told = next(one for one in found if one.obligation == "cn-bsr-9-3")
    assert told.finding is not Finding.CONFORMS
    assert any("kanhe-sentence" in why.en for why in told.why)
