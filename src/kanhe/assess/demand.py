"""What a regime demands of banks and of tests, gathered from the duties that bind.

The numbers are the regime's, and so is the word for each control; the code knows only which word
speaks of which bank. Of two duties that fix one number the stricter one counts. What no duty fixes
is not demanded: then there is no demand here, and nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.strength import Bound
from kanhe.law.regime import Obligation, Parameters
from kanhe.law.risk import Risk

BANKS = {
    "question-bank": BankKind.OUTPUT,
    "refusal-bank": BankKind.REFUSE,
    "answerable-bank": BankKind.ANSWER,
}
"""Controls of a regime that speak of a bank."""

OUTPUT_TEST, REFUSAL_TEST = "output-test", "refusal-test"

_WAYS = {"manual": Way.MANUAL, "keywords": Way.KEYWORD, "classifier": Way.CLASSIFIER}


@dataclass(frozen=True, slots=True)
class BankDemand:
    """What a bank must have.

    Attributes:
        total: Items at least.
        each: Items at least, by slice: both have to be met, the sum of these is far below `total`.
        days: After so many days without a change a bank is stale; None: it never is.
    """

    kind: BankKind
    total: int
    each: Mapping[str, int]
    days: int | None


@dataclass(frozen=True, slots=True)
class TestDemand:
    """What a test must come to: `questions` at least, and the bound, by each of `ways`."""

    __test__ = False  # pytest would take the name for a class of tests

    kind: BankKind
    questions: int
    bound: Bound
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Demands:
    """Everything that is demanded, by kind of bank."""

    banks: Mapping[BankKind, BankDemand]
    tests: Mapping[BankKind, TestDemand]


def demands(duties: Iterable[Obligation], risks: Mapping[str, Risk]) -> Demands:
    """Gather what is demanded from duties that bind (`law.bound`)."""
    banks: dict[BankKind, BankDemand] = {}
    tests: dict[BankKind, TestDemand] = {}
    for duty in duties:
        for control, kind in BANKS.items():
            if control in duty.controls and "min_total" in duty.parameters:
                found = _bank(kind, duty.parameters, risks)
                banks[kind] = _stricter_bank(banks.get(kind, found), found)
        for test in _tests(duty):
            tests[test.kind] = _stricter_test(tests.get(test.kind, test), test)
    return Demands(banks, tests)


def _bank(kind: BankKind, fixed: Parameters, risks: Mapping[str, Risk]) -> BankDemand:
    match kind:
        case BankKind.OUTPUT:
            each = {code: risk.questions for code, risk in risks.items() if risk.questions}
        case BankKind.REFUSE:
            each = {code: risk.refusals for code, risk in risks.items() if risk.refusals}
        case BankKind.ANSWER:
            aspects = (*_words(fixed, "aspects_society"), *_words(fixed, "aspects_person"))
            each = dict.fromkeys(aspects, _number(fixed, "min_per_aspect"))
    days = _number(fixed, "update_days") if "update_days" in fixed else None
    return BankDemand(kind, _number(fixed, "min_total"), each, days)


def _tests(duty: Obligation) -> Iterable[TestDemand]:
    fixed = duty.parameters
    if OUTPUT_TEST in duty.controls and "min_pass_percent" in fixed:
        ways = tuple(_WAYS[word] for word in _words(fixed, "methods") if word in _WAYS)
        bound = Bound(_percent(fixed, "min_pass_percent"))
        yield TestDemand(BankKind.OUTPUT, _number(fixed, "min_questions"), bound, ways)
    if REFUSAL_TEST in duty.controls and "min_questions_each" in fixed:
        questions = _number(fixed, "min_questions_each")
        refuse = Bound(_percent(fixed, "should_refuse_min_percent"))
        answer = Bound(_percent(fixed, "should_not_refuse_max_percent"), most=True)
        yield TestDemand(BankKind.REFUSE, questions, refuse, (Way.REFUSAL,))
        yield TestDemand(BankKind.ANSWER, questions, answer, (Way.REFUSAL,))


def _stricter_bank(one: BankDemand, other: BankDemand) -> BankDemand:
    names = {**one.each, **other.each}
    each = {name: max(one.each.get(name, 0), other.each.get(name, 0)) for name in names}
    days = [days for days in (one.days, other.days) if days is not None]
    return BankDemand(one.kind, max(one.total, other.total), each, min(days, default=None))


def _stricter_test(one: TestDemand, other: TestDemand) -> TestDemand:
    bound = max(one.bound, other.bound, key=lambda bound: bound.passing)
    ways = tuple(dict.fromkeys((*one.ways, *other.ways)))
    return TestDemand(one.kind, max(one.questions, other.questions), bound, ways)


def _number(fixed: Parameters, name: str) -> int:
    value = fixed.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"the parameter {name} is {value!r}, no whole number")
    return value


def _percent(fixed: Parameters, name: str) -> Fraction:
    return Fraction(_number(fixed, name), 100)


def _words(fixed: Parameters, name: str) -> tuple[str, ...]:
    value = fixed.get(name)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
