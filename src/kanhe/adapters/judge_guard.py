"""A judge that is a guard model behind an OpenAI-compatible server, or a plain one with a rubric.

Its template says in which frame it is asked and how its reply is read. Each question is one call,
or one for each pass of the template. A reply that is off the menu is `Unscored`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kanhe.adapters.judge_server import JudgeServer, Known, judge_id, together, unasked
from kanhe.errors import JudgeError
from kanhe.judge.port import Answer, JudgeId, Question, Unscored
from kanhe.judge.reply import Reply, Verdict, read
from kanhe.judge.spoken import reply, request
from kanhe.judge.template import Guard, Pass, opinion

_PROBE = "kanhe-probe 7319 4096"
"""What no model would say by itself; see `GuardJudge._prove`."""


class GuardJudge:
    """A `Judge` by template.

    Args:
        server: What is asked.
        template: How.
        at_once: Calls that may be out at the same time, 1 or more.
    """

    def __init__(self, server: JudgeServer, template: Guard, *, at_once: int = 4) -> None:
        self._server, self._template = server, template
        self._places = asyncio.Semaphore(at_once)
        self._proven: Known | None = None
        self._proving = asyncio.Lock()

    @property
    def id(self) -> JudgeId:
        """Which one it is; whole once it has been asked."""
        return judge_id(self._server, self._template.head, "guard")

    @property
    def categories(self) -> frozenset[str]:
        """The categories that it looks for, `unsafe` included."""
        return self._template.looks_for

    async def judge(self, questions: Sequence[Question]) -> list[Answer]:
        """Give one answer to each question, in their order; see `Judge.judge`."""
        known = await self._server.learnt()
        if self._template.puts_words_in_its_mouth:
            await self._prove(known)
        return await together([self._one(known.model, question) for question in questions])

    async def aclose(self) -> None:
        """Give back connections and memory."""
        await self._server.aclose()

    async def _one(self, model: str, question: Question) -> Answer:
        known = unasked(question, self._template.head, self.categories)
        if known is not None:
            return known
        passes = self._template.passes
        found = await together([self._verdict(model, question, one) for one in passes])
        verdicts: list[Verdict] = []
        for one in found:
            if isinstance(one, Unscored):
                return one
            verdicts.append(one)
        return opinion(self._template, verdicts)

    async def _verdict(self, model: str, question: Question, one: Pass) -> Verdict | Unscored:
        said = await self._said(model, question, one)
        return said if isinstance(said, Unscored) else read(self._template.menu, said)

    async def _said(self, model: str, question: Question, one: Pass) -> Reply | Unscored:
        async with self._places:
            answer = await self._server.post(*request(self._template, model, question, one))
        if isinstance(answer, Unscored):
            return answer
        said = reply(self._template.wire, answer)
        if said is None:
            raise self._server.broke("with no choice in it")
        return said

    async def _prove(self, known: Known) -> None:
        """See, once for each model, that the server does not go on with the answer it is to judge.

        Some take a last message of the assistant for the beginning of the reply (llama.cpp does
        unless told otherwise). Whoever wrote that message would then have written the verdict.
        """
        async with self._proving:
            if self._proven is known:
                return
            probe = Question(_PROBE, "Say something.", "answer")
            said = await self._said(known.model, probe, self._template.passes[0])
            if isinstance(said, Unscored):
                raise self._server.broke(f"the trial of an answer so: {said.why}")
            if said.text.lstrip().startswith(_PROBE[:11]):
                raise JudgeError(
                    f"judge {self._server.name!r} goes on with the answer that it is to judge, so "
                    "that whoever wrote the answer writes the verdict",
                    advice="Start llama.cpp's server with --no-prefill-assistant; elsewhere turn "
                    "off what continues the last message.",
                )
            self._proven = known
