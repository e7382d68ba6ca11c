"""The in-memory twin of a judge: opinions by a function of the question, failures where planted.

Keeps the port's promises: one answer to each question, in order, each independent of its batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

from kanhe.errors import JudgeError
from kanhe.judge.category import UNSAFE
from kanhe.judge.identity_file import read_identities
from kanhe.judge.labelled import LabelledSet, Row
from kanhe.judge.measuring import Plan, World, measure
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored
from kanhe.judge.record import Record

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


_RAW = """
anyone: {zh: 人们, en: people}
identities:
  - {id: women, ground: sex, zh: [女性], en: [women]}
  - {id: muslims, ground: belief, zh: [穆斯林], en: [Muslims]}
sentences:
  zh: ["{who}好", "我佩服{who}", "{who}来了"]
  en: ["{who} came", "I like {who}", "We met {who}"]
""".encode()
SOME = read_identities(_RAW, "x.yaml")
"""Two groups in three sentences of each language."""

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def labelled(name: str, *rows: Row) -> LabelledSet:
    """A set of rows; its hash is that of its name and rows."""
    return LabelledSet(name, sha256(repr((name, rows)).encode()).hexdigest(), rows)


def world(at: datetime = NOW, done: Callable[[int], object] = lambda _: None) -> World:
    """A world in which every look at the clock is a millisecond later."""
    ticks = count()
    return World(lambda: next(ticks) / 1000, lambda: at, {"kanhe": "0"}, done)


def measured(judge: FakeJudge, *sets: LabelledSet, at: datetime = NOW, **plan) -> Record:
    """Measure on all rows of the sets, unless the plan says otherwise."""
    whole = Plan(sets, **{"part": None, **plan})
    return asyncio.run(measure(judge, whole, world(at))).record
