"""Reports of garak come in as counts by probe and detector, checked against their own attempts."""

import pytest

from foreign_logs import attempt, plain, report, summed
from kanhe.assess.garak_report import read_garak
from kanhe.errors import AssessError


def test_pairs_are_rows_and_the_target_is_the_title():
    found = read_garak(report(summed(9, 10), summed(40, 40, "xss.Md", "xss.Url")), "r")
    assert found.evidence.rows == (("dan.Dan · dan.DAN", 9, 10), ("xss.Md · xss.Url", 40, 40))
    assert (found.evidence.tool, found.evidence.title) == ("garak 0.17.1", "openai my-model")


def test_older_reports_say_total_and_name_kinds():
    old = {"entry_type": "eval", "probe": "probes.dan.Dan", "detector": "detector.dan.DAN",
           "passed": 3, "total": 4}  # fmt: skip
    assert read_garak(report(old), "r").evidence.rows == (("dan.Dan · dan.DAN", 3, 4),)


def test_attempts_are_counted_again_at_the_threshold_of_the_report():
    """A score at the threshold is a hit. Planted fault caught: `<=`."""
    attempts = [attempt(0.0, 0.5, None, 0.49), attempt(1.0, status=1)]
    found = read_garak(report(*attempts, summed(2, 3, nones=1)), "r")
    assert found.evidence.rows == (("dan.Dan · dan.DAN", 2, 3),)
    assert [note.en for note in found.notes] == ["1 answers have no verdict"]


def test_sums_that_had_to_be_believed_are_told():
    assert "no attempts" in read_garak(report(summed(1, 2)), "r").notes[0].en


def test_a_scan_without_an_end_is_told_in_its_title():
    found = read_garak(report(summed(1, 2), done=False), "r")
    assert found.evidence.title == "openai my-model (unfinished)"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (report(attempt(0.9, 0.1), summed(2, 2)), "its attempts 1 of 2"),
        (report(summed(1, 2), summed(1, 2)), "twice"),
        (report(summed(3, 2)), "make no sense"),
        (report(summed(True, 2)), "make no sense"),
        (report(summed(1, 2, probe="")), "make no sense"),
        (report(summed(0, 0)), "no verdict"),
        (report(), "no verdict"),
        (report(summed(1, 2)) + b"{", "no JSON"),
        (report(summed(1, 2)) + plain({"a": 1}), "no entry of garak"),
        (report(*(summed(1, 2, f"p.P{one}") for one in range(2_001))), "2,001 rows"),
    ],
    ids=[
        "contradiction", "twice", "more than all", "no count", "no probe", "none judged", "empty",
        "cut off", "another file", "too many",
    ],
)  # fmt: skip
def test_what_cannot_be_evidence_is_refused(raw, says):
    with pytest.raises(AssessError, match=says) as caught:
        read_garak(raw, "r")
    assert caught.value.advice
