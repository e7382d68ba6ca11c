"""Asking a judge about many rows, in batches, and noting how long each took.

A batch that fails is asked once more, row by row, so that one text costs one answer. A judge that
fails over and over is given up: a record of its being down would measure nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kanhe.errors import JudgeError
from kanhe.judge.labelled import LabelledSet, Row
from kanhe.judge.port import Answer, Judge, Question
from kanhe.judge.score import Failed, Scored, asked

BATCH = 32
GIVEN_UP = 20
"""Failures in a row after which nobody asks any more."""


async def ask(
    judge: Judge,
    questions: Sequence[Question],
    *,
    clock: Callable[[], float],
    batch: int = BATCH,
    done: Callable[[int], object] = lambda _: None,
) -> list[tuple[Answer | Failed, int]]:
    """Ask about every question; give answers in their order, each with its microseconds.

    A row's time is its share of its batch's.

    Args:
        judge: Who is asked.
        questions: What about.
        clock: Gives seconds that only grow.
        batch: Questions asked at once, at least 1.
        done: Is told of each batch how many questions it had.

    Raises:
        JudgeError: It failed 20 times in a row.
    """
    told: list[tuple[Answer | Failed, int]] = []
    failures = 0
    for some in _batches(questions, batch):
        before = clock()
        answers: list[Answer | Failed]
        try:
            answers = list(await judge.judge(some))
        except JudgeError as error:
            answers, failures = await _one_by_one(judge, some, error, failures)
        else:
            failures = 0
        if len(answers) != len(some):
            raise JudgeError(
                f"{judge.id.name} gave {len(answers)} answers to {len(some)} questions",
                advice="This judge breaks its protocol; its answers cannot be told apart.",
            )
        each = round((clock() - before) * 1_000_000 / len(some))
        told += ((one, each) for one in answers)
        done(len(some))
    return told


async def _one_by_one(
    judge: Judge, some: Sequence[Question], error: JudgeError, failures: int
) -> tuple[list[Answer | Failed], int]:
    """Ask about each alone; give the answers, and how many failures in a row there are now."""
    answers: list[Answer | Failed] = []
    for question in some:
        if len(some) > 1:
            try:
                answers += await judge.judge([question])
            except JudgeError as again:
                error = again
            else:
                failures = 0
                continue
        failures += 1
        answers.append(Failed(str(error)))
        if failures >= GIVEN_UP:
            raise JudgeError(
                f"{judge.id.name} failed {failures} times in a row: {error}", advice=error.advice
            ) from error
    return answers, failures


def _batches(questions: Sequence[Question], size: int) -> Iterator[Sequence[Question]]:
    for first in range(0, len(questions), size):
        yield questions[first : first + size]


async def score_rows(
    judge: Judge,
    chosen: Sequence[tuple[LabelledSet, Sequence[Row]]],
    *,
    clock: Callable[[], float],
    batch: int = BATCH,
    done: Callable[[int], object] = lambda _: None,
) -> list[Scored]:
    """Ask about the chosen rows of sets; give them with the answers, in their order.

    Raises:
        JudgeError: It failed 20 times in a row.
    """
    rows = [(one.name, row) for one, some in chosen for row in some]
    questions = [asked(row) for _, row in rows]
    told = await ask(judge, questions, clock=clock, batch=batch, done=done)
    return [
        Scored(name, row, answer, micros)
        for (name, row), (answer, micros) in zip(rows, told, strict=True)
    ]
