"""Answers to the questionnaire: checked whole, recorded, and read back as the law asks now."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.errors import FaultyAnswers
from kanhe.law.period import Period, Validity
from kanhe.law.scope import counting
from kanhe.ledger.entry import encode
from kanhe.status.determination import answers_of, determined, faults_of, questions_hash, routes
from pictures import (
    ANSWERS,
    ASKING,
    NOW,
    QUESTIONS,
    ROUTES,
    ago,
    answered,
    picture,
    question,
    regime,
    text,
)

answers = st.fixed_dictionaries(
    {},
    optional={
        "public": st.booleans(),
        "launched": st.dates().map(str),
        "model": st.sampled_from(["own", "filed_api"]),
        "media": st.lists(st.sampled_from(["text", "image"]), unique=True).map(tuple),
        "users": st.integers(0, 2**53 - 1),
    },
)


@given(answers)
def test_what_was_recorded_is_read_back(some):
    """Fails where a tuple comes back as a list, or an answer to an unasked question counts."""
    facts = determined(ASKING, some, "cli")
    assert encode("operator:scope:determined", NOW, facts)
    seen = picture((ago(days=1), "operator:scope:determined", json.loads(json.dumps(facts))))
    assert answers_of(seen, ASKING, NOW).answers == counting(QUESTIONS, some)


def test_the_facts_say_by_which_law_who_and_for_how_long():
    facts = determined(ASKING, ANSWERS, "p1")
    assert (facts["regime"], facts["edition"], facts["by"]) == ("test", "e1", "p1")
    assert (facts["routes"], facts["valid_days"]) == (["filing"], 180)
    assert facts["answers"]["media"] == ["text"]
    assert facts["questions"] == questions_hash(ASKING)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("public", "yes"), ("public", 1), ("users", True), ("users", -1), ("users", 2**53),
        ("users", "5"), ("launched", "2026-13-01"), ("launched", "20261101"), ("launched", 5),
        ("model", "none"), ("model", ("own",)), ("media", "text"), ("media", ("text", "text")),
        ("media", ("none",)), ("media", (1,)), ("strange", True),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_with_its_question(question, answer):
    (fault,) = faults_of(ASKING, {question: answer})
    assert fault.question == question
    assert fault.advice


def test_all_faults_are_told_at_once_and_nothing_is_recorded():
    with pytest.raises(FaultyAnswers, match="3 faults") as caught:
        determined(ASKING, {"users": -1, "public": "x", "other": 1}, "cli")
    assert [fault.question for fault in caught.value.faults] == ["public", "users", "other"]


def test_the_latest_answers_of_this_regime_count_at_that_time():
    law = regime(id="other", questions=QUESTIONS, routes=ROUTES)
    seen = picture(answered(ago(days=5)), answered(ago(days=3), {"public": False}),
                   answered(ago(days=1), law=law))  # fmt: skip
    assert answers_of(seen, ASKING, NOW).answers == {"public": False}
    assert answers_of(seen, ASKING, ago(days=4)).answers["public"] is True
    assert answers_of(seen, ASKING, ago(days=6)) is None
    assert answers_of(seen, ASKING, NOW).until == ago(days=3) + timedelta(days=180)


def test_an_answer_that_no_longer_fits_its_question_leaves_it_open():
    other = regime(questions=QUESTIONS | {"model": question("model", "one", "rented")})
    found = answers_of(picture(answered(ago(days=1))), other, NOW)
    assert "model" not in found.answers
    assert found.answers["users"] == 5


@pytest.mark.parametrize("written", [None, [], 1, "x"])
def test_facts_that_are_not_ours_answer_nothing(written):
    entry = ago(days=1), "operator:scope:determined", {"regime": "test", "answers": written}
    found = answers_of(picture(entry), ASKING, NOW)
    assert (found.answers, found.routes) == ({}, ())


def test_routes_are_those_of_the_day():
    later = replace(ROUTES[0], validity=Validity(Period(NOW.date())))
    law = regime(questions=QUESTIONS, routes=(later,))
    today, before = NOW.date(), NOW.date() - timedelta(days=1)
    assert routes(law, ANSWERS, today, today) == (later,)
    assert routes(law, ANSWERS, before, before) == ()
    assert determined(law, ANSWERS, "cli", day=today)["routes"] == ["filing"]


def test_other_words_do_not_make_another_question_and_another_option_does():
    reworded = replace(QUESTIONS["model"], title=text("Which model?"))
    assert questions_hash(regime(questions=QUESTIONS | {"model": reworded})) == questions_hash(
        ASKING
    )
    more = question("model", "one", "own", "filed_api", "rented")
    assert questions_hash(regime(questions=QUESTIONS | {"model": more})) != questions_hash(ASKING)
