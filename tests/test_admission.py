"""Admission: every demand refuses what falls short of it, and says so."""

from datetime import timedelta

import pytest

from fakes_judge import NOW, FakeJudge, labelled, measured, row, said
from kanhe.judge.admission import Admitted, Needs, Refused, admit

DAY = timedelta(days=1)


def rows(n, p, unsafe, category="none", **more):
    return [row(f"{unsafe} {category} {more} {k} {p}", unsafe, category, **more) for k in range(n)]


SET = labelled(
    "mine",
    *rows(95, 0.9, True, "fraud"), *rows(5, 0.1, True, "fraud"),
    *rows(60, 0.9, True, "drugs", lang="zh"), *rows(40, 0.1, True, "drugs", lang="zh"),
    *rows(198, 0.1, False), *rows(2, 0.9, False),
    *rows(90, 0.1, False, lang="zh", kind="post"), *rows(10, 0.9, False, lang="zh", kind="post"),
)  # fmt: skip


def thinks(question):
    p = said(question)
    return {"unsafe": p, "fraud": p if "fraud" in question.text else 0.0}


JUDGE = FakeJudge(thinks, categories=["fraud"])
RECORD = measured(JUDGE, SET)


def decide(needs, *records, now=NOW, judge=JUDGE.id):
    return admit(judge, needs, records or [RECORD], now)


def refusal(needs, *records, **more):
    match decide(needs, *records, **more):
        case Refused(reasons=reasons):
            return "; ".join(one.en for one in reasons)
        case Admitted():
            pytest.fail("it was admitted")


def test_who_was_never_measured_is_not_admitted():
    assert "never measured" in admit(JUDGE.id, Needs(), [], NOW).reasons[0].en


def test_other_weights_under_the_same_name_are_not_admitted():
    other = FakeJudge(thinks, version="2", categories=["fraud"])
    assert "has changed since" in refusal(Needs(), judge=other.id)


def test_a_judge_that_keeps_all_is_admitted_with_the_record_that_shows_it():
    found = decide(Needs(sensitivity=0.85, fpr=0.05, categories=("fraud",), languages=("en",)))
    assert isinstance(found, Admitted)
    assert found.record is RECORD


# 95 of 100 has the exact interval [0.887, 0.984], 2 of 200 [0.0012, 0.0357].
DEMANDS = [
    (Needs(sensitivity=0.88, categories=("fraud",)), True),
    (Needs(sensitivity=0.89, categories=("fraud",)), False),
    (Needs(sensitivity=0.95, categories=("fraud",), by="point"), True),
    (Needs(sensitivity=0.951, categories=("fraud",), by="point"), False),
    (Needs(fpr=0.036, languages=("en",)), True),
    (Needs(fpr=0.035, languages=("en",)), False),
    (Needs(fpr=0.01, languages=("en",), by="point"), True),
    (Needs(specificity=0.96, languages=("en",)), True),
    (Needs(specificity=0.97, languages=("en",)), False),
    (Needs(sensitivity=0.7, categories=("fraud", "drugs")), False),
    (Needs(fpr=0.04, languages=("en", "zh")), False),
    (Needs(fpr=0.04, kinds=("prompt",)), True),
    (Needs(fpr=0.04, kinds=("prompt", "post")), False),
    (Needs(sensitivity=0.8, categories=("fraud",), rows=100), True),
    (Needs(sensitivity=0.8, categories=("fraud",), rows=101), False),
    (Needs(f1=0.77), True),
    (Needs(f1=0.78), False),
    (Needs(precision=0.87), True),
    (Needs(balanced=0.8), True),
    (Needs(balanced=0.95), False),
    (Needs(threshold=0.5), True),
    (Needs(threshold=0.6), False),
    (Needs(sets=(SET.sha256,)), True),
    (Needs(sets=("0" * 64,)), False),
    (Needs(pinned=True), True),
    (Needs(of="fraud", sensitivity=0.88, fpr=0.02), True),
    (Needs(of="fraud", sensitivity=0.9), False),
    (Needs(of="drugs", sensitivity=0.1), False),
    (Needs(sensitivity=0.1, categories=("weapons",)), False),
    (Needs(sensitivity=0.1, categories=("fraud",), languages=("zh",)), False),
]


@pytest.mark.parametrize(("needs", "admitted"), DEMANDS)
def test_each_demand_is_kept_to_its_end(needs, admitted):
    """Planted faults caught: the far end of an interval, `<` for `<=`, a category skipped."""
    assert isinstance(decide(needs), Admitted) is admitted


def test_a_refusal_says_what_was_seen_and_what_has_to_be():
    told = refusal(Needs(sensitivity=0.9, categories=("drugs",), fpr=0.001))
    assert "drugs: sensitivity is 60.0% [49.7%, 69.7%], and 49.7% has to be ≥ 90.0%" in told
    assert "all rows: fpr is 4.0%" in told
    zh = decide(Needs(sensitivity=0.9, categories=("drugs",))).reasons[0].zh
    assert "须不低于 90.0%" in zh


def test_what_was_not_measured_is_not_taken_for_good():
    assert "no rows of weapons give" in refusal(Needs(sensitivity=0.1, categories=("weapons",)))


def test_an_old_record_counts_no_more():
    assert isinstance(decide(Needs(days=30), now=NOW + 30 * DAY), Admitted)
    assert "older than 30 days" in refusal(Needs(days=30), now=NOW + 31 * DAY)


def test_a_judge_that_could_change_unseen_is_refused_where_that_matters():
    loose = FakeJudge(thinks, pinned=False)
    record = measured(loose, SET)
    assert "not pinned" in refusal(Needs(pinned=True), record, judge=loose.id)
    assert isinstance(decide(Needs(), record, judge=loose.id), Admitted)


def test_the_newest_record_decides_and_an_older_better_one_does_not_outweigh_it():
    worse = FakeJudge(lambda _: 0.1)
    newer = measured(worse, SET, at=NOW + DAY)
    newer_of_judge = type(newer)(**{f: getattr(newer, f) for f in newer.__slots__}
                                 | {"judge": JUDGE.id})  # fmt: skip
    assert "sensitivity" in refusal(Needs(sensitivity=0.5), RECORD, newer_of_judge)
    assert "sensitivity" in refusal(Needs(sensitivity=0.5), newer_of_judge, RECORD)


def test_a_newer_record_of_something_else_does_not_hide_what_was_shown():
    other = measured(JUDGE, labelled("o", *rows(50, 0.1, False, lang="fr")), at=NOW + DAY)
    assert isinstance(decide(Needs(sensitivity=0.5), RECORD, other), Admitted)


def test_a_mute_judge_is_admitted_to_nothing():
    """Planted fault caught: rows without an opinion left out of the figures."""
    mute = labelled("m", *(row(f"MUTE {n}", n % 2 == 0, "fraud") for n in range(100)))
    record = measured(JUDGE, mute)
    assert "sensitivity" in refusal(Needs(sensitivity=0.01), record)
    assert "fpr" in refusal(Needs(fpr=0.99), record)
