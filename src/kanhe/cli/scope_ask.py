"""The questionnaire on a terminal: one question after the other, with help and default.

An answer is read the way it is shown, and what was answered before is the default. Questions that
the answers so far rule out are not put.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import click

from kanhe.cli.place import Place
from kanhe.law.scope import Answer, Answers, Question, decide, put
from kanhe.terms import Text

_YES, _NO = {"y", "yes", "true", "是"}, {"n", "no", "false", "否"}
_WANTED = {
    "yes_no": Text("请回答 y（是）或 n（否）", "answer y or n"),
    "number": Text("请填写不小于 0 的整数", "give a whole number, 0 or more"),
    "day": Text("请填写日期，如 2026-11-22", "give a day, e.g. 2026-11-22"),
    "one": Text("请从选项中选一个", "choose one of the options"),
    "many": Text("请从选项中选择，用逗号分隔；都不是则填 none",
                 "choose options, between commas; none if it is none of them"),
}  # fmt: skip

_LONGEST = 15
"""Digits of a number; none is too long for what is recorded as JSON."""


def read_answer(question: Question, written: str) -> Answer:
    """Read an answer as people write it, on the terminal and behind --set.

    Raises:
        ValueError: It is none to this question; the text says what is.
    """
    word = written.strip()
    options = {option.id for option in question.options}
    match question.kind:
        case "yes_no" if word.lower() in _YES | _NO:
            return word.lower() in _YES
        case "number" if (number := _number(word)) is not None:
            return number
        case "day" if day := _day(word):
            return day
        case "one" if word in options:
            return word
        case "many":
            chosen = [one.strip() for one in word.replace("，", ",").split(",") if one.strip()]
            if chosen == ["none"]:
                return ()
            if chosen and set(chosen) <= options:
                return tuple(dict.fromkeys(chosen))
        case _:
            pass
    raise ValueError(f"{written!r}: {_WANTED[question.kind].en}")


def _number(word: str) -> int | None:
    if word.startswith("-") and word[1:].isdecimal():
        raise ValueError(f"{word} is less than 0: {_WANTED['number'].en}")
    digits = word.replace("_", "")
    return int(digits) if digits.isdecimal() and len(digits) <= _LONGEST else None


def _day(word: str) -> str | None:
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError:
        return None


def written(answer: Answer) -> str:
    """Write an answer so that `read_answer` reads it."""
    match answer:
        case bool():
            return "y" if answer else "n"
        case tuple():
            return ",".join(answer) or "none"
        case _:
            return str(answer)


def ask_all(here: Place, before: Answers) -> dict[str, Answer]:
    """Put every question that the answers so far do not rule out."""
    answers: dict[str, Answer] = {}
    while question := _next(here, answers):
        answers[question.id] = _ask(here, question, before.get(question.id))
    return answers


def _next(here: Place, answers: Mapping[str, Answer]) -> Question | None:
    questions = here.regime.questions
    return next(
        (
            question
            for question in put(questions, answers)
            if question.id not in answers and decide(question.asked, answers).holds
        ),
        None,
    )


def _ask(here: Place, question: Question, before: Answer | None) -> Answer:
    click.echo("\n".join(["", *_put(here, question)]))

    def read(value: str) -> Answer:
        try:
            return read_answer(question, value)
        except ValueError as error:
            raise click.BadParameter(here.say(_WANTED[question.kind])) from error

    default = None if before is None else written(before)
    answer: Answer = click.prompt(f"  {question.id}", value_proc=read, default=default)
    return answer


def _put(here: Place, question: Question) -> Iterator[str]:
    yield click.style(here.say(question.title), bold=True)
    yield f"  {here.say(question.help)} ({question.clause})"
    for option in question.options:
        yield f"    {option.id:<22} {here.say(option.title)}"
    yield f"  [{here.say(_WANTED[question.kind])}]"
