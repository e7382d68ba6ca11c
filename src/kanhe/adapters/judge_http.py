"""A judge that is any other service: a request is filled in, its answer is read by pointers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from kanhe.adapters.judge_server import JudgeServer, judge_id, together, unasked
from kanhe.judge.pointer import at
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored
from kanhe.judge.template import Remote, filled_json


class HttpJudge:
    """A `Judge` behind any HTTP API that takes and gives JSON.

    Args:
        server: What is asked.
        template: With what, and where its answer stands.
        at_once: Calls that may be out at the same time, 1 or more.
    """

    def __init__(self, server: JudgeServer, template: Remote, *, at_once: int = 4) -> None:
        self._server, self._template = server, template
        self._places = asyncio.Semaphore(at_once)

    @property
    def id(self) -> JudgeId:
        """Which one it is; whole once it has been asked."""
        return judge_id(self._server, self._template.head, "http")

    @property
    def categories(self) -> frozenset[str]:
        """The categories that it looks for, `unsafe` included."""
        return self._template.looks_for

    async def judge(self, questions: Sequence[Question]) -> list[Answer]:
        """Give one answer to each question, in their order; see `Judge.judge`."""
        await self._server.learnt()
        return await together([self._one(question) for question in questions])

    async def aclose(self) -> None:
        """Give back connections and memory."""
        await self._server.aclose()

    async def _one(self, question: Question) -> Answer:
        template = self._template
        found = unasked(question, template.head, self.categories)
        if found is not None:
            return found
        known = {"text": question.text, "context": question.context, "whose": question.whose}
        async with self._places:
            answer = await self._server.post(template.path, filled_json(template.request, known))
        return answer if isinstance(answer, Unscored) else _opinion(template, answer)


def _opinion(template: Remote, answer: object) -> Answer:
    unsafe = _probability(template, at(template.unsafe, answer))
    if unsafe is None:
        return Unscored("its answer has no verdict that the template knows")
    found: dict[str, float] = {}
    for pointer, several in template.scores.items():
        score = _probability(template, at(pointer, answer))
        for ours in several if score is not None else ():
            found[ours] = max(score or 0.0, found.get(ours, 0.0))
    for word in _labels(template, answer):
        for ours in template.categories.get(word, ()):
            found[ours] = max(unsafe, found.get(ours, 0.0))
    return Opinion(unsafe, found)


def _labels(template: Remote, answer: object) -> list[str]:
    told = at(template.labels, answer) if template.labels else None
    several = told if isinstance(told, list) else [told]
    return [word for word in several if isinstance(word, str)]


def _probability(template: Remote, told: object) -> float | None:
    """Read a number, a truth or a word; None where it is no probability."""
    if isinstance(told, bool):
        return template.verdicts.get(str(told).casefold())
    if isinstance(told, str):
        return template.verdicts.get(told.strip().casefold())
    if isinstance(told, int | float) and math.isfinite(told):
        value = told / template.scale
        return value if 0 <= value <= 1 else None
    return None
