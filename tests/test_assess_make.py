"""The report of a run: the same from the same evidence, with its signatures; else another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import courses
from courses import OUT, Speaker, bank, begin, drive, law, reopened
from kanhe.adapters.assess_ledger import with_signature
from kanhe.adapters.assess_make import compose, make, names, report_of
from kanhe.adapters.assess_people import PeopleFile
from kanhe.adapters.assess_render import Format
from kanhe.assess.clause import Clause, Finding, Signature
from kanhe.assess.line_file import LINES, read_lines
from kanhe.assess.people import Judgement
from kanhe.assess.report_file import REPORT, read_report, write_report
from kanhe.errors import AssessError
from kanhe.terms import Text

MADE = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PEOPLE = "judging: {people: {questions: 4, double: 0}}\n"


@pytest.fixture
def run(tmp_path):
    one = begin(tmp_path, bank(tmp_path, OUT, 8), more=PEOPLE)
    drive(one, Speaker())
    return one


def written(run, now=MADE, service="demo", *, anew=False):
    composed = compose(reopened(run), law(), None, service, now, anew=anew)
    report = report_of(composed[0], law())
    return make(run, composed, report, languages=("en",), formats=(Format.HTML,))


def report(run):
    return run.path / "report" / REPORT


def test_a_report_is_written_with_its_evidence_and_what_people_read(run):
    made = written(run)
    assert [file.name for file in made.files] == [REPORT, LINES, "report.en.html"]
    assert set(run.files) == {REPORT, LINES, "report.en.html"}
    assert read_report(report(run).read_bytes()) == made.written
    found = courses.evidence(run)
    assert tuple(read_lines((run.path / "report" / LINES).read_bytes())) == found.lines
    assert made.written.head == found.head
    assert made.written.made == MADE
    assert "demo" in (run.path / "report" / "report.en.html").read_text()


def test_the_same_evidence_gives_the_same_report_whenever_it_is_made(run):
    first = written(run)
    raw = report(run).read_bytes()
    second = written(run, MADE + timedelta(days=3))
    assert report(run).read_bytes() == raw
    assert second.written == first.written


def test_a_signature_that_nobody_vouches_for_keeps_nothing_as_it_was(run):
    """Planted fault caught: clauses rewritten in the file, under a signature that was made up."""
    first = written(run).written
    clause = Clause("cn-x", "cn-x", "9", (), Text("一", "one"), Text("二", "two"), Finding.CONFORMS,
                    (Text("好", "good"),), (), False)  # fmt: skip
    forged = replace(first, clauses=(clause,))
    with_signature(report(run), forged, Signature("owner", "p", MADE, forged.sha256, 7))
    looked = compose(reopened(run), law(), None, "demo", MADE, signed=lambda report: ())[0]
    assert (looked.clauses, looked.signatures) == (first.clauses, ())


def test_documents_of_another_report_do_not_stay_beside_the_new_one(run):
    """Planted fault caught: a PDF that conforms, beside a report that does not."""
    made = written(run)
    old = report(run).with_name("report.zh.pdf")
    old.write_bytes(b"%PDF")
    written(run)
    assert old.exists(), "the same report: the document is still its own"
    report(run).write_bytes(write_report(replace(made.written, service="another")))
    written(run)
    assert not old.exists()


def test_signatures_stay_as_long_as_what_was_signed_does(run):
    """Planted faults caught: a report made again took its signatures off; one that says something
    else took the place of a signed one without a word.
    """
    first = written(run).written
    signature = Signature("assessment_lead", "account-1", MADE, first.sha256, 7)
    with_signature(report(run), first, signature)
    again = written(run, MADE + timedelta(days=1)).written
    assert again.signatures == (signature,)
    assert again.sha256 == first.sha256
    trial = next(line for line in courses.evidence(run).lines if line.people).outcome.trial
    PeopleFile(run.path, run.plan.sha256).add(
        lambda seed, history: Judgement(trial, "p1", "pass", "", 5, MADE)
    )
    signed = report(run).read_bytes()
    with pytest.raises(AssessError, match=r"(assessment_lead).*people.s verdicts") as caught:
        written(run, MADE + timedelta(days=2))
    assert "--anew" in caught.value.advice
    assert report(run).read_bytes() == signed
    other = written(run, MADE + timedelta(days=2), anew=True).written
    kept = run.path / "report" / f"signed-{first.sha256[:8]}"
    assert (kept / REPORT).read_bytes() == signed
    assert {one.name for one in kept.iterdir()} == {REPORT, LINES, "report.en.html"}
    assert other.signatures == ()
    assert other.sha256 != first.sha256
    assert (other.head.people.judged, other.made) == (1, MADE + timedelta(days=2))


def test_another_name_of_the_service_is_another_report(run):
    first = written(run).written
    assert written(run, service="other").written.sha256 != first.sha256


def test_a_report_of_an_older_version_is_made_anew(run):
    written(run)
    report(run).write_bytes(b'{"form": "kanhe-assess/0"}\n')
    assert read_report(report(run).read_bytes() if written(run) else b"").made == MADE


def test_a_run_that_has_not_ended_is_looked_at_and_not_reported(run):
    run.write(replace(run.manifest, by="", ended=None))
    composed = compose(run, law(), None, "demo", MADE)
    assert composed[0].results.tested
    with pytest.raises(AssessError, match="goes on, or was killed") as caught:
        written(run)
    assert "--dry-run" in caught.value.advice
    assert run.files == ()


def test_a_folder_that_cannot_be_written_is_told(run):
    (run.path / "report").write_bytes(b"")
    with pytest.raises(AssessError, match="cannot be written"):
        written(run)


def test_composing_writes_nothing(run):
    before = sorted(run.path.iterdir())
    compose(run, law(), None, "demo", MADE)
    assert sorted(run.path.iterdir()) == before


def test_variants_and_groups_have_names_in_both_languages():
    found = names()
    assert {"novel", "women"} <= {*found}
    assert all(one.zh and one.en for one in found.values())
