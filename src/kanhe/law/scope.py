"""Whom a duty binds: a questionnaire as data, and what its answers decide, with reasons.

Three-valued: a duty applies, does not, or cannot be told because a question is open; an open
question never makes a duty go away. Pure: answers in, decisions with their reasons out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, Union

from kanhe.law.period import Validity
from kanhe.terms import Text

Answer: TypeAlias = bool | int | str | tuple[str, ...]
"""To a question of kind `yes_no`, `number`, `one` or `day` (as 2026-11-22), `many`."""

Answers: TypeAlias = Mapping[str, Answer]
"""By the id of the question; a question that is not there is open."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Question:
    """One question about the service. `help` says in plain words how to tell.

    `asked` is the condition under which it is put at all; None: always. An answer to a question
    that is not put counts for nothing; see `upon`.
    """

    id: str
    kind: Literal["yes_no", "number", "one", "many", "day"]
    title: Text
    help: Text
    options: tuple[Option, ...]
    asked: Condition | None
    clause: str
    """The obligation that it is asked for."""


@dataclass(frozen=True, slots=True)
class Is:
    """The answer to `question` is `value`; of several chosen ones, one is."""

    question: str
    value: bool | str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The answer to `question` is a number of at least `least`."""

    question: str
    least: int


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: Condition


Condition: TypeAlias = Union[Is, AtLeast, Every, Some, Not]  # noqa: UP007 # it names itself


def upon(question: Question, condition: Condition) -> Condition:
    """Give a condition on `question` that does not hold where the question is not put.

    Else a duty that depends on it would wait for ever for an answer that nobody asks for. The
    loader does this to every condition that is written.
    """
    return condition if question.asked is None else Every((question.asked, condition))


@dataclass(frozen=True, slots=True)
class Route:
    """What a service has to do before launch where `condition` holds, e.g. filing (备案)."""

    id: str
    title: Text
    text: Text
    clause: str
    condition: Condition
    validity: Validity


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether a condition holds (None: it cannot be told), and the questions that decided it."""

    holds: bool | None
    because: tuple[str, ...]
    """Ids of questions, in the order in which they were looked at: those that settle it, or those
    that are open."""


def decide(condition: Condition | None, answers: Answers) -> Decided:
    """Decide whether `condition` holds for a service with these answers; None always holds.

    Kleene's logic: one part that holds settles `Some`, one that does not settles `Every`, whatever
    is open beside it.
    """
    match condition:
        case None:
            return Decided(True, ())
        case Is(question, value):
            return _answered(question, answers, lambda answer: _is(answer, value))
        case AtLeast(question, least):
            return _answered(question, answers, lambda answer: _number(answer) >= least)
        case Not(part):
            inner = decide(part, answers)
            return Decided(None if inner.holds is None else not inner.holds, inner.because)
        case Every(parts):
            return _joined([decide(part, answers) for part in parts], settles=False)
        case Some(parts):
            return _joined([decide(part, answers) for part in parts], settles=True)


def put(questions: Mapping[str, Question], answers: Answers) -> tuple[Question, ...]:
    """Give the questions that are to be put to this service, answered or not, in their order."""
    counted = counting(questions, answers)
    return tuple(q for q in questions.values() if decide(q.asked, counted).holds is not False)


def counting(questions: Mapping[str, Question], answers: Answers) -> dict[str, Answer]:
    """Give the answers that count: those to questions that are put.

    Questions stand after those they depend on, which the loader sees to.
    """
    counted: dict[str, Answer] = {}
    for question in questions.values():
        if question.id in answers and decide(question.asked, counted).holds:
            counted[question.id] = answers[question.id]
    return counted


def _answered(question: str, answers: Answers, holds: Callable[[Answer], bool]) -> Decided:
    if question not in answers:
        return Decided(None, (question,))
    return Decided(holds(answers[question]), (question,))


def _is(answer: Answer, value: bool | str) -> bool:
    return value in answer if isinstance(answer, tuple) else answer == value


def _number(answer: Answer) -> int:
    return answer if isinstance(answer, int) else 0


def _joined(parts: list[Decided], *, settles: bool) -> Decided:
    settled = [part for part in parts if part.holds is settles]
    if settled:
        return Decided(settles, settled[0].because)
    open_ones = [part for part in parts if part.holds is None]
    because = [name for part in open_ones or parts for name in part.because]
    return Decided(None if open_ones else not settles, tuple(dict.fromkeys(because)))
