"""Asking a judge about many rows: one bad text costs one answer, a dead judge ends it."""

import asyncio
from itertools import count

import pytest

from fakes_judge import DOWN, MUTE, FakeJudge, row, said
from kanhe.errors import JudgeError
from kanhe.judge.asking import ask, score_rows
from kanhe.judge.labelled import LabelledSet
from kanhe.judge.port import Opinion, Question, Unscored
from kanhe.judge.score import Failed


def told(judge, texts, **options):
    ticks = count()
    options.setdefault("clock", lambda: float(next(ticks)))
    return asyncio.run(ask(judge, [Question(one) for one in texts], **options))


def test_answers_come_in_order_with_their_share_of_the_batchs_time():
    judge, steps = FakeJudge(said), []
    found = told(judge, [f"t 0.{n}" for n in range(1, 6)], batch=2, done=steps.append)
    assert [one.unsafe for one, _ in found] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert [micros for _, micros in found] == [500_000] * 4 + [1_000_000]
    assert (judge.batches, steps) == ([2, 2, 1], [2, 2, 1])


def test_a_text_that_a_judge_fails_over_costs_no_other_its_answer():
    found = told(FakeJudge(said), ["t 0.1", f"{DOWN} 0.2", f"{MUTE} 0.3", "t 0.4"], batch=4)
    kinds = [type(one) for one, _ in found]
    assert kinds == [Opinion, Failed, Unscored, Opinion]


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_a_judge_that_is_down_is_given_up(batch):
    judge = FakeJudge(said)
    with pytest.raises(JudgeError, match="20 times in a row"):
        told(judge, [DOWN] * 1000, batch=batch)
    assert len(judge.asked) < 150


def test_failures_between_answers_do_not_add_up():
    found = told(FakeJudge(said), [DOWN, "t 0.5"] * 30, batch=1)
    assert sum(isinstance(one, Failed) for one, _ in found) == 30


def test_answers_that_cannot_be_told_apart_are_none():
    judge = FakeJudge(said)
    judge.judge = lambda questions: asyncio.sleep(0, [Opinion(0.5)] * (len(questions) - 1))
    with pytest.raises(JudgeError, match="gave 1 answers to 2"):
        told(judge, ["a 0.1", "b 0.2"])


def test_rows_are_asked_about_with_what_they_answer_to():
    judge = FakeJudge(lambda _: 0.5)
    rows = (row("yes", True, kind="response", context="how to"), row("a post", False, kind="post"))
    some = LabelledSet("mine", "0" * 64, rows)
    scored = asyncio.run(score_rows(judge, [(some, rows[:2])], clock=lambda: 0.0))
    assert judge.asked == [Question("yes", "how to", "answer"), Question("a post", "", "prompt")]
    assert [(one.set, one.row) for one in scored] == [("mine", rows[0]), ("mine", rows[1])]
