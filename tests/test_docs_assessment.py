"""The report in the documents is the one that its evidence gives, computed anew."""

from __future__ import annotations

from pathlib import Path

from kanhe.assess.evidence_tree import root_of
from kanhe.assess.line_file import LINES, leaves, read_lines
from kanhe.assess.reckon import results
from kanhe.assess.report_file import REPORT, read_report

FOLDER = Path(__file__).parent.parent / "docs" / "assessment"


def rates(found):
    return [
        (one.demand.kind, one.target, one.conclusion, rate.way, rate.whole.tally)
        for one in found.tested
        for rate in one.rates
    ]


def test_the_report_in_the_documents_is_what_its_evidence_gives():
    """Fails if a line is changed, left out or added: wording may change, figures may not."""
    report, raw = read_report((FOLDER / REPORT).read_bytes()), (FOLDER / LINES).read_bytes()
    assert root_of(leaves(raw)) == report.head.root
    found = results(report.head, read_lines(raw))
    assert rates(found) == rates(report.results)
    assert found.routes == report.results.routes
    assert found.conclusion is report.results.conclusion
