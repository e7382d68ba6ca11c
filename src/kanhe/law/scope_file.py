"""The questionnaire of a regime as it is written: questions, conditions over them, routes.

A condition is checked against the questions while it is read: a question that is not there, an
answer that cannot be given, and a question that is asked by an answer to a later one are faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

import yaml

from kanhe.law.period import Validity
from kanhe.law.regime_source import Reading, opened, text, unknown, validity, whole, word
from kanhe.law.scope import AtLeast, Condition, Every, Is, Not, Option, Question, Route, Some, upon
from kanhe.yaml_source import Section, shown

_QUESTION = ("id", "kind", "title", "help", "clause", "asked", "options")
_ROUTE = ("id", "title", "text", "clause", "condition", "in_force", "known")
_CONDITION = "`{is: {question: answer}}`, `at_least`, `all`, `any` or `not`"
_NEVER = Some(())

Questions = Mapping[str, Question]


class Kind(StrEnum):
    """What answers a question has."""

    YES_NO = "yes_no"
    NUMBER = "number"
    ONE = "one"
    MANY = "many"
    DAY = "day"


def read_questions(reading: Reading) -> tuple[dict[str, Question], tuple[Route, ...], int]:
    """Read questions.yaml: questions, routes, and for how many days answers hold."""
    top = opened(reading, "questions.yaml")
    if top is None:
        return {}, (), 0
    top.allow(("questions", "routes", "valid_days"))
    valid_days = whole(top, "valid_days", least=1, most=3660)
    questions: dict[str, Question] = {}
    sections = list(top.sections("questions", instead="questions: `- id: …`"))
    later = {name for section in sections if (name := _id(section))}
    for section in sections:
        question = _question(section, reading, questions, later)
        questions.setdefault(question.id, question)
    routes: tuple[Route, ...] = ()
    if "routes" in top:
        found = top.sections("routes", instead="routes: `- id: …`")
        routes = tuple(_route(section, reading, questions) for section in found)
    return questions, routes, valid_days


def _id(section: Section) -> str:
    node = section.node("id")
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _question(section: Section, reading: Reading, earlier: Questions, later: set[str]) -> Question:
    name = reading.begin("question", section, _QUESTION)
    kind = word(section, "kind", Kind, Kind.DAY)
    asked = condition(section, "asked", reading, earlier, later)
    reading.declare(section, name)
    chosen = kind in {Kind.ONE, Kind.MANY}
    if chosen != ("options" in section):
        what = f"a question of kind `{kind}` {'needs' if chosen else 'has no'} options"
        section.fault("options", what, "`options` belong to the kinds `one` and `many`.")
    options = _options(section, reading, name) if chosen and "options" in section else ()
    help_ = text(section, "help")
    clause = reading.refer(section, "clause", "obligation", needed=True)
    return Question(name, kind.value, text(section, "title"), help_, options, asked, clause)


def _options(section: Section, reading: Reading, question: str) -> tuple[Option, ...]:
    options: dict[str, Option] = {}
    for part in section.sections("options", instead="options: `- {id: …, title: …}`"):
        part.allow(("id", "title"))
        name = part.text("id", needed=True) or ""
        if name in options:
            part.fault("id", f"there is an option {name!r} already", "Give it another id.")
        options[name] = Option(name, text(part, "title"))
    reading.faults.rule = question
    return tuple(options.values())


def _route(section: Section, reading: Reading, questions: Questions) -> Route:
    name = reading.begin("route", section, _ROUTE)
    reading.declare(section, name)
    found = condition(section, "condition", reading, questions)
    if "condition" not in section:
        section.fault("condition", "`condition` is missing", f"Add {_CONDITION}.")
    clause = reading.refer(section, "clause", "obligation", needed=True)
    title, told = text(section, "title"), text(section, "text")
    return Route(name, title, told, clause, found or _NEVER, validity(section, Validity()))


def condition(
    section: Section,
    key: str,
    reading: Reading,
    questions: Questions,
    later: set[str] | None = None,
) -> Condition | None:
    """Read the condition at `key`; None if there is none.

    `later`: ids of questions that exist but do not stand before this place.
    """
    inner = section.section(key, instead=_CONDITION)
    if inner is None:
        return None
    return _Conditions(reading, questions, later or set()).read(inner)


class _Conditions:
    """Reads one condition with all its parts."""

    def __init__(self, reading: Reading, questions: Questions, later: set[str]) -> None:
        self._reading = reading
        self._questions = questions
        self._later = later
        self._readers: dict[str, Callable[[Section], Condition]] = {
            "is": self._is,
            "at_least": self._at_least,
            "all": lambda section: Every(self._parts(section, "all")),
            "any": lambda section: Some(self._parts(section, "any")),
            "not": self._not,
        }

    def read(self, section: Section) -> Condition:
        section.allow(tuple(self._readers))
        keys = [key for key, _ in section.items() if key in self._readers]
        if len(keys) != 1:
            line = section.line
            what = f"a condition has one word, this has {len(keys)}"
            section.faults.add(line, what, f"Write {_CONDITION}; join several with `all`.")
            return _NEVER
        return self._readers[keys[0]](section)

    def _parts(self, section: Section, key: str) -> tuple[Condition, ...]:
        parts = tuple(self.read(part) for part in section.sections(key, instead=_CONDITION))
        if not parts:
            section.fault(key, f"`{key}` holds nothing", "Write at least one condition.")
        return parts

    def _not(self, section: Section) -> Condition:
        inner = section.section("not", instead=_CONDITION)
        return Not(self.read(inner)) if inner else _NEVER

    def _is(self, section: Section) -> Condition:
        inner, name, node = self._pair(section, "is")
        if inner is None or node is None:
            return _NEVER
        question = self._question(inner, name)
        if question is None:
            return _NEVER
        known = [option.id for option in question.options]
        if question.kind == "yes_no":
            return upon(question, Is(name, inner.flag(name)))
        if question.kind not in {"one", "many"}:
            advice = "Use `at_least` for numbers; a day cannot be asked for."
            inner.fault(name, f"{name!r} is a question of kind `{question.kind}`", advice)
        elif node.value not in known:
            what = f"{name!r} cannot be answered with {shown(node)}"
            inner.fault(name, what, unknown(str(node.value), known))
        return upon(question, Is(name, str(node.value)))

    def _at_least(self, section: Section) -> Condition:
        inner, name, _ = self._pair(section, "at_least")
        if inner is None:
            return _NEVER
        question = self._question(inner, name)
        if question and question.kind != "number":
            what = f"{name!r} is a question of kind `{question.kind}`, not `number`"
            inner.fault(name, what, "Use `is`.")
        least = AtLeast(name, inner.number(name, 0, least=0, most=999_999_999))
        return upon(question, least) if question else least

    def _pair(self, section: Section, key: str) -> tuple[Section | None, str, yaml.Node | None]:
        instead = f"`{{{key}: {{question: answer}}}}`"
        inner = section.section(key, instead=instead)
        pairs = list(inner.items()) if inner else []
        if inner and len(pairs) != 1:
            what = f"`{key}` names {len(pairs)} questions"
            section.fault(key, what, f"Write {instead}; join several with `all`.")
        return (inner, *pairs[0]) if len(pairs) == 1 else (None, "", None)

    def _question(self, section: Section, name: str) -> Question | None:
        if name in self._questions:
            return self._questions[name]
        if name in self._later:
            what = f"the question {name!r} does not stand above this one"
            section.fault(name, what, "Ask first what others depend on.")
        elif "questions.yaml" in self._reading.lost:
            mark = self._reading.mark(section, name)
            self._reading.wanted.append(("question", name, mark))
        elif name not in self._reading.ids.get("question", {}):
            what = f"there is no question {name!r}"
            section.fault(name, what, unknown(name, self._questions))
        return None
