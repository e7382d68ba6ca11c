"""A judge that speaks the moderations API: many texts a call, a score for each category of theirs.

It is shown no context, because the API has no place for it. Texts leave the house where the service
is remote. The most of all scores is `unsafe`, those of categories that are none of ours included.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

from kanhe.adapters.judge_server import JudgeServer, judge_id, together, unasked
from kanhe.judge.pointer import at
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored
from kanhe.judge.template import Scores

_MOST_TEXTS = 32


class ModerationsJudge:
    """A `Judge` behind a moderations endpoint.

    Args:
        server: What is asked.
        template: Which of its categories are ours.
        at_once: Calls that may be out at the same time, 1 or more.
    """

    def __init__(self, server: JudgeServer, template: Scores, *, at_once: int = 4) -> None:
        self._server, self._template = server, template
        self._places = asyncio.Semaphore(at_once)

    @property
    def id(self) -> JudgeId:
        """Which one it is; whole once it has been asked."""
        return judge_id(self._server, self._template.head, "moderations")

    @property
    def categories(self) -> frozenset[str]:
        """The categories that it looks for, `unsafe` included."""
        return self._template.looks_for

    async def judge(self, questions: Sequence[Question]) -> list[Answer]:
        """Give one answer to each question, in their order; see `Judge.judge`."""
        model = (await self._server.learnt()).model
        head, looks_for = self._template.head, self.categories
        known = [unasked(question, head, looks_for) for question in questions]
        # Those that cannot be sent are left out: the service refuses a whole call for one of them.
        sent = [n for n, answer in enumerate(known) if answer is None]
        parts = [sent[n : n + _MOST_TEXTS] for n in range(0, len(sent), _MOST_TEXTS)]
        found = await together([self._some(model, [questions[n].text for n in part])
                                for part in parts])  # fmt: skip
        told = iter([answer for several in found for answer in several])
        return [next(told) if answer is None else answer for answer in known]

    async def aclose(self) -> None:
        """Give back connections and memory."""
        await self._server.aclose()

    async def _some(self, model: str, texts: Sequence[str]) -> list[Answer]:
        async with self._places:
            answer = await self._server.post("/moderations", {"model": model, "input": list(texts)})
        if isinstance(answer, Unscored):
            if len(texts) == 1:
                return [answer]
            # One of them was refused, and it is not said which: each is asked by itself.
            alone = await together([self._some(model, [text]) for text in texts])
            return [one for several in alone for one in several]
        results = at("/results", answer)
        if not isinstance(results, list) or len(results) != len(texts):
            raise self._server.broke(f"with another number of results than {len(texts)}")
        return [self._opinion(result) for result in results]

    def _opinion(self, result: object) -> Answer:
        told = at("/category_scores", result)
        scores = _numbers(told) if isinstance(told, Mapping) else {}
        if not scores:
            return Unscored("its answer has no scores between 0 and 1")
        found: dict[str, float] = {}
        for word, several in self._template.categories.items():
            for ours in several if word in scores else ():
                found[ours] = max(scores[word], found.get(ours, 0.0))
        return Opinion(max(scores.values()), found)


def _numbers(told: Mapping[str, object]) -> dict[str, float]:
    """Give the scores; nothing at all where one of them is no probability."""
    scores = {word: score for word, score in told.items() if score is not None}
    good = {word: float(score) for word, score in scores.items()
            if isinstance(score, int | float) and not isinstance(score, bool)
            and math.isfinite(score) and 0 <= score <= 1}  # fmt: skip
    return good if len(good) == len(scores) else {}
