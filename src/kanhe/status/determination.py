"""The answers to a regime's questionnaire, as they are recorded and read back.

Answers are checked whole before they are recorded, and every fault is told with its question. What
was recorded is not what the law is: routes and duties are computed from the answers again each
time, so that a change of law shows in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from kanhe.errors import AnswerFault, FaultyAnswers
from kanhe.law.regime import Regime
from kanhe.law.scope import Answer, Answers, Question, Route, counting, decide
from kanhe.ledger.entry import Json
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import DETERMINED, Facts

_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Determination:
    """Answers that are on record, with the entry that records them."""

    seen: Seen
    answers: Answers
    """Those that count: to questions that are put."""
    routes: tuple[str, ...]
    """What the service had to file for by the law of that day."""
    edition: str
    """Version of the regime's files that was answered under."""
    questions: str
    """Hash of the questions that were answered."""
    until: datetime
    """When they are asked again."""


def determined(regime: Regime, answers: Answers, by: str, *, day: date | None = None) -> Facts:
    """Give the facts of `operator:scope:determined`.

    Args:
        regime: Whose questions were answered.
        answers: By the id of the question; those to questions that are not put are left out.
        by: The account, or `cli`.
        day: Whose law decides the routes; the day until which the regime was read, if None.

    Raises:
        FaultyAnswers: Some are none that can be given; it names all of them.
    """
    faults = faults_of(regime, answers)
    if faults:
        raise FaultyAnswers(faults)
    counted = counting(regime.questions, answers)
    when = day or regime.researched
    written: dict[str, Json] = {
        name: list(one) if isinstance(one, tuple) else one for name, one in counted.items()
    }
    return {
        "regime": regime.id,
        "edition": regime.version,
        "questions": questions_hash(regime),
        "answers": written,
        "routes": [route.id for route in routes(regime, counted, when, when)],
        "by": by,
        "valid_days": regime.answers_valid_days,
    }


def faults_of(regime: Regime, answers: Mapping[str, object]) -> tuple[AnswerFault, ...]:
    """Give everything that is wrong with answers, in the order of the questions."""
    known = regime.questions
    strange = [
        AnswerFault(name, f"there is no question {name!r}", f"Leave it out; see {_names(known)}.")
        for name in answers
        if name not in known
    ]
    found = (_fault(known[name], answers[name]) for name in known if name in answers)
    return (*(fault for fault in found if fault), *strange)


def _names(known: Mapping[str, Question]) -> str:
    return ", ".join(known)


def _fault(question: Question, answer: object) -> AnswerFault | None:
    options = {option.id for option in question.options}
    what = f"{answer!r} is no answer to it"
    match question.kind:
        case "yes_no":
            good, want = isinstance(answer, bool), "Answer yes or no."
        case "number":
            good = type(answer) is int and 0 <= answer <= _LARGEST
            want = "Give a whole number, 0 or more."
            if type(answer) is int:
                what = f"{answer} is {'less than 0' if answer < 0 else 'too large'}"
        case "day":
            good, want = _is_day(answer), "Give a day as 2026-11-22."
        case "one":
            good = isinstance(answer, str) and answer in options
            want = f"Choose one of: {', '.join(o.id for o in question.options)}."
        case "many":
            good = _are_chosen(answer, options)
            want = f"Choose some of: {', '.join(o.id for o in question.options)}; each once."
    return None if good else AnswerFault(question.id, what, want)


def _is_day(answer: object) -> bool:
    try:
        return isinstance(answer, str) and date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return False


def _are_chosen(answer: object, options: set[str]) -> bool:
    return (
        isinstance(answer, tuple | list)
        and all(isinstance(one, str) and one in options for one in answer)
        and len(set(answer)) == len(answer)
    )


def answers_of(picture: Picture, regime: Regime, at: datetime) -> Determination | None:
    """Give the latest answers to this regime's questionnaire that were on record at `at`.

    Answers that no longer fit a question, because the law asks otherwise now, are left out: that
    question is open again.
    """
    for seen in reversed(picture.all(DETERMINED)):
        if seen.at <= at and seen.facts.get("regime") == regime.id:
            return _read(seen, regime)
    return None


def _read(seen: Seen, regime: Regime) -> Determination:
    facts = seen.facts
    given = facts.get("answers")
    known = regime.questions
    fitting = {
        name: answer
        for name, one in (given.items() if isinstance(given, Mapping) else ())
        if name in known
        and (answer := _answer(one)) is not None
        and _fault(known[name], answer) is None
    }
    days = facts.get("valid_days")
    routes_then = facts.get("routes")
    return Determination(
        seen,
        counting(known, fitting),
        tuple(str(one) for one in routes_then) if isinstance(routes_then, list) else (),
        str(facts.get("edition", "")),
        str(facts.get("questions", "")),
        seen.at + timedelta(days=days if type(days) is int else regime.answers_valid_days),
    )


def _answer(written: Json) -> Answer | None:
    if isinstance(written, list):
        return tuple(str(one) for one in written)
    return written if isinstance(written, bool | int | str) else None


def routes(regime: Regime, answers: Answers, day: date, known: date) -> tuple[Route, ...]:
    """Give what the service has to file for by its answers, first fit first."""
    return tuple(
        route
        for route in regime.routes
        if route.validity.holds(day, known) and decide(route.condition, answers).holds
    )


def questions_hash(regime: Regime) -> str:
    """Give the hash of what is asked; changes of wording do not count, other questions do."""
    asked = [
        (question.id, question.kind, [option.id for option in question.options],
         repr(question.asked))
        for question in regime.questions.values()
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
