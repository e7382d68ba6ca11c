"""The routes that applications call: the OpenAI API, checked.

Plain ASGI and no framework, because every chunk of every answer comes by here. A request has to
have a key and to arrive whole, in time and within its size, before anything is made of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from kanhe.errors import KanheError, NotAuthenticated, RequestError, TooLarge
from kanhe.gateway.asked import read_request
from kanhe.gateway.exchange import Exchange
from kanhe.gateway.refusal import CHAT, COMPLETIONS, EMBEDDINGS, error_body
from kanhe.gateway.streamed import Streamed
from kanhe.web.metrics import Metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATHS = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": COMPLETIONS,
    "/v1/embeddings": EMBEDDINGS,
}
"""Routes that reach a model, and the path each has there."""

_JSON = (b"content-type", b"application/json")
_EVENTS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # A proxy in front that collects the stream would undo everything.
    (b"x-accel-buffering", b"no"),
]
_log = logging.getLogger(__name__)


class Applications(Protocol):
    """Who may call."""

    def find(self, key: str) -> str | None:
        """Give the name of the application that has `key`, if one has."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a caller may ask of this process."""

    body_bytes: int = 4 << 20
    turns: int = 400
    request_s: float = 30.0
    streams: int = 5000


class Proxy:
    """The checked API as an ASGI application.

    Args:
        user_header: Name of the header, lower case, in which an application may name its user.
    """

    def __init__(
        self,
        exchange: Exchange,
        applications: Applications,
        limits: Limits,
        metrics: Metrics,
        *,
        user_header: str,
    ) -> None:
        self._exchange = exchange
        self._applications = applications
        self._limits = limits
        self._metrics = metrics
        self._user_header = user_header.encode("latin-1")
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; every failure becomes an error in the shape of the API."""
        path = PATHS[scope["path"]]
        watch = self._metrics.began(path)
        status = KanheError.status
        try:
            if self._open >= self._limits.streams:
                raise RequestError(
                    f"{self._open} requests are open, and no more are taken",
                    advice="Try again in a moment.",
                    status=503,
                    code="overloaded",
                )
            self._open += 1
            try:
                status = await self._serve(path, scope, receive, send)
            finally:
                self._open -= 1
        except KanheError as error:
            status = error.status
            await _fail(send, error)
        finally:
            watch.ended(status)

    async def _serve(self, path: str, scope: Scope, receive: Receive, send: Send) -> int:
        if scope["method"] != "POST":
            raise RequestError(
                f"{scope['method']} is not served here",
                advice=f"POST to {scope['path']}.",
                status=405,
                code="method_not_allowed",
            )
        headers = _headers_of(scope, self._user_header)
        application = self.authenticate(headers)
        body = await self._body(headers, receive)
        asked = read_request(
            path,
            body,
            application=application,
            user=headers.get(self._user_header, b"").decode("utf-8", "replace")[:512],
            language=headers.get(b"accept-language", b"").decode("latin-1"),
            most_turns=self._limits.turns,
        )
        gone = asyncio.ensure_future(receive())
        running = asyncio.current_task()
        outcome = None

        def leave(_: asyncio.Future[Any]) -> None:
            # Until there is an answer, a client that leaves ends the exchange where it stands.
            if outcome is None and running:
                running.cancel()

        gone.add_done_callback(leave)
        try:
            outcome = await self._exchange.run(asked)
            if isinstance(outcome, Streamed):
                await _stream(send, outcome, gone)
                return 200
            await _answer(send, outcome.status, outcome.body, outcome.headers)
            return outcome.status
        except asyncio.CancelledError:
            if outcome is None and gone.done() and running and running.uncancel() == 0:
                return 499
            raise
        finally:
            gone.cancel()

    def authenticate(self, headers: Mapping[bytes, bytes]) -> str:
        """Give the name of the application that calls.

        Raises:
            NotAuthenticated: It has no key, or one that is not known.
        """
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        name = None
        if scheme.lower() == b"bearer" and key:
            name = self._applications.find(key.strip().decode("latin-1"))
        if name is None:
            raise NotAuthenticated(
                "a known application key is needed: send it as 'Authorization: Bearer <key>'",
                advice="Make one with `kanhe app add NAME`.",
            )
        return name

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        most = self._limits.body_bytes
        told = headers.get(b"content-length", b"0")
        if told.isdigit() and int(told) > most:
            raise _too_large(most)
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise RequestError(
                "a compressed body is not read",
                advice="Send it without Content-Encoding.",
                status=415,
                code="unsupported_encoding",
            )
        pieces, size = [], 0
        try:
            # A request that has arrived whole is read without waiting; the clock is for the others.
            async with asyncio.timeout(self._limits.request_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _gone()
                    pieces.append(message.get("body", b""))
                    size += len(pieces[-1])
                    if size > most:
                        raise _too_large(most)
                    if not message.get("more_body"):
                        return b"".join(pieces)
        except TimeoutError as error:
            raise RequestError(
                f"the request was not complete after {self._limits.request_s:g} s",
                advice="Send the body at once.",
                status=408,
                code="request_timeout",
            ) from error


def _headers_of(scope: Scope, user_header: bytes) -> dict[bytes, bytes]:
    """Give the headers by name.

    Raises:
        RequestError: One that says who is calling stands twice.
    """
    given = scope["headers"]
    headers = dict(given)
    if len(headers) < len(given):
        names = [name for name, _ in given]
        for name in (b"authorization", user_header):
            if names.count(name) > 1:
                raise RequestError(
                    f"the header {name.decode('latin-1')} stands more than once",
                    advice="Send it once.",
                )
    return headers


async def _stream(send: Send, stream: Streamed, gone: asyncio.Future[Any]) -> None:
    start: dict[str, Any] = {"type": "http.response.start", "status": 200}
    start["headers"] = [*_EVENTS, *_headers(stream.headers)]
    rest = stream.rest
    if rest is None:
        await send(start)
        await send({"type": "http.response.body", "body": stream.said})
        return
    gone.add_done_callback(lambda _: rest.abandon())
    try:
        await send(start)
        await send({"type": "http.response.body", "body": stream.said, "more_body": True})
        async for piece in rest.pieces():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        # Whatever sending runs into, the model stops and the ledger knows.
        await rest.drop()


async def _answer(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    length = (b"content-length", str(len(body)).encode())
    sent = [_JSON, length, *_headers(headers)]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


def _headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _fail(send: Send, error: KanheError) -> None:
    if error.status >= 500:
        _log.warning("%s: %s (%s)", error.code, error, error.advice)
    # The next step is the caller's where the fault is; otherwise it is the operator's, in the log.
    told = f"{error}. {error.advice}" if error.status < 500 else str(error)
    headers = {"retry-after": "1"} if error.status == 503 else {}
    if error.status in (408, 413):
        headers["connection"] = "close"
    body = error_body(told, error.code, status=error.status)
    await _answer(send, error.status, body, headers)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"the body has more than {most} bytes",
        advice="Send less, or raise limits.body_bytes.",
    )


def _gone() -> RequestError:
    return RequestError("the client left", advice="Nothing to do.", status=499, code="gone")
