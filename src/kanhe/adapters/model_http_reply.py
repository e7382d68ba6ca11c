"""An answer on its way over one HTTP connection: read once, and dropped at any time.

`close()` closes the connection, at once; it never reads the rest. That is what makes a server stop
generating. The body comes as the network gave it: not decompressed, not split, not decoded.

Not here: what the bytes mean. A body may be whole as HTTP and still lack its `[DONE]`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp

from kanhe.adapters.breaker import Event
from kanhe.adapters.upstream import Upstream, broken_off, dropped, stalled
from kanhe.errors import UpstreamError

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
        self.content_type = media_type(response)
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


def media_type(response: aiohttp.ClientResponse) -> str:
    """Give the media type without parameters, lower case; empty if none was sent."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
