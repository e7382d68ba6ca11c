"""Events over HTTP to whoever the operator names, in the form of Standard Webhooks.

Signed with HMAC-SHA256 over number, time and body, so that the receiver can tell who sent it and
that it is new. An event waits in a short queue and is tried again for some minutes; when the queue
is full the oldest goes, and that is logged. Nobody ever waits for it. Facts only: standings,
numbers of entries; never a text, a name or a key.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import aiohttp

from kanhe.adapters.retry import Retry, pause_s
from kanhe.ledger.entry import Json
from kanhe.settings_webhooks import WebhookSettings

_log = logging.getLogger(__name__)

Sleep: TypeAlias = Callable[[float], Awaitable[None]]

RETRY = Retry(times=6, first_pause_s=2.0, longest_pause_s=120.0)
_MOST_WAITING = 256
_TIMEOUT = aiohttp.ClientTimeout(total=15)


class Webhook:
    """One receiver. Use it from one event loop; `start` it, and `aclose` it at the end."""

    def __init__(self, settings: WebhookSettings, sleep: Sleep = asyncio.sleep) -> None:
        self._settings, self._sleep = settings, sleep
        self._waiting: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_MOST_WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.get_running_loop().create_task(self._send_all())

    async def aclose(self) -> None:
        """Stop; what waits is dropped."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def tell(self, kind: str, facts: Mapping[str, Json]) -> None:
        """Take an event; it is sent in its turn."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = json.dumps({"type": kind, "timestamp": moment, "data": facts}).encode()
        if self._waiting.full():
            self._waiting.get_nowait()
            _log.warning("webhook %s: too many events wait, the oldest is dropped", self._where)
        self._waiting.put_nowait((f"msg_{secrets.token_hex(16)}", body))

    @property
    def _where(self) -> str:
        """Host only: a path often holds a key."""
        return self._settings.host

    async def _send_all(self) -> None:
        async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session:
            while True:
                number, body = await self._waiting.get()
                await self._send(session, number, body)

    async def _send(self, session: aiohttp.ClientSession, number: str, body: bytes) -> None:
        tried = 0
        while True:
            why = await self._try(session, number, body)
            if why is None:
                return
            tried += 1
            # Not all at once after an outage, and not at no distance either.
            pause = pause_s(RETRY, tried, None, 0.5 + random.random() / 2)  # noqa: S311 # no secret
            if pause is None:
                _log.error("webhook %s: an event is given up after %d tries: %s",
                           self._where, tried, why)  # fmt: skip
                return
            await self._sleep(pause)

    async def _try(self, session: aiohttp.ClientSession, number: str, body: bytes) -> str | None:
        """Send once; None if it was taken, else why not."""
        headers = signed(self._settings.key, number, int(time.time()), body)
        try:
            async with session.post(
                self._settings.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return None if 200 <= answer.status < 300 else f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__


def signed(key: bytes, number: str, moment: int, body: bytes) -> dict[str, str]:
    """Give the headers of an event.

    Source:
        Standard Webhooks, "Webhook metadata" and "Symmetric signatures": HMAC-SHA256 over
        `id.timestamp.body`.
    """
    mark = hmac.digest(key, b".".join((number.encode(), str(moment).encode(), body)), "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }
