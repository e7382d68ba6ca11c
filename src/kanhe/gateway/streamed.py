"""An answer that streams: read by read from the model, through the relay, to the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from kanhe.errors import KanheError, UpstreamError, UpstreamTimeout
from kanhe.gateway.judging import Answered
from kanhe.gateway.label import is_prose
from kanhe.gateway.refusal import broken_tail, stopped_tail
from kanhe.gateway.relay import Relay
from kanhe.gateway.sse import EventReader
from kanhe.gateway.step import Frame, Step
from kanhe.gateway.turn import Turn
from kanhe.gateway.wire import DONE, Json
from kanhe.model import Reply
from kanhe.policy.rule import Side


class Streamed:
    """A stream that has begun: `said` may be sent at once, and then what `rest` gives, if any."""

    def __init__(
        self, headers: Mapping[str, str], said: bytes, rest: Relayed | None = None
    ) -> None:
        self.headers = headers
        self.said = said
        self.rest = rest

    @classmethod
    async def begin(cls, turn: Turn, reply: Reply, frame: Frame) -> Streamed:
        """Wait for the first events that may be sent.

        Raises:
            UpstreamError: The model failed before there were any; its status can still be told.
        """
        relayed = Relayed(turn, reply, frame)
        said = await relayed.first()
        return cls(turn.headers, said, relayed)


class Relayed:
    """The course of one streamed answer after its beginning.

    Iterate over `pieces`; call `abandon` when the client is gone.
    """

    def __init__(self, turn: Turn, reply: Reply, frame: Frame) -> None:
        self._turn = turn
        self._reply = reply
        self._chunks = reply.chunks()
        self._reader = EventReader(turn.conduct.event_bytes)
        refuse = turn.conduct.refuse_unknown
        self._relay = Relay(
            turn.plans(Side.ANSWER),
            frame,
            refuse_unknown=refuse,
            is_json=not is_prose(turn.asked.body),
            known_names=turn.names,
        )
        self._inquiry = turn.inquiry(Side.ANSWER)
        self._reading: asyncio.Task[bytes | None] | None = None
        self._drained = self._stopping = False
        self._begun = self._abandoned = self._late = self._over = False
        self._dropping: asyncio.Future[None] | None = None
        loop = asyncio.get_running_loop()
        self._limit = loop.call_later(turn.conduct.answer_s, self._out_of_time)

    async def first(self) -> bytes:
        """Give the first bytes to send; an error before them is raised, not told in the stream."""
        try:
            while not self._over:
                if out := await self._next():
                    self._begun = True
                    return out
        except UpstreamError as error:
            cause = self._cause(error)
            self._turn.failed(cause)
            raise cause from error
        finally:
            if not self._begun:
                await self._close()
        return b""

    def _cause(self, error: UpstreamError) -> UpstreamError:
        """Give what ended the answer: where we have closed it for its time, that and no other."""
        if self._late:
            return UpstreamTimeout(
                f"the answer took longer than {self._turn.conduct.answer_s:g} s",
                advice="Raise limits.answer_s if answers may be so long.",
            )
        return error

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield bytes to send until the stream has ended, however it ends."""
        try:
            while not self._over:
                if out := await self._next():
                    yield out
        except UpstreamError as error:
            yield await self._broken(error)
        except KanheError as error:
            await self._close()
            yield self._labels() + broken_tail(str(error), error.code)
        except BaseException as error:
            # The client has left, or something of ours is broken: the record is to say which.
            await self._close()
            self._turn.broken(error, self._relay.released)
            raise
        finally:
            await self.drop()

    async def drop(self) -> None:
        """End the answer here, unless it has ended: nobody listens any more."""
        if not self._over:
            await self._close()
            self._turn.abandoned(self._relay.released)

    async def _next(self) -> bytes:
        """Read once, or take what judges have said; give what may be sent of it."""
        self._require_open()
        inquiry = self._inquiry
        stuck = self._drained or self._stopping or self._relay.waits
        if inquiry.is_open and (inquiry.holds or stuck):
            return await self._after(self._answered(await self._opinions()))
        if self._drained:
            return await self._ended()
        if inquiry.is_open and (answers := await self._first_of_both()):
            return await self._after(self._answered(answers))
        chunk = await self._read()
        self._require_open()
        if chunk is None:
            return await self._ended()
        return await self._after(self._fed(self._reader.feed(chunk)))

    async def _opinions(self) -> list[Answered]:
        """Wait for judges; give what they have said."""
        answers = await self._inquiry.some()
        self._require_open()
        return answers

    def _require_open(self) -> None:
        """Go no further once the answer was closed: its questions were taken back."""
        if self._late or self._abandoned:
            raise UpstreamError("the answer was closed on our side", advice="See `_cause`.")

    async def _read(self) -> bytes | None:
        if self._reading is None:
            return await anext(self._chunks, None)
        chunk, self._reading = await self._reading, None
        return chunk

    async def _first_of_both(self) -> list[Answered]:
        """Wait for the model or for a judge, whichever is first; give what judges have said."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(_next_of(self._chunks))
        both = {self._reading, *self._inquiry.tasks}
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return self._inquiry.taken(done)

    def _fed(self, events: list[bytes]) -> Step:
        step = self._relay.feed(events)
        self._stopping |= step.waits
        self._inquiry.put(self._relay.asks())
        return step

    def _answered(self, answers: list[Answered]) -> Step:
        """Bring answers to the relay, and go on with what waited for them."""
        out = b""
        for one in answers:
            step = self._relay.answer(one)
            out += step.out
            if step.stop:
                return Step(out, step.stop)
        step = self._fed([])
        step.out = out + step.out
        return step

    async def _after(self, step: Step) -> bytes:
        if step.stop:
            return step.out + await self._stopped(step)
        if step.error:
            if not step.out:
                raise step.error
            return step.out + await self._broken(step.error)
        if step.done:
            return step.out + await self._finished()
        return step.out

    async def _ended(self) -> bytes:
        """Take the end of the model's stream: a good one, if every choice has told its end."""
        step = Step() if self._drained else self._fed(self._reader.finish())
        self._drained = True
        if self._inquiry.is_open and (step.waits or self._relay.waits):
            return await self._after(step)  # judges first: the end may be among what waits
        if not (step.stop or step.error):
            step.done = step.done or self._relay.is_complete
        if not (step.stop or step.error or step.done):
            step.error = UpstreamError(
                "the model closed its stream before the end",
                advice="The answer is cut short: look for a proxy with a read timeout in between.",
            )
        return await self._after(step)

    async def _finished(self) -> bytes:
        step = self._relay.conclude()
        self._inquiry.put(self._relay.asks())
        out = step.out
        while self._inquiry.is_open and not step.stop:
            step = self._answered(await self._opinions())
            out += step.out
        if not step.stop:
            step = self._relay.finish()
            out += step.out
        if step.stop:
            return out + await self._stopped(step)
        await self._close()
        relay = self._relay
        facts: dict[str, Json] = {"characters": relay.released, "events": relay.events}
        if relay.withheld:
            facts["held_fields"] = sorted(relay.withheld)[:32]
        self._turn.released(facts, tuple(relay.noticed))
        return out + b"data: " + DONE + b"\n\n"

    async def _stopped(self, step: Step) -> bytes:
        assert step.stop is not None  # noqa: S101 # the caller has looked
        await self._close()
        relay, turn = self._relay, self._turn
        by = step.stop.by
        facts: dict[str, Json] = {"released": relay.released, "events": relay.events}
        if isinstance(most := turn.asked.body.get("max_tokens"), int):
            # An event is about a token; what was not generated any more was not paid for.
            facts["tokens_saved_at_most"] = max(most - relay.events, 0)
        notice = await turn.stopped(by, facts, tuple(relay.noticed))
        # A model that is stopped does not tell its usage any more; an event is about a token.
        counted = {
            "prompt_tokens": 0,
            "completion_tokens": relay.events,
            "total_tokens": relay.events,
        }
        usage = (relay.usage or counted) if turn.asked.wants_usage else None
        choices = relay.open_choices
        envelope = relay.envelope or turn.envelope()
        return self._labels() + stopped_tail(
            turn.asked.path,
            envelope,
            choices,
            notice,
            turn.language,
            usage=usage,
            reply=notice.reply is not None,
        )

    async def _broken(self, error: UpstreamError) -> bytes:
        await self._close()
        if self._abandoned:
            self._turn.abandoned(self._relay.released)
            return b""
        cause = self._cause(error)
        self._turn.failed(cause, self._relay.released)
        return self._labels() + broken_tail(str(cause), cause.code)

    def _labels(self) -> bytes:
        """Give the label of every choice that is cut short: what was read so far is generated."""
        return b"".join(self._relay.close(index) for index in sorted(self._relay.open_choices))

    async def _close(self) -> None:
        self._over = True
        self._limit.cancel()
        self._inquiry.cancel()
        if self._reading and not self._reading.cancel() and not self._reading.cancelled():
            self._reading.exception()  # looked at, for it does not matter any more
        await self._reply.close()

    def _out_of_time(self) -> None:
        self._late = True
        self._drop()

    def abandon(self) -> None:
        """Let whoever iterates over `pieces` know that the client is gone."""
        if not self._over:
            self._abandoned = True
            self._drop()

    def _drop(self) -> None:
        self._inquiry.cancel()
        self._dropping = asyncio.ensure_future(self._reply.close())


async def _next_of(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)
