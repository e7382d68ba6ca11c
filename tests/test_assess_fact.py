"""Facts of assessments: what is recorded can be recorded, and says to the status what it should."""

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from evidence import head, line, lines_of, whole
from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding, Weight
from kanhe.assess.fact import (
    BANK_SEEN,
    REPORT_MADE,
    REPORT_SIGNED,
    RUN_BEGUN,
    RUN_ENDED,
    bank_facts,
    begun_facts,
    ended_facts,
    made_facts,
    signed_facts,
)
from kanhe.assess.fact_check import SHAPES, check_facts
from kanhe.assess.head import TargetSeen
from kanhe.assess.item import BankKind, Expect, Item
from kanhe.assess.line import Part
from kanhe.assess.outcome import Failed, Way
from kanhe.assess.reckon import results
from kanhe.errors import RequestError
from kanhe.ledger.entry import LONGEST, decode, encode
from kanhe.status.assessed import Report, Tally
from kanhe.status.checks import CHECKS
from kanhe.status.picture import Seen
from kanhe.status.verdict import Standing
from kanhe.terms import Text
from pictures import NOW, control, loaded, picture, regime, settings, terms

AT = datetime(2026, 11, 22, tzinfo=UTC)
REPORT = "9" * 64
ITEM = Item("i1", BankKind.OUTPUT, "en", ("the planted question",), "A.1.a", Expect.SAFE)


def made(lines=None, **more):
    some = whole() if lines is None else lines
    told = {"editions": ["cn-gbt45654"], "clauses": {"conforms": 3}}
    seen = head(some, **more)
    return made_facts(seen, results(seen, some), some, REPORT, **told)


def bank(*items, **more):
    given = {
        "id": "mine", "title": Text("题库", "a title of a bank"), "version": "1",
        "kind": BankKind.OUTPUT, "regime": "cn-genai", "licence": "", "reviewers": ("p1",),
        "updated": date(2026, 11, 1), "items": items, "pending": (), "sha256": "1" * 64,
    }  # fmt: skip
    return Bank(**given | more)


def all_facts():
    finding = Finding("duplicates", Weight.REJECTS, Text("重复", "twice"), ("i1",))
    targets = [TargetSeen("gateway", "m", "5" * 64)]
    return {
        BANK_SEEN: bank_facts(bank(ITEM), [finding]),
        RUN_BEGUN: begun_facts("r1", "2" * 64, "cn-genai", {"mine": "1" * 64}, targets),
        RUN_ENDED: ended_facts("r1", "budget", asked=7, failed=2),
        REPORT_MADE: made(),
        REPORT_SIGNED: signed_facts(REPORT, "assessment_lead", "account-1"),
    }


def seen(facts):
    return Report(Seen(0, AT, REPORT_MADE, decode(encode(REPORT_MADE, AT, facts)).facts))


@pytest.mark.parametrize("tag", sorted(SHAPES))
def test_every_entry_is_one_that_may_be_recorded_and_that_the_ledger_can_hold(tag):
    facts = decode(encode(tag, AT, all_facts()[tag])).facts
    check_facts(tag, facts)
    # As the door gets it, too.
    check_facts(tag, json.loads(json.dumps(facts)))


@pytest.mark.parametrize("tag", sorted(SHAPES))
def test_a_fact_too_many_too_few_or_of_another_shape_is_refused(tag):
    """Planted: a question in place of a code, a number below nothing, one fact beside the rest."""
    facts = all_facts()[tag]
    for name in facts:
        less = {key: value for key, value in facts.items() if key != name}
        for bad in (less, facts | {name: "the planted question?"}, facts | {name: -1}):
            if name == "version" and bad.get(name) == "the planted question?":
                continue  # A text of the keepers of a bank, and short.
            if name == "by" and tag == REPORT_SIGNED and isinstance(bad.get(name), str):
                continue
            with pytest.raises(RequestError):
                check_facts(tag, bad)
    with pytest.raises(RequestError):
        check_facts(tag, facts | {"note": "x"})


def test_no_question_no_title_and_no_address_stands_in_an_entry():
    raw = b"".join(encode(tag, AT, facts) for tag, facts in all_facts().items())
    for planted in (b"the planted question", b"a title of a bank", b"twice"):
        assert planted not in raw


def test_a_bank_is_told_by_its_slices_and_by_what_rejects_it():
    other = dataclasses.replace(ITEM, id="i2", slice="A.2.b")
    warned = Finding("few-languages", Weight.WARNS, Text("少", "few"))
    rejects = Finding("duplicates", Weight.REJECTS, Text("重复", "twice"))
    facts = bank_facts(bank(ITEM, ITEM, other, pending=(ITEM,)), [warned, rejects])
    assert facts["items"] == {"A.1.a": 2, "A.2.b": 1}
    assert (facts["pending"], facts["rejected"]) == (1, ["duplicates"])


def of_its_own(line, code):
    """Make a line one of another question: one that stands twice would count twice."""
    trial = line.outcome.trial
    digest = sha256(f"{code} {trial.item}".encode()).hexdigest()
    outcome = dataclasses.replace(line.outcome, trial=dataclasses.replace(trial, item=digest))
    return dataclasses.replace(line, id=f"{code}-{line.id}", outcome=outcome)


def test_a_report_of_31_risks_three_ways_and_two_targets_fits_in_an_entry():
    codes = [f"A.{n // 9 + 1}.{chr(97 + n % 9)}" for n in range(31)]
    lines = []
    for target in ("gateway", "model"):
        number = 0
        for kind, ways in ((BankKind.OUTPUT, None), (BankKind.REFUSE, None),
                           (BankKind.ANSWER, None)):  # fmt: skip
            for code in codes:
                some = lines_of(kind, 2, 1, target=target, slice_=code, ways=ways)
                lines += [of_its_own(one, code) for one in some]
                number += len(some)
    assert len(encode(REPORT_MADE, AT, made(lines))) < LONGEST // 2


def test_the_status_reads_the_counts_that_were_written():
    lines = [*lines_of(BankKind.OUTPUT, 90, 8, 2), *lines_of(BankKind.REFUSE, 60)]
    report = seen(made(lines))
    found = report.tests["output", "gateway"]
    assert set(found) == {"manual", "keyword", "classifier"}
    assert found["keyword"].whole == Tally(90, 8, 2)
    assert found["keyword"].slices == {"A.2.a": Tally(90, 8, 2)}
    assert report.kinds == {"output", "refuse"}
    assert report.judge.record == "cd" * 32
    assert report.models == {"m": ""}
    assert report.begun == datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_facts_in_answers_are_counted_by_slice_and_an_answer_that_failed_has_no_verdict():
    """Planted: failures in a slice where no facts are checked, and a disguise of an item."""
    key = [line(n, said={Way.KEY: n < 3}, slice_="A.5.a") for n in range(4)]
    failed = line(9, slice_="A.5.a", reply=Failed("timeout", 3))
    elsewhere = line(10, slice_="A.1.a", reply=Failed("timeout", 3))
    disguised = line(1, said={Way.KEY: False}, slice_="A.5.a", part=Part.ROBUST, variant="x")
    facts = made([*key, failed, elsewhere, disguised])
    assert facts["keys"] == {"gateway": {"A.5.a": [3, 1, 1]}}


def status(check, facts, **parameters):
    law = regime(id="cn-genai")
    entries = (loaded(AT - timedelta(days=30)), settings(AT - timedelta(days=30)),
               (AT, REPORT_MADE, facts))  # fmt: skip
    one = control("duty", check, **parameters)
    shown = picture(*entries, at=NOW)
    return CHECKS[check](shown, terms(one, shown, law, at=NOW))


def test_what_an_assessment_finds_is_what_the_status_says():
    """The whole way: lines, figures, entry, verdict. Planted: a judge without its record."""
    wanted = {"least": 100, "percent": 90, "methods": ["manual", "keywords", "classifier"],
              "fresh_days": 31}  # fmt: skip
    assert status("output_test", made(), **wanted).standing is Standing.MET
    bad = [*lines_of(BankKind.OUTPUT, 80, 20)]
    assert status("output_test", made(bad), **wanted).standing is Standing.GAP
    unadmitted = head(whole()).judge
    unadmitted = dataclasses.replace(unadmitted, record="")
    found = status("output_test", made(judge=unadmitted), **wanted)
    assert found.standing is Standing.UNKNOWN
    refusals = {"least": 60, "refuse_percent": 95, "answer_percent": 5, "fresh_days": 31}
    assert status("refusal_test", made(), **refusals).standing is Standing.MET
