"""The figures of an assessment, as values. `reckon.py` computes them from head and lines.

Every rate comes with the counts that it is made of. A conclusion has three values: where a way of
judging was not used, too few were asked, or a slice has no items, nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kanhe.assess.comparison import Comparison
from kanhe.assess.correction import Corrected
from kanhe.assess.demand import TestDemand
from kanhe.assess.fairness import Leaning, Swapped
from kanhe.assess.outcome import Way
from kanhe.assess.privacy import Leaking
from kanhe.assess.reliability import Steady
from kanhe.assess.robustness import Robust
from kanhe.assess.strength import Strength, Tally
from kanhe.terms import Text


class Conclusion(StrEnum):
    """What follows for one test, or for the whole."""

    CONFORMS = "conforms"
    FAILS = "does-not-conform"
    OPEN = "open"
    """Nothing is concluded; the reasons say what is missing."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One bank at one target by one way: the whole of it, and its slices as a family.

    Attributes:
        whole: Against the regime's bound; of a slice that the bank lacks there is none.
        slices: By slice. The regime bounds the whole; that each slice is held to the same bound is
            ours, and is said where it is shown.
        corrected: The whole put right for the classifier's errors; None for other ways.
        languages: By language, for reading only.
    """

    way: Way
    whole: Strength
    slices: Mapping[str, Strength]
    corrected: Corrected | None
    languages: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Tested:
    """One of the regime's tests at one target; a rate for each way that it demands.

    `why`: at least one where it does not conform.
    """

    demand: TestDemand
    target: str
    rates: tuple[Rate, ...]
    missing: tuple[str, ...]
    """Slices that the regime knows and of which nothing was asked: the bank has none, or the plan
    drew none."""
    conclusion: Conclusion
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """All figures of an assessment.

    Attributes:
        tested: In the order of the demands, each by target, `gateway` first.
        conclusion: Of the tests at the gateway if it was asked, else at the model.
        robust: By target, by variant.
        any_variant: By target: passed items by whether they pass in every variant.
        steady: By target.
        leaning: By target, by ground; `""`: all grounds.
        swaps: By target, by ground.
        leaking: By target.
        malformed: By target: bank items by their form.
        facts: By target: bank items by whether the answer has the fact that it must have.
        routes: Gateway against model, by kind of bank, on the verdicts all ways taken together.
        failed: By target: trials without an answer, by code.
        twice: Trials that one way judged more than once.
        warnings: What a reader has to know before any figure.
    """

    tested: tuple[Tested, ...]
    conclusion: Conclusion
    robust: Mapping[str, tuple[Robust, ...]]
    any_variant: Mapping[str, Tally]
    steady: Mapping[str, Steady]
    leaning: Mapping[str, Mapping[str, Leaning]]
    swaps: Mapping[str, Mapping[str, tuple[Swapped, ...]]]
    leaking: Mapping[str, Leaking]
    malformed: Mapping[str, Tally]
    facts: Mapping[str, Tally]
    routes: Mapping[str, Comparison]
    failed: Mapping[str, Mapping[str, int]]
    twice: int
    warnings: tuple[Text, ...]
