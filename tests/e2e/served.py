"""A real `kanhe serve` in front of a model that says what it is told: for tests over sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
KANHE = Path(sys.executable).with_name("kanhe")
KEY = "test-key-0123456789-0123456789-0123456789"

RULES = """
name: test
version: "1"
rules:
  - id: unicorn
    category: A.1.h
    on: [prompt, answer]
    match: {terms: {list: [蓝色独角兽, forbidden kumquat]}}
    folds: all
    boundary: none
    action: block
    severity: high
    notice: {zh: 这里不能谈这个, en: This cannot be talked about here}
    examples: {match: [看蓝色独角兽], miss: [蓝色的马]}
  - id: card
    category: A.4.e
    on: [answer]
    match: {recogniser: bank-card}
    action: mask
    mask: "[card]"
    examples: {match: ["卡号6225889960308247"], miss: ["卡号6225889960308248"]}
  - id: tried-out
    category: A.1.h
    on: [answer]
    match: {terms: {list: [shadowword]}}
    action: block
    mode: shadow
    examples: {match: [a shadowword b], miss: [a shadow word b]}
"""


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


def sse(document):
    return b"data: " + json.dumps(document).encode() + b"\n\n"


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


class Upstream:
    """A model server on a thread of its own. Set `stream` (pieces of the body) or `answer`.

    `pause_s` is waited between pieces; `requests` are the bodies that came; `closed_after_s` tells,
    for the last stream, how long after the piece numbered `mark` its client was gone.
    """

    def __init__(self):
        self.stream = said("hello", " world")
        self.answer = whole("hello world")
        self.status = 200
        self.pause_s = 0.0
        self.requests = []
        self.written = 0
        self.gone_at = None
        self.sent_at = {}
        self.gone = threading.Event()
        self._loop = asyncio.new_event_loop()
        started = threading.Event()

        def run():
            asyncio.set_event_loop(self._loop)
            server = self._loop.run_until_complete(
                asyncio.start_server(self._serve, "127.0.0.1", 0)
            )
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            self._loop.run_forever()
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        started.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                body = json.loads(await reader.readexactly(length))
                self.requests.append(body)
                if body.get("stream"):
                    await self._say(reader, writer)
                    break
                data = json.dumps(self.answer).encode()
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n" % self.status
                    + b"Content-Length: %d\r\n\r\n" % len(data)
                    + data
                )
                await writer.drain()
        writer.close()

    async def _say(self, reader, writer):
        self.written, self.gone_at, self.sent_at = 0, None, {}
        self.gone.clear()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        watch = asyncio.ensure_future(reader.read(1))
        watch.add_done_callback(lambda _: self._left())
        for number, piece in enumerate(self.stream):
            if watch.done():
                return
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            self.sent_at[number] = time.monotonic()
            self.written = number + 1
            if self.pause_s:
                await asyncio.wait([watch], timeout=self.pause_s)
        if not watch.done():
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    def _left(self):
        self.gone_at = time.monotonic()
        self.gone.set()


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class Served:
    """A running `kanhe serve`; `log` is what it wrote to its standard error."""

    def __init__(self, directory, *arguments, rules=RULES, env=None, upstream=None):
        self.directory = directory
        self.port = free_port()
        self.data = directory / "data"
        self.rules = directory / "rules.yaml"
        self.rules.write_text(rules, encoding="utf-8")
        self.log = directory / "log"
        command = [KANHE, "serve", "--port", str(self.port), "--data", self.data]
        command += ["--ruleset", self.rules, "--app-key", KEY]
        if upstream is not None:
            command += ["--upstream", upstream.url, "--model", "up"]
        environment = {key: value for key, value in os.environ.items() if "KANHE" not in key}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 # our own command
                [*map(str, command), *map(str, arguments)],
                stdout=log,
                stderr=log,
                env=environment | (env or {}),
                cwd=directory,
            )
        self._await_ready()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def _await_ready(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"kanhe serve ended: {self.log.read_text()}")
            with contextlib.suppress(OSError, urllib.error.URLError):
                self.get("/healthz")
                return
            self.process_wait(0.05)
        raise RuntimeError(f"kanhe serve is not there: {self.log.read_text()}")

    def process_wait(self, seconds):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def get(self, path):
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 # loopback
            return answer.read()

    def post(self, path, body, headers=None):
        """(status, headers, body) of a request; a `dict` is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310 # loopback
            f"http://127.0.0.1:{self.port}{path}", data, sent | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # loopback
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def chat(self, prompt="hello", headers=None, **more):
        body = {"model": "up", "messages": [{"role": "user", "content": prompt}], **more}
        return self.post("/v1/chat/completions", body, headers)

    def entries(self, tag="*"):
        """The ledger's entries with a tag, as the command shows them."""
        shown = subprocess.run(  # noqa: S603 # our own command
            [KANHE, "ledger", "show", "--dir", self.data / "ledger", "--tag", tag, "--json"],
            capture_output=True,
            text=True,
            check=True,
        )
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process_wait(15)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)


def events(body):
    """The documents of a stream; `[DONE]` as it is."""
    found = []
    for line in body.decode().split("\n"):
        if line.startswith("data: "):
            data = line[6:]
            found.append(data if data == "[DONE]" else json.loads(data))
    return found


def content(body):
    """The text of a stream's first choice."""
    return "".join(
        choice["delta"].get("content") or ""
        for event in events(body)
        if event != "[DONE]"
        for choice in event["choices"]
        if choice["index"] == 0
    )
