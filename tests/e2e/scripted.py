"""A model server for tests over sockets: it says, stalls and breaks off as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from dataclasses import dataclass, field


def chunk(content=None, finish=None, index=0, **delta):
    if content is not None:
        delta["content"] = content
    return {
        "id": "chatcmpl-up",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "up",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }


def sse(document, *, escaped=True):
    """One event; `escaped`: with \\u instead of the characters themselves."""
    return b"data: " + json.dumps(document, ensure_ascii=escaped).encode() + b"\n\n"


def said(*texts):
    """The events of an ordinary stream."""
    first = sse(chunk("", role="assistant"))
    return [
        first,
        *(sse(chunk(text)) for text in texts),
        sse(chunk(finish="stop")),
        b"data: [DONE]\n\n",
    ]


def whole(content, **message):
    return {
        "id": "chatcmpl-up",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "up",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


@dataclass
class Visit:
    """One request as the model saw it; times are seconds of the monotonic clock.

    `sent_at[n]` is the instant before piece n was written; `gone_at` that at which the client's
    side of the connection was seen closed; `gone` is set then, `over` when we stopped writing.
    """

    path: str
    headers: dict
    body: dict
    sent_at: list = field(default_factory=list)
    gone_at: float | None = None
    gone: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def written(self):
        return len(self.sent_at)

    def left(self):
        self.gone_at = self.gone_at or time.monotonic()
        self.gone.set()


HANG = None
"""A piece that is never sent: the model says nothing more until its client leaves."""

GATE = b""
"""A piece at which the model waits until the test says `go`."""


class Upstream:
    """A model server on a thread of its own that says what it is told.

    Set `stream` (pieces of the body of an event stream), `answer` (a document) or `raw` (bytes of
    a whole HTTP answer, in pieces, after which the connection is closed); each may be a function of
    the request's body. `pause_s` is waited between pieces. `visits` are the requests that came.
    """

    def __init__(self):
        self.stream = said("hello", " world")
        self.answer = whole("hello world")
        self.raw = None
        self.status = 200
        self.pause_s = 0.0
        self.visits = []
        self._loop = asyncio.new_event_loop()
        self._gate = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=4096)
        server = self._loop.run_until_complete(starting)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))  # connections are closed on a later turn
        self._loop.close()

    def say(self, *texts):
        """Say `texts`, one an event, from now on."""
        self.stream = said(*texts)
        self.answer = whole("".join(texts))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def last(self):
        return self.visits[-1]

    @property
    def requests(self):
        return [visit.body for visit in self.visits]

    def go(self):
        """Let the model speak on that waits at a gate."""
        self._loop.call_soon_threadsafe(self._gate.set)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _serve(self, reader, writer):
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(await _visit(reader), reader, writer):
                    pass
        finally:
            writer.close()

    async def _answer(self, visit, reader, writer):
        """Answer one request; say whether the connection is kept."""
        self.visits.append(visit)
        if raw := _for(self.raw, visit.body):
            await self._say(visit, reader, writer, raw)
        elif visit.body.get("stream"):
            writer.write(SSE_HEAD)
            pieces = [piece and chunked(piece) for piece in _for(self.stream, visit.body)]
            await self._say(visit, reader, writer, [*pieces, b"0\r\n\r\n"])
        else:
            data = json.dumps(_for(self.answer, visit.body)).encode()
            writer.write(http(data, self.status))
            await writer.drain()
            visit.over.set()
            return True
        return False

    async def _say(self, visit, reader, writer, pieces):
        self._gate.clear()
        watch = asyncio.ensure_future(reader.read(1))
        watch.add_done_callback(lambda task: task.cancelled() or (task.exception(), visit.left()))
        try:
            for piece in pieces:
                if watch.done() or (piece is HANG and await watch is not None):
                    return
                if piece == GATE:
                    await asyncio.wait_for(self._gate.wait(), 10)
                    continue
                visit.sent_at.append(time.monotonic())
                writer.write(piece)
                await writer.drain()
                if self.pause_s:
                    await asyncio.wait([watch], timeout=self.pause_s)
        except ConnectionError:
            visit.left()  # a reset is seen by whichever comes first: the reading or the writing
            raise
        finally:
            visit.over.set()
            if not watch.done():
                watch.cancel()


SSE_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)


def chunked(piece):
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def http(data, status=200, kind="application/json"):
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def _for(script, body):
    return script(body) if callable(script) else script


async def _visit(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in head[1:] if line)
    headers = {name.lower(): value for name, _, value in pairs}
    body = json.loads(await reader.readexactly(int(headers["content-length"])))
    return Visit(head[0].split(" ")[1], headers, body)
