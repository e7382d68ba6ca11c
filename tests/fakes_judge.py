"""The in-memory twin of a judge: opinions by a function of the question, failures where planted.

Keeps the port's promises: one answer to each question, in order, each independent of its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from kanhe.errors import JudgeError
from kanhe.judge.category import UNSAFE
from kanhe.judge.labelled import Row
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored

DOWN = "DOWN"
"""A text that this judge fails over, and with it the whole batch."""

MUTE = "MUTE"
"""A text that it answers off its menu."""

Thinks = Callable[[Question], float | Mapping[str, float] | Answer]


class FakeJudge:
    """A `Judge` that thinks what it is told to.

    Args:
        thinks: Gives the probability of `unsafe`, or probabilities by category with `unsafe`.
        name: What rules and settings call it.
        version: Goes into its hash: another version is another judge.
        categories: Those that it looks for.
    """

    def __init__(
        self,
        thinks: Thinks,
        name: str = "fake",
        *,
        version: str = "1",
        categories: Sequence[str] = (),
        pinned: bool = True,
    ) -> None:
        digest = sha256(f"{name} {version}".encode()).hexdigest()
        self._thinks = thinks
        self.id = JudgeId(name, f"planted answers, version {version}", digest, pinned)
        self.categories = frozenset({UNSAFE, *categories})
        self.asked: list[Question] = []
        self.batches: list[int] = []
        self.closed = False

    async def judge(self, questions: Sequence[Question]) -> Sequence[Answer]:
        self.batches.append(len(questions))
        self.asked += questions
        if any(DOWN in one.text for one in questions):
            raise JudgeError("the fake judge is down", advice="Plant another text.")
        return [self._answer(one) for one in questions]

    def _answer(self, question: Question) -> Answer:
        if MUTE in question.text:
            return Unscored("off its menu")
        thought = self._thinks(question)
        if isinstance(thought, Opinion | Unscored):
            return thought
        if isinstance(thought, Mapping):
            return Opinion(thought[UNSAFE], {k: p for k, p in thought.items() if k != UNSAFE})
        return Opinion(float(thought))

    async def aclose(self) -> None:
        self.closed = True


def said(question: Question) -> float:
    """Take the probability that stands at the end of the text: `… 0.73`."""
    return float(question.text.rsplit(" ", 1)[1])


def row(text: str, unsafe: bool, category: str = "none", **more) -> Row:
    """A labelled row with the least that it needs."""
    return Row(text, more.pop("lang", "en"), more.pop("kind", "prompt"), unsafe, category, **more)
