"""The port to a model over HTTP: any server that speaks the OpenAI wire.

What is promised beside the port:
* A call is tried again only before the first byte of an answer, and never elsewhere: redirects are
  refused, proxies of the environment and cookies are ignored.
* A complete answer gives its connection back to the pool; any other end closes it.
* What has not the form we asked for (a redirect, a compressed body, a web page) is no answer.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from io import BytesIO
from types import MappingProxyType

import aiohttp

from kanhe.adapters import breaker
from kanhe.adapters.breaker import DOWN_STATUSES, Event, Open, State
from kanhe.adapters.model_http_reply import HttpReply, media_type
from kanhe.adapters.retry import BUSY_STATUSES, pause_s, retry_after_s
from kanhe.adapters.upstream import (
    Fault,
    Upstream,
    misdirected,
    silent,
    unanswered,
    unreadable,
)
from kanhe.errors import UpstreamBusy, UpstreamError
from kanhe.model import Call

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_READABLE = frozenset({"application/json", "text/event-stream", ""})
_LARGE = 1 << 20


class HttpModel:
    """A `Model` behind one `Upstream`. Use it from one event loop; it opens nothing before a call.

    Args:
        upstream: Where the model is, and on which terms it is called.
        clock: Monotonic seconds, for the circuit breaker.
        luck: A fraction in [0, 1), for the jitter of pauses.
        sleep: Waits the seconds it is given.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        clock: Callable[[], float] = time.monotonic,
        luck: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._upstream = upstream
        self._base = upstream.base_url.rstrip("/")
        self._clock, self._luck, self._sleep = clock, luck, sleep
        self._state: State = breaker.FRESH
        self._session: aiohttp.ClientSession | None = None
        self._replies: set[HttpReply] = set()
        self._pending = 0
        self._closed = False

    async def call(self, call: Call) -> HttpReply:
        """Send `call`; see `Model.call`."""
        self._admit()
        self._note(Event.ASKED)
        self._pending += 1
        event = Event.ABANDONED
        try:
            outcome = await self._begin(call)
            event = _event(outcome)
        finally:
            self._pending -= 1
            self._note(event)
        if isinstance(outcome, Fault):
            raise outcome.error
        reply = HttpReply(outcome, self._upstream, self._settle)
        self._replies.add(reply)
        return reply

    async def ready(self) -> bool:
        """Say whether a call would be tried now."""
        return self._refusal() is None

    async def aclose(self) -> None:
        """Close every open answer and the pool; later calls are refused."""
        self._closed = True
        for reply in tuple(self._replies):
            await reply.close()
        if self._session is not None:
            await self._session.close()

    def _admit(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            raise refusal

    def _refusal(self) -> UpstreamBusy | None:
        name, most = self._upstream.name, self._upstream.most_calls
        if self._closed:
            return self._shut()
        if self._pending + len(self._replies) >= most:
            return UpstreamBusy(
                f"model {name!r} has {most} calls open, which is its limit",
                advice="Try again later, or raise the limit if the server has room.",
            )
        now = self._clock()
        if breaker.admits(self._state, now):
            return None
        again = f"in {self._state.until - now:.0f} s" if isinstance(self._state, Open) else "soon"
        return UpstreamBusy(
            f"model {name!r} failed {self._upstream.circuit.failures} times in a row "
            f"and is left alone; it is tried again {again}",
            advice=f"Check the server at {self._upstream.base_url}.",
        )

    def _shut(self) -> UpstreamBusy:
        return UpstreamBusy(
            f"model {self._upstream.name!r} is shut down", advice="Start the gateway again."
        )

    def _note(self, event: Event) -> None:
        self._state = breaker.step(self._upstream.circuit, self._state, event, self._clock())

    def _settle(self, reply: HttpReply, event: Event | None) -> None:
        self._replies.discard(reply)
        if event is not None and reply.status not in DOWN_STATUSES:
            self._note(event)

    async def _begin(self, call: Call) -> aiohttp.ClientResponse | Fault:
        tried = 0
        while True:
            outcome = await self._try(call)
            tried += 1
            pause = self._pause(outcome, tried)
            if pause is None:
                return outcome
            if isinstance(outcome, aiohttp.ClientResponse):
                outcome.close()
            await self._sleep(pause)
            if self._closed:
                return Fault(self._shut())

    def _pause(self, outcome: aiohttp.ClientResponse | Fault, tried: int) -> float | None:
        asked_s = None
        if isinstance(outcome, Fault):
            again = outcome.again
        elif again := outcome.status in BUSY_STATUSES:
            asked_s = retry_after_s(outcome.headers, datetime.now(UTC))
        if not again or self._closed:
            return None
        return pause_s(self._upstream.retry, tried, asked_s, self._luck())

    async def _try(self, call: Call) -> aiohttp.ClientResponse | Fault:
        session = self._session or self._open()
        # aiohttp warns of bytes above 1 MiB: it writes them in one go, a BytesIO in pieces.
        body = call.body if len(call.body) < _LARGE else BytesIO(call.body)
        try:
            async with asyncio.timeout(self._upstream.timeouts.first_byte_s):
                response = await session.post(
                    self._base + call.path, data=body, allow_redirects=False
                )
        except aiohttp.ClientError as error:
            return unanswered(self._upstream, error)
        except TimeoutError:
            return silent(self._upstream)
        return self._checked(response)

    def _checked(self, response: aiohttp.ClientResponse) -> aiohttp.ClientResponse | Fault:
        """Refuse an answer that we could not pass on as what it says it is."""
        error: UpstreamError | None = None
        encoding = response.headers.get("Content-Encoding", "identity")
        if response.status in _REDIRECTS:
            error = misdirected(self._upstream, response.status)
        elif encoding.lower() != "identity":
            error = unreadable(self._upstream, f"content encoding {encoding[:40]!r}")
        elif response.status == 200 and (media := media_type(response)) not in _READABLE:
            error = unreadable(self._upstream, f"content type {media[:80]!r}")
        if error is None:
            return response
        response.close()
        return Fault(error)

    def _open(self) -> aiohttp.ClientSession:
        upstream = self._upstream
        # `most_calls` is our own limit and refuses; a limit here would queue without a word.
        if upstream.keep_alive_s:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=upstream.keep_alive_s)
        else:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=upstream.timeouts.connect_s),
            headers=_headers(upstream),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self._session


def _headers(upstream: Upstream) -> MappingProxyType[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "kanhe",
    }
    if upstream.key is not None:
        headers["Authorization"] = f"Bearer {upstream.key.reveal()}"
    return MappingProxyType(headers)


def _event(outcome: aiohttp.ClientResponse | Fault) -> Event:
    if isinstance(outcome, Fault) or outcome.status in DOWN_STATUSES:
        return Event.FAILED
    return Event.BEGAN
