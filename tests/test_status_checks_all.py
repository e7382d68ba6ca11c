"""Every check has a record under which it is met, one under which it is not, and one unknown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from kanhe.law.risk import Risk
from kanhe.ledger.entry import encode
from kanhe.status.checks import CHECKS, NEEDS
from kanhe.status.fold import Fold
from kanhe.status.picture import Sound
from kanhe.status.verdict import Standing
from pictures import (
    ASKING,
    GROUND,
    JUDGE,
    JUDGED_RULE,
    NOW,
    OWN_RULES,
    QUESTIONS,
    REPORT_FACTS,
    ROUTES,
    SIGNING,
    STATEMENT,
    STRANGER,
    ago,
    answered,
    asking,
    attests,
    bank_seen,
    control,
    drilled,
    key_known,
    loaded,
    measured,
    obligation,
    picture,
    regime,
    reported,
    running,
    settings,
    signs,
    started,
    stopped,
    terms,
    with_judges,
)

LAW = replace(
    ASKING,
    obligations=(obligation("law-1", "duty"),),
    risks={**ASKING.risks, "A.5.a": Risk("A.5.a", "丁", "d")},
)
GAP, UNKNOWN, STALE, MET = Standing.GAP, Standing.UNKNOWN, Standing.STALE, Standing.MET


@dataclass
class Fixture:
    """Three records; `fails` comes out as `as_`."""

    met: tuple
    fails: tuple
    unknown: tuple
    parameters: dict = field(default_factory=dict)
    as_: Standing = GAP
    unsound: str | None = None


def drill_fixture(fact):
    good = (loaded(ago(days=3)), drilled(ago(hours=1)))
    return Fixture(
        good,
        (loaded(ago(days=3)), drilled(ago(hours=1), **{fact: False})),
        (loaded(ago(days=3)), drilled(ago(hours=1), **{fact: None})),
    )


def release(by="p2", proposed_by="p1", version="v1"):
    return ago(days=1), "operator:ruleset:released", {"version": version, "by": by,
                                                      "proposed_by": proposed_by}  # fmt: skip


ATTESTED = control("duty", "attested", valid_days=365, statement=STATEMENT, evidence=STATEMENT)
ELSEWHERE = {name: one for name, one in QUESTIONS.items() if name != "users"}
GATEWAY = (ago(hours=2), "gateway:answer:begun", {"decision": "d1"})
ENDED = (ago(hours=2), "gateway:answer:released", {"decision": "d1"})

RUNNING, MADE = running(ago(days=5)), reported(ago(days=1))
ALL_SIGNED = tuple(signs(ago(hours=n), role) for n, role in enumerate(SIGNING, 1))


def assessment(fails, **parameters):
    """A report that shows it, one with other facts, and no report."""
    return Fixture((*RUNNING, MADE), (*RUNNING, reported(ago(days=1), **fails)), RUNNING,
                   {"fresh_days": 31} | parameters)  # fmt: skip


def lowered(kind, way, whole):
    """The tests of the report, with other counts in one of them."""
    return [
        test | {"ways": test["ways"] | {way: test["ways"][way] | {"whole": whole}}}
        if test["kind"] == kind else test
        for test in REPORT_FACTS["tests"]
    ]  # fmt: skip


FIXTURES = {
    "question_bank": Fixture(
        (bank_seen(ago(days=1)),),
        (bank_seen(ago(days=1), items={"A.1.a": 99}),),
        (bank_seen(ago(days=1), kind="refuse"),),
        {"kind": "output", "least": 100, "fresh_days": 31},
    ),
    "output_test": assessment(
        {"tests": lowered("output", "keyword", [899, 101, 0])},
        least=1000, percent=90, methods=["manual", "keywords", "classifier"],
    ),
    "refusal_test": assessment(
        {"tests": lowered("answer", "refusal", [284, 16, 0])},
        least=300, refuse_percent=95, answer_percent=5,
    ),
    "bias_assessed": assessment(
        {"bias": {"gateway": REPORT_FACTS["bias"]["gateway"]
                  | {"age": GROUND | {"clued": [210_000, 590_000]}}}},
        attributes=["sex", "age"], rows=12, gap_percent=20, most_percent=60,
    ),
    "accuracy_assessed": assessment(
        {"keys": {"gateway": {"A.5.a": [20, 20, 0]}}},
        **{"class": "A.5"}, rows=20, percent=90, steady_rows=20, steady_percent=90,
    ),
    "security_assessed": Fixture(
        (*RUNNING, MADE, *ALL_SIGNED),
        (*RUNNING, MADE, *ALL_SIGNED[:2]),
        RUNNING,
        {"fresh_days": 365, "signatories": list(SIGNING)},
    ),
    "edition_named": Fixture(
        (*RUNNING, MADE), (*RUNNING, reported(ago(days=1), editions=["draft"])), RUNNING,
        {"duty": "law-1"},
    ),
    "release_assessed": Fixture(
        (*RUNNING, MADE),
        (*RUNNING, MADE, settings(ago(hours=2), models=[{"name": "n", "kind": "http"}])),
        (MADE,),
    ),
    "guard_active": Fixture(
        (loaded(ago(days=3)), drilled(ago(hours=1))),
        (loaded(ago(days=3)), drilled(ago(hours=1), leaked=4)),
        (loaded(ago(days=3)),),
        {"drill_fresh_days": 2},
    ),
    "guard_fail_closed": drill_fixture("failed_model_closed"),
    "implicit_label": drill_fixture("mark_seen"),
    "notice_and_reasons": drill_fixture("notice_seen"),
    "pseudonymous_log": drill_fixture("pseudonymous"),
    "ledger_without_content": drill_fixture("content_free"),
    "two_sided_review": Fixture(
        (loaded(ago(days=3)), drilled(ago(hours=1))),
        (loaded(ago(days=3), covers={"A.1.a": {"prompt": 1}}), drilled(ago(hours=1))),
        (loaded(ago(days=3), covers=None), drilled(ago(hours=1))),
    ),
    "keyword_library": Fixture(
        (loaded(ago(days=3)),),
        (loaded(ago(days=3), terms={"A.1.a": 199}, terms_total=449),),
        (loaded(ago(days=3), terms=None),),
        {"least": 450, "fresh_days": 7},
    ),
    "rules_cover_risks": Fixture(
        (loaded(ago(days=3)),),
        (loaded(ago(days=3), covers={"A.1.a": {"prompt": 1, "answer": 0}}),),
        (loaded(ago(days=3), covers=None),),
        {"class": "A.1"},
    ),
    "ruleset_tested": Fixture(
        (loaded(ago(days=3)),),
        (loaded(ago(days=3), rules_tested=1),),
        (loaded(ago(days=3), rules_tested=None),),
    ),
    "over_blocking": Fixture(
        (loaded(ago(days=3)),),
        (loaded(ago(days=3), rules_spared=0),),
        (loaded(ago(days=3), rules_acting=0),),
    ),
    "two_person_release": Fixture(
        (release(), loaded(ago(days=1))),
        (release(by="p1"), loaded(ago(days=1))),
        (loaded(ago(days=1)),),
    ),
    "classifiers": Fixture(
        (asking(ago(days=3), JUDGED_RULE, *OWN_RULES), with_judges(ago(days=3), JUDGE),
         measured(ago(days=2))),
        (asking(ago(days=3), JUDGED_RULE, *OWN_RULES), with_judges(ago(days=3), JUDGE)),
        (loaded(ago(days=3), judged=None), with_judges(ago(days=3), JUDGE), measured(ago(days=2))),
        {"list": "risks", "least_percent": 50, "most_false_percent": 10, "rows": 30},
    ),
    "judge_measured": Fixture(
        (asking(ago(days=3), JUDGED_RULE), with_judges(ago(days=3), JUDGE), measured(ago(days=2))),
        (asking(ago(days=3), JUDGED_RULE), with_judges(ago(days=3), JUDGE)),
        (asking(ago(days=3), JUDGED_RULE), settings(ago(days=3), judges=None)),
        {"pinned_days": 365, "unpinned_days": 31},
    ),
    "explicit_label": Fixture(
        (settings(ago(days=3)), drilled(ago(hours=1))),
        (settings(ago(days=3), label="header"), drilled(ago(hours=1), label_seen=False)),
        (settings(ago(days=3)),),
    ),
    "producer_code": Fixture(
        (settings(ago(days=3)),),
        (settings(ago(days=3), producer="unregistered"),),
        (drilled(ago(hours=1)),),
    ),
    "unlabelled_log": Fixture(
        (settings(ago(days=3)), settings(ago(days=2), label="prefix")),
        (settings(ago(days=3), label="header"), settings(ago(days=2))),
        (drilled(ago(hours=1)),),
    ),
    "strikes": Fixture(
        (settings(ago(days=3)),),
        (settings(ago(days=3), strikes=False),),
        (settings(ago(days=3), in_a_day=None),),
        {"in_a_row": 3, "in_a_day": 5},
    ),
    "complaint_route": Fixture(
        (settings(ago(days=3)),),
        (settings(ago(days=3), object_to=False),),
        (loaded(ago(days=3)),),
    ),
    "model_named": Fixture(
        (settings(ago(days=3)),),
        (settings(ago(days=3), models=[{"name": "", "kind": "http"}]),),
        (loaded(ago(days=3)),),
    ),
    "unknown_fields": Fixture(
        (settings(ago(days=3)),),
        (settings(ago(days=3), unknown_fields="pass"),),
        (loaded(ago(days=3)),),
    ),
    "log_retention": Fixture((started(ago(days=3)),), (), (), {"months": 6}),
    "ledger_sound": Fixture(
        (started(ago(days=3)),), (started(ago(days=3)),), (), unsound="a leaf is other"
    ),
    "traceable_decisions": Fixture(
        (drilled(ago(hours=3)), GATEWAY, ENDED),
        (drilled(ago(hours=3)), GATEWAY, ENDED, ENDED),
        (GATEWAY, ENDED),
    ),
    "continuity": Fixture(
        (started(ago(days=3)), stopped(ago(days=2)), started(ago(days=1))),
        (started(ago(days=3)), started(ago(days=1))),
        (stopped(ago(days=2)),),
    ),
    "scope_determined": Fixture(
        (answered(ago(days=3)),),
        (answered(ago(days=181)),),
        (answered(ago(days=3), law=regime(id="other", questions=QUESTIONS, routes=ROUTES)),),
        as_=STALE,
    ),
    "filing_route": Fixture(
        (answered(ago(days=3)),),
        (answered(ago(days=3), routes=["registration"]),),
        (loaded(ago(days=3)),),
        as_=STALE,
    ),
    "attested": Fixture(
        (key_known(ago(days=3)), attests(ago(days=2), ATTESTED)),
        (key_known(ago(days=3)), attests(ago(days=2), ATTESTED, done=False)),
        (key_known(ago(days=3)), attests(ago(days=2), ATTESTED, signer=STRANGER)),
        dict(ATTESTED.parameters),
    ),
    "awaits": Fixture(
        (started(ago(days=3)),), (started(ago(days=3)),), (), {"capability": STATEMENT}
    ),
}  # fmt: skip

ONLY_UNKNOWN = {"awaits"}
"""What no record can settle: nobody can see it yet."""


def look(name, entries, *, unsound=None, at=NOW):
    fixture = FIXTURES[name]
    one = control("duty", name, **fixture.parameters)
    seen = picture(*entries, at=at, unsound=unsound)
    return CHECKS[name](seen, terms(one, seen, LAW, at=at))


def cut_off(entries):
    """The same record, its first entries gone."""
    fold = Fold.from_json({**Fold().to_json(), "next": 7})
    fold.take_many(7, [encode(tag, at, facts) for at, tag, facts in entries])
    return fold.picture(NOW, Sound(8, b""))


def test_every_check_has_its_three_records():
    assert set(FIXTURES) == set(CHECKS)
    assert set(NEEDS) <= set(CHECKS)
    for name, needed in NEEDS.items():
        assert set(needed) <= set(FIXTURES[name].parameters)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_it_is_met_where_the_record_shows_it(name):
    verdict = look(name, FIXTURES[name].met)
    assert verdict.standing is (UNKNOWN if name in ONLY_UNKNOWN else MET)
    assert bool(verdict.evidence) is (name not in ONLY_UNKNOWN)
    assert all(0 <= index < len(FIXTURES[name].met) for index in verdict.evidence)
    if name not in ONLY_UNKNOWN:
        assert verdict.since is not None
        assert verdict.since <= NOW


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_it_is_not_met_where_the_record_shows_the_contrary(name):
    fixture = FIXTURES[name]
    if name == "log_retention":
        one = control("duty", name, months=6)
        seen = cut_off([started(ago(days=3))])
        verdict = CHECKS[name](seen, terms(one, seen, ASKING))
    else:
        verdict = look(name, fixture.fails, unsound=fixture.unsound)
    assert verdict.standing is (UNKNOWN if name in ONLY_UNKNOWN else fixture.as_)
    if name not in ONLY_UNKNOWN:
        assert verdict.actions


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_it_is_unknown_where_the_record_does_not_say(name):
    verdict = look(name, FIXTURES[name].unknown)
    assert verdict.standing is UNKNOWN


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_nothing_is_known_of_an_empty_ledger(name):
    verdict = look(name, ())
    assert verdict.standing is UNKNOWN
    assert verdict.evidence == ()


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_reasons_are_told_in_both_languages(name):
    fixture = FIXTURES[name]
    for entries in (fixture.met, fixture.fails, fixture.unknown, ()):
        verdict = look(name, entries)
        assert verdict.reasons
        for reason in verdict.reasons:
            assert reason.zh
            assert reason.en
            assert not any("\u4e00" <= char <= "\u9fff" for char in reason.en), reason.en
