"""Figures of a task, over labels of which the outcome is known."""

import pytest

from kanhe.errors import RequestError
from kanhe.judge.label_record import CLOSED, ERASED, OPENED, check_facts, erased_facts, opened_facts
from kanhe.judge.label_summary import closed_facts, summary
from kanhe.judge.labelling import Desk
from kanhe.ledger.entry import decode, encode
from test_labelling import NOW, say, task

HISTORY = [
    say(0, "a", "safe"), say(0, "b", "safe"),
    say(1, "a", "unsafe:fraud", seconds=9), say(1, "b", "unsafe:drugs", sure=False),
    say(2, "a", "safe"), say(2, "b", "unsafe:fraud"),
    say(3, "a", "unsafe:fraud"), say(3, "b", "unsafe:fraud"),
    say(4, "a", "skip"), say(4, "b", "safe"),
    say(2, "c", "safe", adjudicates=True),
]  # fmt: skip
DESK = Desk(task(6), HISTORY)


def test_a_summary_counts_what_stands_and_leaves_decisions_out_of_agreement():
    found = summary(DESK)
    assert found.counts == {
        "open": 1, "disputed": 2, "alone": 0, "agreed": 2, "adjudicated": 1, "skipped": 0
    }  # fmt: skip
    assert (found.labels, found.people, found.unsure, found.skipped) == (10, 2, 1, 1)
    assert found.seconds == 5
    assert found.same.value == pytest.approx(3 / 4)
    assert found.same.n == 4
    assert found.kappa.value == pytest.approx(0.5)
    assert [(one.first, one.second, one.items) for one in found.pairs] == [(1, 2, 4)]
    assert found.met["safe", "safe"] == 1
    assert found.met["unsafe:drugs", "unsafe:fraud"] == 1
    assert found.alpha_category.value < found.alpha.value


def test_with_three_people_there_is_no_one_kappa():
    more = [*HISTORY, say(5, "a", "safe"), say(5, "d", "safe")]
    found = summary(Desk(task(6), more))
    assert found.kappa is None
    assert len(found.pairs) == 2


def test_nothing_said_tells_nothing():
    found = summary(Desk(task(2), []))
    assert (found.labels, found.seconds, found.alpha, found.pairs) == (0, None, None, ())


def test_the_ledger_gets_counts_and_hashes_and_nobodys_name():
    found = closed_facts(task(6), summary(DESK), "b" * 64)
    raw = encode(CLOSED, NOW, found)
    assert decode(raw).facts == found
    assert found["kappa_ppm"] == 500_000
    check_facts(CLOSED, found)
    check_facts(OPENED, opened_facts(task(6)))
    check_facts(ERASED, erased_facts(task(6)))


@pytest.mark.parametrize(
    "more",
    [{"task": "A name of mine"}, {"exported": "x"}, {"alpha_ppm": 2_000_000}, {"agreed": -1},
     {"people": "anna"}, {"text": "what was labelled"}, {"agreed": True}],
)  # fmt: skip
def test_other_facts_are_not_recorded(more):
    facts = closed_facts(task(6), summary(DESK), None)
    check_facts(CLOSED, facts)
    with pytest.raises(RequestError):
        check_facts(CLOSED, {**facts, **more})
