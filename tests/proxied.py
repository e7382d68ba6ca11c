"""The proxy called as a server calls it: ASGI messages in and out, no socket."""

from __future__ import annotations

import asyncio
import json

from exchanges import Gateway
from kanhe.web.metrics import Metrics
from kanhe.web.proxy import Limits, Proxy

CHATS = {"messages": [{"role": "user", "content": "hi"}]}
KEY = (b"authorization", b"Bearer key")


class Keys:
    """An `Applications` with one key."""

    def find(self, key):
        return "app" if key == "key" else None


class Called:
    """One request: what it sends can be scripted, what it gets is kept."""

    def __init__(self, body=CHATS, *, path="/v1/chat/completions", method="POST", headers=(KEY,)):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
        self.incoming = asyncio.Queue()
        self.say({"type": "http.request", "body": raw, "more_body": False})
        self.sent = []
        self.gone = None
        """After how many messages the connection breaks for whoever sends."""

    def say(self, message):
        self.incoming.put_nowait(message)

    def leave(self):
        self.say({"type": "http.disconnect"})

    async def receive(self):
        return await self.incoming.get()

    async def send(self, message):
        if self.gone is not None and len(self.sent) >= self.gone:
            raise OSError("the connection is gone")
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def body(self):
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def error(self):
        assert self.headers[b"content-type"] == b"application/json"
        assert int(self.headers[b"content-length"]) == len(self.body)
        return json.loads(self.body)["error"]

    @property
    def is_whole(self):
        """Whether the response was ended as ASGI asks for it."""
        return not self.sent[-1].get("more_body", False)


def proxy_over(gateway=None, **limits):
    gateway = gateway or Gateway()
    metrics = Metrics(gateway.journal, gateway.ledger)
    made = Proxy(gateway.exchange, Keys(), Limits(**limits), metrics, user_header="x-end-user")
    made.metrics = metrics
    return made


async def call(proxy, called):
    await asyncio.wait_for(proxy(called.scope, called.receive, called.send), 5)
    return called
