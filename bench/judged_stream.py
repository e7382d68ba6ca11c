"""What a judged rule adds to a stream: time to the first text, text held, CPU a stream.

    python bench/judged_stream.py [--streams N] [--pace-ms MS] [--json]

One `kanhe serve` after another stands in front of the same paced upstream: without judged rules,
with one that trails, with one that holds. Upstream and client share this process and its clock, so
that the time of a text is from the moment the upstream wrote it to the moment the client had it.
Where a rule holds, that moment is when the upstream wrote the end of the first sentence: before it
nothing can leave, whoever judges. Streams come one at a time, prompts are all different, and
answers are harmless sentences of ../shared/data; what is held is counted from what the client got.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import aiohttp
from aiohttp import web

import machine

STREAM = Path(__file__).parent.parent.parent / "shared/data/streams/benign_zh.txt"
KANHE = Path(sys.executable).with_name("kanhe")
KEY = "bench-key-0123456789-0123456789-0123456789"
RULES = """
name: bench
version: "1"
rules:
  - id: meaning
    category: A.1.h
    match: {{judge: default, over: {{unsafe: 1.0}}, leave: {leave}, wait: 10}}
    on: {sides}
"""
PLAIN = """
name: bench
version: "1"
rules:
  - id: word
    category: A.1.h
    match: {terms: {list: [蓝色独角兽]}}
"""
MODES = {
    "no judge": PLAIN,
    "trail": RULES.format(leave="trail", sides="answer"),
    "hold": RULES.format(leave="hold", sides="answer"),
    "hold, prompt too": RULES.format(leave="hold", sides="[prompt, answer]"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of judging; milliseconds, characters, and CPU milliseconds a stream."""

    mode: str
    first_p50: float
    first_p95: float
    held_most: int
    cpu: float


class Upstream:
    """A model that says sentences, a few characters at a time, and notes when it said what."""

    def __init__(self, sentences: list[str], pace_s: float) -> None:
        self.said: list[str] = []
        self.at: list[float] = []
        """When the first text, or the end of the first sentence, was written."""
        self.sent = 0
        self._sentences, self._pace_s = sentences, pace_s
        self.whole_sentence = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError):  # a gateway that stops closes
            await self._say(response)
        return response

    async def _say(self, response: web.StreamResponse) -> None:
        chance = random.Random(len(self.said))
        text = "".join(chance.sample(self._sentences, 3))
        self.said.append(text)
        first = text.index("。") if self.whole_sentence else 0
        for start in range(0, len(text), 3):
            piece = text[start : start + 3]
            await response.write(_event({"content": piece}))
            self.sent = start + len(piece)
            if start <= first < start + 3:
                self.at.append(time.perf_counter())
            await asyncio.sleep(self._pace_s)
        await response.write(_event({}, "stop") + b"data: [DONE]\n\n")


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": [choice]}  # fmt: skip
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


async def measure(mode: str, rules: str, streams: int, pace_s: float) -> Outcome:
    upstream = Upstream(sentences(), pace_s)
    upstream.whole_sentence = mode.startswith("hold")
    app = web.Application()
    app.router.add_post("/v1/chat/completions", upstream.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    behind, front = free_port(), free_port()
    await web.TCPSite(runner, "127.0.0.1", behind).start()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), rules, front, behind) as pid,
    ):
        async with aiohttp.ClientSession() as session:
            await ready(session, front)
            await ask(session, front, upstream, 0)  # the judge is loaded, connections are open
            upstream.at.clear()
            cpu = cpu_of(pid)
            found = [await ask(session, front, upstream, n) for n in range(1, streams + 1)]
            cpu = cpu_of(pid) - cpu
    await runner.cleanup()
    late = [(had - at) * 1000 for (had, _), at in zip(found, upstream.at, strict=True)]
    held = max(most for _, most in found)
    return Outcome(mode, median(late), quantiles(late, n=20)[-1], held, cpu / streams * 1000)


async def ask(
    session: aiohttp.ClientSession, port: int, upstream: Upstream, number: int
) -> tuple[float, int]:
    """Read one stream; give when its first text came, and the most that was ever held."""
    asked = {"model": "m", "stream": True,
             "messages": [{"role": "user", "content": f"请讲讲第 {number} 个话题。"}]}  # fmt: skip
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    first, had, most = 0.0, 0, 0
    async with session.post(url, json=asked, headers={"authorization": f"Bearer {KEY}"}) as reply:
        async for line in reply.content:
            most = max(most, upstream.sent - had)
            if not line.startswith(b"data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            text = (choices[0]["delta"].get("content") or "") if choices else ""
            if text and not had:
                first = time.perf_counter()
            had += len(text)
    if not had:
        raise RuntimeError(f"stream {number} came empty; see why with the same rules and curl")
    return first, most


def sentences() -> list[str]:
    text = STREAM.read_text(encoding="utf-8")[:600_000]
    return [one for one in re.findall(r"[^。！？\n]{12,60}。", text) if "！" not in one][:2000]


def serving(folder: Path, rules: str, port: int, behind: int) -> Running:
    (folder / "r.yaml").write_text(rules, encoding="utf-8")
    command = [KANHE, "serve", "--data", folder / "data", "--port", str(port), "--upstream",
               f"http://127.0.0.1:{behind}/v1", "--model", "m", "--ruleset", folder / "r.yaml",
               "--app-key", KEY]  # fmt: skip
    return Running([str(part) for part in command], folder / "log")


class Running:
    """A process for the length of a `with`."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._command, self._log = command, log

    def __enter__(self) -> int:
        env = {**os.environ, "KANHE_LABEL": "header"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=env)
        return self._process.pid

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)


async def ready(session: aiohttp.ClientSession, port: int) -> None:
    for _ in range(240):
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as reply:
                if reply.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.25)
    raise RuntimeError("the gateway does not become ready within a minute")


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lines(found: list[Outcome]) -> Iterator[str]:
    yield f"{'':18}{'first text p50':>16}{'p95':>10}{'added p50':>12}{'held':>8}{'CPU':>10}"
    for one in found:
        added = one.first_p50 - found[0].first_p50
        yield (f"{one.mode:18}{one.first_p50:13.2f} ms{one.first_p95:7.2f} ms{added:9.2f} ms"
               f"{one.held_most:8}{one.cpu:7.2f} ms")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--pace-ms", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    say: Callable[[str], None] = print
    found = [
        asyncio.run(measure(mode, rules, args.streams, args.pace_ms / 1000))
        for mode, rules in MODES.items()
    ]
    if args.json:
        say(json.dumps({"outcomes": [asdict(one) for one in found], **machine.description()}))
    else:
        say("\n".join(lines(found)))


if __name__ == "__main__":
    main()
