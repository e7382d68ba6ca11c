"""The port to a judge: whatever gives an opinion on what a text means.

A judge is a classifier, a guard model or a plain model with a rubric. It says how probable it is
that a text is unsafe, and of which categories; it decides nothing. What follows from an opinion is
for the rule, and whether a judge may be relied on at all is for its measured record
(`admission.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Whose: TypeAlias = Literal["prompt", "answer"]


@dataclass(frozen=True, slots=True)
class Question:
    """One text to look at.

    `context` is what the text answers to: the prompt before an answer; empty where there is none.
    """

    text: str
    context: str = ""
    whose: Whose = "prompt"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge thinks of one text.

    Attributes:
        unsafe: Calibrated probability in [0, 1] that a person would call the text unsafe.
        categories: Calibrated probability by category (`category.py`); what is not named was not
            looked at, which is not the same as 0.
        stage: Which part of a cascade gave it; for measuring, empty where there is none.
    """

    unsafe: float
    categories: Mapping[str, float] = field(default_factory=dict)
    stage: str = ""

    def of(self, category: str) -> float | None:
        """Give the probability of a category, or of `unsafe`; None where it was not looked at."""
        return self.unsafe if category == "unsafe" else self.categories.get(category)


@dataclass(frozen=True, slots=True)
class Unscored:
    """A judge that answered, but not with an opinion: off its menu, or cut short. Never guessed."""

    why: str


Answer: TypeAlias = Opinion | Unscored


@dataclass(frozen=True, slots=True)
class JudgeId:
    """Which judge it is. Two judges with one `hash` give the same opinions.

    Attributes:
        name: What rules and settings call it.
        model: What it is, for people: family, size, version.
        hash: SHA-256 (hex) over all that its opinions depend on: weights, arithmetic, template,
            thresholds. Of a remote judge: over what we know of it, so that `pinned` is False.
        pinned: Whether the hash covers the weights, so that the judge cannot change unseen.
    """

    name: str
    model: str
    hash: str
    pinned: bool


class Judge(Protocol):
    """A judge that can be asked."""

    @property
    def id(self) -> JudgeId:
        """Which one it is."""
        ...

    @property
    def categories(self) -> frozenset[str]:
        """The categories that it looks for, `unsafe` included."""
        ...

    async def judge(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """Give one answer to each question, in their order.

        An opinion does not depend on what else stands in the batch.

        Raises:
            JudgeError: It gave none: it is down, late, overloaded, or broke its protocol.
        """
        ...

    async def aclose(self) -> None:
        """Give back what is held. May be called twice."""
        ...
