"""Servers behind judges, for tests: one in memory, one on the loopback, and what real ones send.

The shapes are written after the documentation of the servers (OpenAI's API reference, vLLM's
OpenAI-compatible server) and after what llama.cpp's server really sent to a probe.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from fakes import ScriptedReply
from kanhe.adapters.judge_server import JudgeServer, Known
from kanhe.model import Call

Answers = Callable[[str, dict], object]
"""(path, what was asked) → bytes, JSON, (status, either), or an error to raise."""


class AnsweringModel:
    """A `Model` that answers each call by a function of what was asked."""

    def __init__(self, answers: Answers) -> None:
        self.asked: list[dict] = []
        self.paths: list[str] = []
        self.closed = 0
        self._answers = answers

    async def call(self, call: Call) -> ScriptedReply:
        self.paths.append(call.path)
        asked = json.loads(call.body)
        self.asked.append(asked)
        await asyncio.sleep(0)
        said = self._answers(call.path, asked)
        if isinstance(said, BaseException):
            raise said
        status, body = said if isinstance(said, tuple) else (200, said)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return ScriptedReply((raw,), status, "application/json")

    async def ready(self) -> bool:
        return True

    async def aclose(self) -> None:
        self.closed += 1


def server_of(answers: Answers, known: Known | None = None) -> tuple[JudgeServer, AnsweringModel]:
    """Give a server that answers by `answers`, and the model behind it, which kept what came."""
    model = AnsweringModel(answers)

    async def learn() -> Known:
        return known or Known("m", {"id": "m"})

    return JudgeServer("guard", model, "http://127.0.0.1:8000/v1", learn), model


def chat(text: str | None, finish: str = "stop", logprobs: object = None, **message: object):
    """A chat completion, as vLLM and OpenAI send it."""
    said = {"role": "assistant", "content": text, "refusal": None, **message}
    choice = {"index": 0, "message": said, "logprobs": logprobs, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 300, "completion_tokens": 9, "total_tokens": 309},
    }


def place(token: str, *top: tuple[str, float]) -> dict:
    """One place of the odds of a chat, as OpenAI, vLLM and llama.cpp tell them."""
    several = [{"token": t, "logprob": p, "bytes": list(t.encode())} for t, p in top]
    return {"token": token, "logprob": dict(top).get(token, -9.0), "top_logprobs": several}


class Serving:
    """An HTTP/1.1 server on the loopback: `async with Serving(handler) as server`.

    `handler(method, path, headers, body)` gives (status, JSON or bytes). `server.url` ends in /v1.
    """

    def __init__(self, handler: Callable[[str, str, dict, bytes], tuple[int, object]]) -> None:
        self._handler = handler
        self.asked: list[tuple[str, str, dict, bytes]] = []

    async def __aenter__(self) -> Serving:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = top[0].split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in top[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append((method, path, headers, body))
        status, said = self._handler(method, path, headers, body)
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        writer.write(
            b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % (status, len(raw)) + raw
        )
        await writer.drain()
        writer.close()
