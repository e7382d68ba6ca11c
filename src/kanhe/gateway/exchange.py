"""One exchange, from the prompt to the label: the path that every request takes, in its order.

1. Is the user suspended?  2. Is there such a model?  3. Do the rules stop the prompt?  4. The
beginning is put on the ledger while the model is called; nothing leaves before it is durable.
5. The answer goes through the guard, surface by surface.  6. Its end is put on the ledger:
released, stopped, failed or abandoned. A beginning without an end says that the process died in
between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kanhe.errors import RequestError, UpstreamError
from kanhe.gateway.asked import Asked
from kanhe.gateway.check import Stopped, check_patiently
from kanhe.gateway.label import is_prose
from kanhe.gateway.refusal import (
    EMBEDDINGS,
    Notice,
    error_body,
    language_of,
    refused_prompt,
    streamed_reply,
    whole_reply,
)
from kanhe.gateway.streamed import Streamed
from kanhe.gateway.surface import Unseen, prompt_spots
from kanhe.gateway.turn import House, Turn
from kanhe.gateway.whole import Whole, as_stream, whole_answer
from kanhe.gateway.wire import encode
from kanhe.model import Call, Model, Reply
from kanhe.policy.rule import Side
from kanhe.policy.ruleset import Ruleset

Outcome = Whole | Streamed


@dataclass(frozen=True, slots=True)
class Routed:
    """A model that can be asked for: how to reach it and what it is called there."""

    model: Model
    upstream_name: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """The parts an exchange is made of; `wiring` chooses them."""

    models: Mapping[str, Routed]
    default_model: str
    ruleset: Callable[[], Ruleset]
    house: House

    async def run(self, asked: Asked) -> Outcome:
        """Answer a request.

        Fails closed: an error of a rule, of the ledger or of the model ends the exchange.

        Raises:
            RequestError: There is no such model.
            UpstreamError: The model did not answer, before anything was released.
            LedgerUnwritable: The beginning could not be recorded.
        """
        house = self.house
        decision = house.naming.decision()
        person = house.naming.person(asked.application, asked.user) if asked.user else ""
        setting = house.conduct.language
        language = language_of(setting, asked.accepted_language, asked.last_words)
        if person and house.strikes:
            until = house.strikes.suspended_until(person, house.clock())
            if until:
                return await self._turn_away(decision, person, until, language)
        name, routed = self._route(asked)
        turn = Turn(house, asked, decision, person, language, name, self.ruleset())

        unseen = Unseen()
        house.conduct.label.unlabelled(asked.body)
        prompt = encode(asked.body)
        spots = prompt_spots(asked.body, unseen)
        plans, inquiry = turn.plans(Side.PROMPT), turn.inquiry(Side.PROMPT)
        verdict = await check_patiently(spots, plans, inquiry, come_again=True)
        if isinstance(verdict, Stopped):
            return await _refuse_prompt(turn, verdict)
        begun = turn.begin(prompt, verdict, unseen)
        call = Call(asked.path, turn.request(routed.upstream_name), asked.streamed)
        try:
            reply = await routed.model.call(call)
        except BaseException as error:
            turn.broken(error)
            if isinstance(error, UpstreamError):
                await begun  # not even an error leaves before that
            raise
        try:
            await begun
            return await _answer(turn, reply)
        except BaseException as error:
            turn.broken(error)
            await reply.close()
            raise

    def _route(self, asked: Asked) -> tuple[str, Routed]:
        name = asked.body.get("model") or self.default_model
        routed = self.models.get(name)
        if routed is None:
            raise RequestError(
                f"there is no model {name[:80]!r} here",
                advice=f"Ask for one of: {', '.join(sorted(self.models))}.",
                status=404,
                code="model_not_found",
            )
        return name, routed

    async def _turn_away(self, decision: str, person: str, until: datetime, language: str) -> Whole:
        conduct, ends = self.house.conduct, until.isoformat(timespec="seconds")
        notice = Notice(decision, "suspended", conduct.suspended, conduct.object_to)
        facts = {"decision": decision, "user": person, "until": ends}
        await self.house.journal.durable("gateway:user:refused", facts)
        extra = {**notice.fields(), "until": ends}
        words = f"{notice.words(language)} [{ends}]"
        body = error_body(words, "user_suspended", status=403, extra=extra)
        return Whole(403, body, {"x-kanhe-decision": decision})


async def _refuse_prompt(turn: Turn, verdict: Stopped) -> Outcome:
    """End an exchange at its prompt; no model is asked."""
    notice = await turn.prompt_refused(verdict.by, verdict.noticed)
    asked, language = turn.asked, turn.language
    if turn.conduct.blocked_prompt == "error" or asked.path == EMBEDDINGS:
        return Whole(400, refused_prompt(notice, language), turn.headers)
    envelope = turn.envelope()
    if asked.streamed:
        said = streamed_reply(asked.path, envelope, notice, language, usage=asked.wants_usage)
        return Streamed(turn.headers, said)
    return Whole(200, whole_reply(asked.path, envelope, notice, language), turn.headers)


async def _answer(turn: Turn, reply: Reply) -> Outcome:
    """Look at the answer as it comes, or as a whole where it is no stream."""
    streams = reply.status == 200 and reply.content_type == "text/event-stream"
    if not (turn.asked.streamed and streams):
        answer = await whole_answer(turn, reply)
        if turn.asked.streamed and answer.status == 200:
            return Streamed(turn.headers, as_stream(turn, answer))
        return answer
    prose = is_prose(turn.asked.body)
    frame = turn.conduct.label.frame(turn.decision, turn.language, prose=prose)
    return await Streamed.begin(turn, reply, frame)
