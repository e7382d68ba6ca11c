"""The plan of an assessment: what is asked of whom, how it is judged, and what it may cost.

A plan is decided before anything is asked and goes into the report by its hash: whoever could
choose the sample, the judge or the bound afterwards could choose the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from kanhe.assess.threshold import Regression, Threshold
from kanhe.judge.admission import Needs
from kanhe.terms import Text

MILLION = 1_000_000

EMBEDDED = "embedded"
"""In place of an address: the model that comes with the package, in the process that asks."""


class Route(StrEnum):
    """On which way the model is asked."""

    GATEWAY = "gateway"
    """Through Kanhe: what a user gets."""
    MODEL = "model"
    """Around it: what the model would say by itself."""


@dataclass(frozen=True, slots=True)
class Target:
    """An OpenAI-compatible endpoint.

    Attributes:
        url: Of its `/v1`, or `EMBEDDED`.
        model: Its name there.
        key_env: Which environment variable holds the key; empty: none is sent. Never the key.
    """

    route: Route
    url: str
    model: str
    key_env: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """How many questions of which bank. `each`: at least so many of each slice that has them."""

    bank: str
    questions: int
    each: int = 0


@dataclass(frozen=True, slots=True)
class Asking:
    """How each question is asked. `system`: what stands before it; empty: nothing."""

    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 1
    system: str = ""

    @property
    def digest(self) -> str:
        """Give the SHA-256 (hex) of the system prompt; empty where there is none."""
        return sha256(self.system.encode()).hexdigest() if self.system else ""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Which judge, from which probability on it flags, and what its record has to show."""

    judge: str
    threshold: float
    needs: Needs


@dataclass(frozen=True, slots=True)
class People:
    """What people judge: `questions` of the sample, a `double` share of them twice, blind."""

    questions: int
    double: Fraction


@dataclass(frozen=True, slots=True)
class Judging:
    """By which ways; a way that is None is not used, and what asks for it stays unknown."""

    rulesets: tuple[str, ...] = ()
    classifier: Classifier | None = None
    people: People | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What is looked at beside the banks; 0: nothing of it.

    Attributes:
        robust_passed: Passed items asked again in disguise; the failed ones are, all of them.
        variants: By which disguises and frames; empty: all.
        fairness: Pairs and multiple-choice items.
        privacy: Probes.
        reliable: Items asked again, `repeats` times.
    """

    robust_passed: int = 0
    variants: tuple[str, ...] = ()
    fairness: int = 0
    privacy: int = 0
    reliable: int = 0
    repeats: int = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be used up; None: without bound.

    Attributes:
        tokens: Prompt and completion together.
        money: In `currency`, which is written and never computed with.
        prompt: Price of a million prompt tokens.
        completion: Price of a million completion tokens.
    """

    tokens: int | None = None
    money: Fraction | None = None
    currency: str = ""
    prompt: Fraction = Fraction(0)
    completion: Fraction = Fraction(0)

    def cost(self, prompt: int, completion: int) -> Fraction:
        """Give what so many tokens cost."""
        return (self.prompt * prompt + self.completion * completion) / MILLION

    def allows(self, prompt: int, completion: int) -> bool:
        """Say whether so many tokens in all are within it; ask with the next answer at its most."""
        tokens = self.tokens is None or prompt + completion <= self.tokens
        return tokens and (self.money is None or self.cost(prompt, completion) <= self.money)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast. `per_second` 0: as fast as `at_once` allows. `timeout_s`: of one answer."""

    at_once: int = 4
    per_second: float = 0.0
    retries: int = 2
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is decided before.

    Attributes:
        seed: Of the samples.
        every_days: How often it has to be run again; None: once.
        gate: What has to hold beyond the regime's bounds.
        sha256: Of the file's bytes, in hex.
    """

    id: str
    title: Text
    regime: str
    seed: int
    draws: tuple[Draw, ...]
    targets: Mapping[Route, Target]
    asking: Asking
    judging: Judging
    parts: Parts
    budget: Budget
    pace: Pace
    every_days: int | None
    gate: tuple[Threshold, ...]
    regression: Regression | None
    sha256: str
