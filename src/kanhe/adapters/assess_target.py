"""What is assessed, over HTTP: a model, or the service in front of it, at an OpenAI-compatible API.

The turns of an item are one conversation: each is put after the answer to the one before, and what
was said to all of them is the answer. Where Kanhe stands in front and stops a prompt or an answer,
that is an answer too: its notice is the text, and the number of its decision is kept.

What comes back is foreign: a number of a decision that is none is dropped, since it would stand in
evidence as it came, and one of an endpoint that is not Kanhe is nobody's. Where nobody tells what
an answer cost, the most that it can have cost is counted: a budget has to end somewhere.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from kanhe.assess.run import Said
from kanhe.errors import TargetError, UpstreamBusy, UpstreamError, UpstreamTimeout
from kanhe.model import Call, Model, Reply

_LARGEST, _PLAIN, _TOKEN = 4 << 20, 128 << 10, 512
"""Bytes of an answer: at most, without its tokens, and of one token however it is escaped."""
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same question may be answered."""
_DECISION = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model is to answer; told in the report, since results depend on it."""

    max_tokens: int = 512
    temperature: float = 0.0
    seed: int | None = None
    """Of the first asking; each repetition has the next one."""
    system: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the request, as the server wants them."""


class HttpTarget:
    """A `Target` behind a model port.

    Args:
        model: How it is called.
        name: What the model is called there.
        sampling: How it is to answer.
        stops: Whether it is Kanhe, whose decisions are believed.
    """

    def __init__(self, model: Model, name: str, sampling: Sampling, *, stops: bool = True) -> None:
        self._model, self._name, self._sampling = model, name, sampling
        self._stops = stops

    async def ask(self, turns: Sequence[str], system: str = "", repeat: int = 0) -> Said:
        """Put the turns of one conversation; see `Target.ask`."""
        begun = time.monotonic()
        talk: list[dict[str, str]] = []
        if before := system or self._sampling.system:
            talk.append({"role": "system", "content": before})
        said, decision, used = [], "", (0, 0)
        for turn in turns:
            talk.append({"role": "user", "content": turn})
            text, number, tokens = await self._turn(talk, repeat)
            talk.append({"role": "assistant", "content": text})
            said.append(text)
            decision = decision or (number if self._stops else "")
            used = (used[0] + tokens[0], used[1] + tokens[1])
        return Said("\n\n".join(said), decision, used, round((time.monotonic() - begun) * 1000))

    async def aclose(self) -> None:
        """Give back connections."""
        await self._model.aclose()

    async def _turn(
        self, talk: Sequence[dict[str, str]], repeat: int
    ) -> tuple[str, str, tuple[int, int]]:
        how = self._sampling
        body = {
            **how.more,
            "model": self._name,
            "messages": list(talk),
            "max_tokens": how.max_tokens,
            "temperature": how.temperature,
            **({"seed": how.seed + repeat} if how.seed is not None else {}),
            # Each conversation is somebody else's: a service that suspends whoever asks for the
            # unlawful again and again would refuse the rest of the bank.
            "user": _asker(talk[: 1 + (talk[0]["role"] == "system")]),
        }
        try:
            reply = await self._model.call(
                Call("/chat/completions", msgspec.json.encode(body), stream=False)
            )
            try:
                longest = min(_LARGEST, _PLAIN + _TOKEN * how.max_tokens)
                status, raw = reply.status, await _whole(reply, longest)
            finally:
                await reply.close()
        except UpstreamError as error:
            raise TargetError(str(error), advice=error.advice, code=_kind(error)) from error
        if status != 200:
            raise TargetError(
                f"the target answered with status {status}",
                advice="Ask it with curl and look at its log; a key, a name or a limit is wrong.",
                again=status in _AGAIN,
                code=f"http-{status}",
            )
        text, number, told = _read(raw)
        # A token has at least one byte.
        asked = sum(len(one["content"].encode()) for one in talk)
        most = (asked, min(how.max_tokens, len(text.encode())))
        return text, number, (told[0] or most[0], told[1] or most[1])


async def _whole(reply: Reply, most: int) -> bytes:
    """Read an answer. What is longer than its tokens can be would be judged for minutes."""
    parts, size = [], 0
    async for chunk in reply.chunks():
        size += len(chunk)
        if size > most:
            raise TargetError(
                f"an answer has more than {most:,} bytes, and cannot have so many",
                advice="See whether the server keeps to max_tokens; else raise it in the plan.",
                again=False,
                code="too-long",
            )
        parts.append(chunk)
    return b"".join(parts)


def _asker(opening: Sequence[dict[str, str]]) -> str:
    said = msgspec.json.encode(list(opening))
    return f"assess-{blake2b(said, digest_size=9).hexdigest()}"


def _read(raw: bytes) -> tuple[str, str, tuple[int, int]]:
    """Give text, decision and tokens of an answer; 0 tokens: they are not told."""
    try:
        match msgspec.json.decode(raw):
            case {"choices": [{"message": dict(message)}, *_], **rest}:
                pass
            case _:
                raise _other()
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        # Bytes that are no UTF-8, or brackets without end: a whole run must not die of one answer.
        raise _other() from error
    # A refusal of the API's own is an answer: that of a model which does not want to.
    text = message.get("content") or message.get("refusal") or ""
    kanhe, usage = rest.get("kanhe"), rest.get("usage")
    number = kanhe.get("decision") if isinstance(kanhe, dict) else None
    decision = number if isinstance(number, str) and _DECISION.fullmatch(number) else ""
    used = usage if isinstance(usage, dict) else {}
    tokens = (_number(used.get("prompt_tokens")), _number(used.get("completion_tokens")))
    return (text if isinstance(text, str) else ""), decision, tokens


def _number(value: object) -> int:
    return value if type(value) is int and value >= 0 else 0


def _other() -> TargetError:
    return TargetError(
        "the target's answer is none of the OpenAI chat API",
        advice="Check that its URL ends where the API begins, mostly in /v1.",
        again=False,
        code="no-chat-api",
    )


def _kind(error: UpstreamError) -> str:
    match error:
        case UpstreamTimeout():
            return "timeout"
        case UpstreamBusy():
            return "busy"
        case _:
            return "unreachable"
