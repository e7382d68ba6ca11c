"""The questionnaire as a form: what was written in its fields, read into answers.

An empty field is an open question, which is an answer of its own; a field that cannot be read is
told at its place. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kanhe.console import shown
from kanhe.console.asked import Fault, read_day
from kanhe.law.regime import Regime
from kanhe.law.scope import Answer, Answers, Question, put
from kanhe.terms import Text

MOST = 10**12
"""No count of people or users is larger."""

Written = Mapping[str, Sequence[str]]
"""What stands in the fields of a form, by the id of the question."""


def read_answers(regime: Regime, written: Written) -> tuple[dict[str, Answer], tuple[Fault, ...]]:
    """Read what was written; questions with a fault are left open.

    What stands in the field of a question that is not put is no fault: its answer counts for
    nothing, and its field is not there to be mended.
    """
    answers: dict[str, Answer] = {}
    faults: list[Fault] = []
    for question in regime.questions.values():
        values = [value.strip() for value in written.get(question.id, ()) if value.strip()]
        if not values:
            continue
        match _read(question, values):
            case Text() as what:
                faults.append(Fault(question.id, what))
            case answer:
                answers[question.id] = answer
    asked = {question.id for question in put(regime.questions, answers)}
    return answers, tuple(fault for fault in faults if fault.field in asked)


def written_of(answers: Answers) -> dict[str, list[str]]:
    """Write answers into the fields again."""
    return {name: _written(answer) for name, answer in answers.items()}


def fields(regime: Regime, answers: Answers, written: Written) -> list[shown.Data]:
    """Give the questions to put to a service with these answers, with what is in their fields."""
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "title": shown.text(one.title),
            "help": shown.text(one.help),
            "clause": one.clause,
            "options": [{"id": choice.id, "title": shown.text(choice.title)}
                        for choice in one.options],
            "written": list(written.get(one.id, ())),
        }
        for one in put(regime.questions, answers)
    ]  # fmt: skip


def said(question: Question, answer: Answer | None) -> shown.Data:
    """Say in words what was answered."""
    titles = {one.id: one.title for one in question.options}
    match answer:
        case None:
            told = Text("未回答", "not answered")
        case bool():
            told = Text("是", "yes") if answer else Text("否", "no")
        case int():
            told = Text(f"{answer:,}", f"{answer:,}")
        case str():
            told = titles.get(answer, Text(answer, answer))
        case tuple():
            chosen = [titles.get(one, Text(one, one)) for one in answer]
            told = Text("、".join(one.zh for one in chosen), ", ".join(one.en for one in chosen))
    return shown.text(told)


def _read(question: Question, values: list[str]) -> Answer | Text:
    first = values[0]
    match question.kind:
        case "yes_no":
            known = {"yes": True, "no": False}
            return known.get(first, _none_of_these(first))
        case "number":
            return _number(first)
        case "day":
            return _day(first)
        case "one" | "many":
            ids = {option.id for option in question.options}
            if wrong := [value for value in values if value not in ids]:
                return _none_of_these(wrong[0])
            return tuple(dict.fromkeys(values)) if question.kind == "many" else first


def _number(written: str) -> int | Text:
    plain = written.replace(",", "").replace("，", "").replace(" ", "")
    if plain.isascii() and plain.isdigit() and int(plain[:20]) <= MOST:
        return int(plain)
    shown_ = written[:40]
    return Text(f"“{shown_}”不是数目。请填写整数，例如 120000。",
                f"“{shown_}” is no count. Write a whole number, such as 120000.")  # fmt: skip


def _day(written: str) -> str | Text:
    if day := read_day(written):
        return day.isoformat()
    shown_ = written[:40]
    return Text(f"“{shown_}”不是日期。请按 2026-11-22 的形式填写。",
                f"“{shown_}” is no day. Write it like 2026-11-22.")  # fmt: skip


def _none_of_these(written: str) -> Text:
    return Text(f"“{written[:40]}”不在可选答案中。请选择列出的一项。",
                f"“{written[:40]}” is none of the answers. Choose one that is listed.")  # fmt: skip


def _written(answer: Answer) -> list[str]:
    match answer:
        case bool():
            return ["yes" if answer else "no"]
        case tuple():
            return list(answer)
        case _:
            return [str(answer)]
