"""The port to a model over HTTP: any server that speaks the OpenAI wire.

What is promised beside the port:
* A call is tried again only before the first byte of an answer, and never elsewhere: redirects are
  refused, proxies of the environment and cookies are ignored.
* `close()` closes the connection, at once; it never reads the rest. That is what makes a server
  stop generating. A complete answer gives its connection back to the pool.
* The body comes as the network gave it: not decompressed, not split, not decoded.

Not here: what the bytes mean. A body may be whole as HTTP and still lack its `[DONE]`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from io import BytesIO
from types import MappingProxyType

import aiohttp
from yarl import URL

from kanhe.adapters import breaker
from kanhe.adapters.breaker import Event, Open, State
from kanhe.adapters.retry import BUSY_STATUSES, pause_s, retry_after_s
from kanhe.adapters.upstream import (
    Fault,
    Upstream,
    broken_off,
    dropped,
    misdirected,
    silent,
    stalled,
    unanswered,
    unreadable,
)
from kanhe.errors import UpstreamBusy, UpstreamError
from kanhe.model import Call

# 500 is not among them: many servers answer it to one bad request, and one caller could then close
# the door for all.
_DOWN = frozenset({502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_READABLE = frozenset({"application/json", "text/event-stream", ""})
_LARGE = 1 << 20
_LOOK_S = 1.0


class HttpReply:
    """An answer on its way: a `Reply` over one connection."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        upstream: Upstream,
        settle: Callable[[HttpReply, Event | None], None],
    ) -> None:
        self.status = response.status
        self.content_type = _media_type(response)
        self._response = response
        self._upstream = upstream
        self._settle = settle
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.TimerHandle | None = None
        self._waiting_since: float | None = None
        self._read = False
        self._over = False
        self._late = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives; see `Reply.chunks`."""
        if self._read:
            raise RuntimeError("the body of a reply is read once")
        self._read = True
        content, now = self._response.content, self._loop.time
        self._look()
        try:
            while True:
                self._waiting_since = now()
                chunk = await content.readany()
                if not chunk:
                    break
                self._waiting_since = None
                yield chunk
        except aiohttp.ClientError:
            pass
        else:
            self._end(Event.COMPLETED)
            return
        # aiohttp raises before it gives what it had read already; that part arrived and stands.
        if rest := content._read_nowait(-1):
            yield rest
        raise self._fault()

    def _look(self) -> None:
        """Close an answer that has been silent too long or has lost its connection.

        One timer an answer instead of one a read: a read costs two looks at the clock only.
        """
        since, now, idle_s = self._waiting_since, self._loop.time(), self._upstream.timeouts.idle_s
        due = (now if since is None else since) + idle_s
        # aiohttp drops the connection at a malformed chunk and tells nobody who waits for the body.
        lost = (held := self._response.connection) is not None and held.transport is None
        if since is not None and (lost or due <= now):
            self._late = not lost
            self._response.close()
        else:
            self._watch = self._loop.call_at(min(due, now + _LOOK_S), self._look)

    def _fault(self) -> UpstreamError:
        if self._over:
            return dropped(self._upstream)
        self._response.close()
        self._end(Event.FAILED)
        return stalled(self._upstream) if self._late else broken_off(self._upstream)

    async def close(self) -> None:
        """Close the connection now; see `Reply.close`."""
        if not self._over:
            self._response.close()
            self._end(None)

    def _end(self, event: Event | None) -> None:
        self._over = True
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._settle(self, event)


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
        self._clock, self._luck, self._sleep = clock, luck, sleep
        self._state: State = breaker.FRESH
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
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
        if event is not None and reply.status not in _DOWN:
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
        url = self._urls.get(call.path) or self._address(call.path)
        # aiohttp warns of bytes above 1 MiB: it writes them in one go, a BytesIO in pieces.
        body = call.body if len(call.body) < _LARGE else BytesIO(call.body)
        try:
            async with asyncio.timeout(self._upstream.timeouts.first_byte_s):
                response = await session.post(url, data=body, allow_redirects=False)
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
        elif response.status == 200 and (media := _media_type(response)) not in _READABLE:
            error = unreadable(self._upstream, f"content type {media[:80]!r}")
        if error is None:
            return response
        response.close()
        return Fault(error)

    def _address(self, path: str) -> URL:
        url = URL(self._upstream.base_url.rstrip("/") + path)
        self._urls[path] = url
        return url

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


def _media_type(response: aiohttp.ClientResponse) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _event(outcome: aiohttp.ClientResponse | Fault) -> Event:
    if isinstance(outcome, Fault) or outcome.status in _DOWN:
        return Event.FAILED
    return Event.BEGAN
