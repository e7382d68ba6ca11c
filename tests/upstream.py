"""A scripted HTTP/1.1 server on the loopback that fails, stalls and lies exactly as it is told.

It is a real socket with a real peer: what it records (`closed`, `received`) is what an upstream
would see. Each behaviour has a name in `BEHAVIOURS`; a script is a sequence of names, one a
request, of which the last repeats.
"""

import asyncio
import functools
import gzip
import json
import socket
from contextlib import closing

import uvloop

from kanhe.adapters.model_embedded import weights
from kanhe.errors import SettingsError
from needs import absent

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
DONE = b"data: [DONE]\n\n"
ANSWER = json.dumps({"choices": [{"index": 0, "message": {"content": "hello"}}]}).encode()
LIMIT_S = 20


def on_loop(test):
    """Run an async test to its end on uvloop, the loop we serve on, and never for long."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(asyncio.wait_for(test(*args, **kwargs), LIMIT_S))

    return run


def require_embedded():
    """Skip where the embedded model is not installed; in CI it has to be."""
    try:
        weights()
    except SettingsError as error:
        absent(str(error), error.advice)


def refusing_url():
    """Give an address at which nothing listens."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{bound.getsockname()[1]}/v1"


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


def head(status="200 OK", **headers):
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "\r\n"]).encode()


SSE = head(Content_Type="text/event-stream; charset=utf-8", Transfer_Encoding="chunked")


def whole(status="200 OK", body=ANSWER, **headers):
    headers = {"Content_Type": "application/json", **headers}
    return head(status, **headers, Content_Length=len(body)) + body


async def delivered():
    """Let the loop, which the client shares, carry what was written: a few rounds, no time."""
    for _ in range(8):
        await asyncio.sleep(0)


async def forever():
    await asyncio.get_running_loop().create_future()


async def json_answer(peer):
    peer.write(whole())


async def sse(peer):
    peer.write(SSE)
    for _ in range(peer.server.events):
        peer.write(chunk(EVENT))
        await asyncio.sleep(0)
    peer.write(chunk(DONE) + b"0\r\n\r\n")


async def like_a_model(peer):
    """Answer as asked: `stream`, `max_tokens`, and 400 for messages that are no list."""
    asked = json.loads(peer.server.received[-1][2])
    if not isinstance(asked["messages"], list):
        peer.write(whole("400 Bad Request", b'{"error":{"message":"messages is no list"}}'))
    elif asked["stream"]:
        peer.write(SSE)
        for _ in range(asked["max_tokens"]):
            peer.write(chunk(EVENT))
            await asyncio.sleep(0.002)
        peer.write(chunk(DONE) + b"0\r\n\r\n")
    else:
        peer.write(whole())


async def hangs_before_headers(peer):
    await forever()


async def drips_headers(peer):
    for byte in SSE:
        peer.write(bytes([byte]))
        await asyncio.sleep(0.02)


async def hangs_in_the_middle(peer):
    peer.write(SSE + chunk(EVENT))
    await forever()


async def never_ends(peer):
    peer.write(SSE)
    while True:
        peer.write(chunk(EVENT))
        await asyncio.sleep(0.005)


async def floods(peer):
    peer.write(SSE)
    while True:
        peer.write(chunk(EVENT * 1000))
        await asyncio.sleep(0)


async def garbage(peer):
    peer.write(b"\x00\xff\x16\x03\x01 this was never HTTP\n\n" * 4)
    peer.close()


async def cuts_in_an_event(peer):
    peer.write(SSE + chunk(EVENT) + b"%x\r\n%b" % (len(EVENT), EVENT[:20]))
    await delivered()
    peer.close()


async def cuts_a_length(peer):
    peer.write(head(Content_Type="application/json", Content_Length=len(ANSWER)) + ANSWER[:9])
    await delivered()
    peer.close()


async def huge_headers(peer):
    peer.write(head(Content_Type="application/json", X_Long="x" * 200_000, Content_Length=0))


async def json_500(peer):
    peer.write(whole("500 Internal Server Error", b'{"error":{"message":"boom"}}'))


async def busy(peer):
    peer.write(whole("429 Too Many Requests", b'{"error":{}}', Retry_After="1"))


async def busy_for_long(peer):
    peer.write(whole("429 Too Many Requests", b'{"error":{"message":"slow"}}', Retry_After="3600"))


async def overloaded(peer):
    peer.write(whole("503 Service Unavailable", b'{"error":{}}'))


async def closes_at_once(peer):
    peer.close()


async def html(peer):
    peer.write(whole(body=b"<html>Welcome</html>", Content_Type="text/html"))


async def redirects(peer):
    peer.write(head("307 Temporary Redirect", Location="http://127.0.0.1:9/", Content_Length=0))


async def drips(peer):
    peer.write(SSE)
    for byte in EVENT + DONE:
        peer.write(chunk(bytes([byte])))
        await asyncio.sleep(0.002)
    peer.write(b"0\r\n\r\n")


async def gzipped(peer):
    peer.write(whole(body=gzip.compress(ANSWER), Content_Encoding="gzip"))


async def bad_chunks(peer):
    peer.write(SSE + chunk(EVENT))
    await delivered()
    peer.write(b"not hexadecimal\r\n" + EVENT)


BEHAVIOURS = {
    behaviour.__name__: behaviour
    for behaviour in (
        json_answer,
        sse,
        like_a_model,
        hangs_before_headers,
        drips_headers,
        hangs_in_the_middle,
        never_ends,
        floods,
        garbage,
        cuts_in_an_event,
        cuts_a_length,
        huge_headers,
        json_500,
        busy,
        busy_for_long,
        overloaded,
        closes_at_once,
        html,
        redirects,
        drips,
        gzipped,
        bad_chunks,
    )
}


class Peer(asyncio.Protocol):
    """One connection: parses requests just enough to know where they end."""

    def __init__(self, server):
        self.server = server
        self._seen = b""
        self._task = None

    def connection_made(self, transport):
        self._transport = transport
        self.server.connections += 1
        self.server._peers.add(self)

    def data_received(self, data):
        self._seen += data
        if self._seen.startswith(
            b"\x16\x03"
        ):  # a TLS ClientHello; real servers answer in plain text
            self.write(whole("400 Bad Request", b""))
            self.close()
        top, end, rest = self._seen.partition(b"\r\n\r\n")
        if not end:
            return
        lines = top.decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        self._seen = rest[size:]
        self.server.received.append((lines[0], headers, rest[:size]))
        self.server.asked.set()
        self._task = asyncio.ensure_future(self.server._next()(self))

    def write(self, data):
        self._transport.write(data)

    def close(self):
        self._transport.close()

    def connection_lost(self, error):
        self.server._lost(self)
        if self._task is not None:
            self._task.cancel()


class Scripted:
    """The server: `async with Scripted("busy", "json_answer") as server`.

    `received` holds (request line, headers, body) in order, and `asked` is set at the first of
    them; `closed` resolves to the loop's time at which a connection was first lost; `connections`
    counts those that were made.
    """

    def __init__(self, *script, events=3):
        self._script = [BEHAVIOURS[name] for name in script]
        self._peers = set()
        self.events = events
        self.connections = 0
        self.received = []

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self.closed = loop.create_future()
        self.asked = asyncio.Event()
        self._server = await loop.create_server(lambda: Peer(self), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *exc):
        self._server.close()
        for peer in tuple(self._peers):
            peer._transport.abort()
        await self._server.wait_closed()

    def _next(self):
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def _lost(self, peer):
        self._peers.discard(peer)
        if not self.closed.done():
            self.closed.set_result(asyncio.get_running_loop().time())
