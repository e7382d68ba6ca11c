"""Questions to judges, at the edge of an exchange: put, waited for within bounds, answered.

What is asked and what follows is decided in `policy.judged`; here the questions are sent. A judge
that is late, busy, down or off its menu gives no opinion, and what that means is for the rule: it
refuses, unless the operator chose otherwise. Nothing here turns a missing opinion into a good one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kanhe.errors import JudgeBusy, JudgeError, JudgeLate
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored, Whose
from kanhe.policy.judged import Ask, Given, JudgedGuard, Seen, Unjudged
from kanhe.policy.rule import Finding, JudgedRule, Mode

_AT_ONCE = 32
"""Questions of one text that are out at the same time. All those of a long text would fill the
queue of a judge, which then refuses them for being too many, however idle it is."""

_ESCAPE = re.compile(r"\\{1,8}u([0-9a-fA-F]{4})")
"""Also of JSON within JSON, as the guard of characters reads it."""


class Judges(Protocol):
    """The judges of the service, by the names that rules use; the default one's is empty."""

    @property
    def ids(self) -> Mapping[str, JudgeId]:
        """Which judges they are."""
        ...

    async def ask(
        self, judge: str, questions: Sequence[Question], within_s: float
    ) -> Sequence[Answer]:
        """Give one answer to each question, in their order.

        Raises:
            JudgeLate: Not all had come within the time.
            JudgeBusy: The judge is known to be down, or its queue is full.
            JudgeError: It gave none, whatever the reason; also if there is no such judge.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way: `key` says of which text."""

    key: tuple[Any, ...]
    ask: Ask


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for a question."""

    key: tuple[Any, ...]
    number: int
    given: Given


class Inquiry:
    """The questions of one exchange that have no answer yet.

    Args:
        judges: Who is asked; None where the service has no judges, so that nobody answers.
        whose: Whose words they are.
        context: What the texts answer to; empty where there is nothing.
    """

    def __init__(self, judges: Judges | None, whose: Whose, context: str = "") -> None:
        self._judges = judges
        self._whose = whose
        self._context = context
        self._tasks: dict[asyncio.Task[list[Answered]], bool] = {}

    @property
    def is_open(self) -> bool:
        """Whether any question is on its way."""
        return bool(self._tasks)

    @property
    def holds(self) -> bool:
        """Whether text waits for any of the answers."""
        return any(self._tasks.values())

    @property
    def tasks(self) -> Iterable[asyncio.Task[list[Answered]]]:
        """What is on its way, for whoever waits for something else too."""
        return self._tasks

    def put(self, asked: Iterable[Asked]) -> None:
        """Ask; questions to one judge go together."""
        groups: dict[tuple[str, float, bool], list[Asked]] = {}
        for one in asked:
            key = (one.ask.judge, one.ask.wait_s, one.ask.holds)
            groups.setdefault(key, []).append(one)
        for (judge, wait_s, holds), some in groups.items():
            task = asyncio.ensure_future(self._ask(judge, some, wait_s))
            self._tasks[task] = holds

    async def some(self) -> list[Answered]:
        """Wait until answers are there; give them."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        return self.taken(done)

    def taken(self, done: Iterable[asyncio.Future[Any]]) -> list[Answered]:
        """Give the answers of those of `done` that are ours."""
        ended = set(done)
        ours = [task for task in self._tasks if task in ended]
        for task in ours:
            del self._tasks[task]
        return [answered for task in ours for answered in task.result()]

    def cancel(self) -> None:
        """Ask no more: nobody needs the answers."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def _ask(self, judge: str, some: Sequence[Asked], wait_s: float) -> list[Answered]:
        given: list[Given] = []
        for start in range(0, len(some), _AT_ONCE):
            texts = [one.ask.text for one in some[start : start + _AT_ONCE]]
            found = await self._given(judge, texts, wait_s)
            if isinstance(found, Unjudged):
                # Who gave no opinion on these is not waited for again and again.
                given += [found] * (len(some) - start)
                break
            given += found
        return [Answered(o.key, o.ask.number, g) for o, g in zip(some, given, strict=True)]

    async def _given(
        self, judge: str, texts: Sequence[str], wait_s: float
    ) -> Sequence[Given] | Unjudged:
        questions = [Question(_plain(text), self._context, self._whose) for text in texts]
        try:
            if self._judges is None:
                return Unjudged("unavailable")
            # The judge keeps the time itself; a second watch costs little and is ours.
            async with asyncio.timeout(wait_s):
                answers = await self._judges.ask(judge, questions, wait_s)
        except (TimeoutError, JudgeLate):
            return Unjudged("late")
        except JudgeBusy:
            return Unjudged("busy")
        except JudgeError:
            return Unjudged("unavailable")
        if len(answers) != len(texts):
            return Unjudged("unavailable")
        return [_given(answer) for answer in answers]


async def opinions(text: str, rules: Sequence[JudgedRule], inquiry: Inquiry) -> tuple[Finding, ...]:
    """Say what every judged rule finds in a text, as if none of them acted."""
    acting = {rule.id: rule for rule, _ in rules}
    guard = JudgedGuard(Seen(), [(replace(r, mode=Mode.SHADOW), asks) for r, asks in rules])
    guard.feed(text)
    guard.conclude()
    inquiry.put(Asked((), ask) for ask in guard.asks())
    found: list[Finding] = []
    try:
        while inquiry.is_open:
            for answer in await inquiry.some():
                found += guard.answer(answer.number, answer.given).noticed
    finally:
        inquiry.cancel()
    in_order = sorted(found, key=lambda one: (one.start, one.rule.id))
    return tuple(replace(one, rule=acting[one.rule.id]) for one in in_order)


def _given(answer: Answer) -> Given:
    match answer:
        case Opinion(unsafe, categories):
            return {**categories, "unsafe": unsafe}
        case Unscored():
            return Unjudged("unscored")


def _plain(text: str) -> str:
    r"""Write `\u8bc8` as the character it stands for: JSON is read as people read it."""
    if "\\u" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
