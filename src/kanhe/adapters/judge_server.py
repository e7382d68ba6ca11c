"""What stands behind a judge that is somebody else's: called as a model is, and asked who it is.

An answer is JSON with status 200. A status that speaks of the text (400, 413, 422, and 500, which
many servers give to one bad request) is no failure of the judge: one sender could else close it for
all. Any other is, and is raised. What was sent and what came back stand in no error.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from kanhe.errors import JudgeBusy, JudgeError, JudgeLate, UpstreamBusy, UpstreamError
from kanhe.errors import UpstreamTimeout as Late
from kanhe.judge.category import UNSAFE
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored
from kanhe.judge.template import Head, Json
from kanhe.model import Call, Model, Reply

REFUSED = frozenset({400, 413, 422, 500})
"""Statuses that speak of the question and not of the judge."""
_BUSY = frozenset({429, 502, 503, 504})
_LARGEST = 4 << 20
_CODE = 2
"""Raised when what is made of an answer changes, so that no old record speaks for the new."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the model behind a judge.

    Attributes:
        model: Its name in requests.
        told: What the server says of it; part of the judge's hash.
        weights: SHA-256 of the file of its weights, where this process runs it; else empty.
    """

    model: str
    told: Mapping[str, Json] = field(default_factory=dict)
    weights: str = ""


Learn = Callable[[], Awaitable[Known]]
"""Find out what the model is. Raises JudgeError where it cannot be asked."""


class JudgeServer:
    """A server behind a judge.

    Args:
        name: The judge's, for errors.
        model: What is called.
        address: The base URL, for the judge's hash; the same for the same server.
        learn: Asked before the first call, and again after each failure: another model may have
            come back.
    """

    def __init__(self, name: str, model: Model, address: str, learn: Learn) -> None:
        self.name, self.address = name, address
        self._model, self._learn = model, learn
        self._known: Known | None = None
        self._fresh = False
        self._learning = asyncio.Lock()

    @property
    def known(self) -> Known | None:
        """What was found out so far."""
        return self._known

    async def learnt(self) -> Known:
        """Give what the model is, asking where that is not known.

        Raises:
            JudgeError: It could not be asked.
        """
        async with self._learning:
            if self._known is None or not self._fresh:
                # What was known stands until something else is: a judge does not become another
                # one because its server was away for a moment.
                self._known = await self._learn()
                self._fresh = True
            return self._known

    async def post(self, path: str, body: Json) -> object | Unscored:
        """Send `body`; give the JSON of the answer, or `Unscored` where the text was refused.

        Raises:
            JudgeError: There is no answer, or it is none of this API.
        """
        # Surrogates by themselves are no text: no server takes them.
        raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            reply = await self._model.call(Call(path, raw, stream=False))
            try:
                status, answer = reply.status, await _whole(reply)
            finally:
                await reply.close()
            return self._read(status, answer)
        except UpstreamError as error:
            self._fresh = False
            raise _as_judge(self.name, error) from error
        except JudgeError:
            self._fresh = False
            raise

    async def aclose(self) -> None:
        """Give back connections and memory."""
        await self._model.aclose()

    def broke(self, what: str) -> JudgeError:
        """Say that the answer was none of this API."""
        self._fresh = False
        return JudgeError(
            f"judge {self.name!r} answered {what}",
            advice="Compare its template with the API that its server speaks, and read its log.",
        )

    def _read(self, status: int, raw: bytes | None) -> object | Unscored:
        if status in REFUSED:
            return Unscored(f"the server refused the text with status {status}")
        if status != 200:
            raise _status(self.name, status)
        if raw is None:
            raise self.broke(f"more than {_LARGEST} bytes")
        try:
            answer: object = json.loads(raw)
        except (ValueError, RecursionError):
            raise self.broke("what is no JSON") from None
        return answer


async def _whole(reply: Reply) -> bytes | None:
    """Give the body, None where it is too large to be an opinion."""
    parts, size = [], 0
    async for chunk in reply.chunks():
        parts.append(chunk)
        size += len(chunk)
        if size > _LARGEST:
            return None
    return b"".join(parts)


def _as_judge(name: str, error: UpstreamError) -> JudgeError:
    kind = JudgeError
    if isinstance(error, UpstreamBusy):
        kind = JudgeBusy
    elif isinstance(error, Late):
        kind = JudgeLate
    return kind(f"judge {name!r} gave no opinion: {error}", advice=error.advice)


def _status(name: str, status: int) -> JudgeError:
    what = f"judge {name!r} answered with status {status}"
    if status in _BUSY:
        return JudgeBusy(what, advice="Its server has too much to do, or is starting; look there.")
    if status in {401, 403}:
        return JudgeError(what, advice="Check the judge's key: api_key_env or api_key_file.")
    if status in {404, 405}:
        return JudgeError(what, advice="Check the judge's base_url (mostly it ends in /v1) and "
                          "its model, and that the server speaks this API.")  # fmt: skip
    return JudgeError(what, advice="Read the log of its server.")


def judge_id(server: JudgeServer, head: Head, kind: str) -> JudgeId:
    """Name a judge by all that is known of it.

    Before it was first asked its model is not known, and its hash is that of an unknown one.
    """
    known = server.known
    facts = {
        "address": "" if known and known.weights else server.address,
        "code": _CODE,
        "kind": kind,
        "model": known.model if known else None,
        "template": head.sha256,
        "told": dict(known.told) if known else None,
        "weights": known.weights if known else "",
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()
    model = f"{head.title.en}: {known.model}" if known else head.title.en
    pinned = bool(known and known.weights)
    return JudgeId(server.name, model, sha256(canonical).hexdigest(), pinned)


def unasked(question: Question, head: Head, looks_for: frozenset[str]) -> Answer | None:
    """Give the answer to a question that need not or cannot be put; None for any other."""
    if not question.text.strip():
        # Where nothing stands, nothing can be found; a space between sentences is no reason to
        # refuse them.
        return Opinion(0.0, dict.fromkeys(looks_for - {UNSAFE}, 0.0))
    if len(question.text) > head.most_chars:
        return Unscored(f"the text is longer than the {head.most_chars} characters it reads")
    return None


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all; where one fails, the others are ended before its error goes on."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
