"""Many callers at once that finish, stall, break rules and leave: each is on the ledger, once.

The oracle: of what the model said every caller has seen a prefix that ends before the banned run,
and every beginning on the ledger has exactly one end, of a kind that its caller can have seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter

from scripted import HANG, SSE_HEAD, chunked, said
from served import Served, request, until

CALLERS = 400
AT_ONCE = 40
TEXT = ["word ", "after ", "word ", "and "]
KINDS = {
    "fine": said(*TEXT),
    "stopped": said(*TEXT, "看蓝色", "独角兽", *TEXT),
    "masked": said(*TEXT, "622588", "9960308247", " ok"),
    "cut": None,
    "hangs": [*said(*TEXT)[:-2], HANG],
}
ENDS = {
    "fine": {"released"}, "stopped": {"stopped"}, "masked": {"released"},
    "cut": {"failed"}, "hangs": {"failed"},
}  # fmt: skip
CONFIG = """
[[models]]
name = "up"
base_url = "{url}"
retries = 0
idle_s = 1
"""


def script(body):
    kind = body["metadata"]["kind"]
    if kind == "cut":
        return [SSE_HEAD, *map(chunked, said(*TEXT)[:-2])]
    return [SSE_HEAD, *(piece and chunked(piece) for piece in KINDS[kind]), b"0\r\n\r\n"]


async def caller(port, kind, leave_after):
    """Ask; read to the end, or leave after so many bytes. Give what was read."""
    body = {"model": "up", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    data = json.dumps(body | {"metadata": {"kind": kind}}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    read = b""
    with contextlib.suppress(ConnectionError):
        writer.write(request(data, headers="Connection: close\r\n"))
        while leave_after is None or len(read) < leave_after:
            piece = await reader.read(500)
            if not piece:
                break
            read += piece
    if leave_after is not None and leave_after % 2:
        writer.transport.abort()  # a reset, not a polite end
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return kind, leave_after, read


async def crowd(port, seed):
    luck, room = random.Random(seed), asyncio.Semaphore(AT_ONCE)  # noqa: S311 # no secret

    async def one():
        kind = luck.choice(list(KINDS))
        leave = luck.choice([None, None, 0, 1, 600, 1200, 1801])
        async with room:
            return await caller(port, kind, leave)

    return await asyncio.gather(*(one() for _ in range(CALLERS)))


def decision(read):
    return read.partition(b"x-kanhe-decision: ")[2].partition(b"\r\n")[0].decode()


def test_in_a_crowd_every_exchange_is_guarded_and_has_one_end(upstream, tmp_path):
    served = Served(tmp_path, config=CONFIG.format(url=upstream.url))
    upstream.raw, upstream.pause_s = script, 0.001
    try:
        seen = asyncio.run(crowd(served.port, 7))
        until(lambda: running(served) == 0, "nothing runs any more", 30)
        until(lambda: all(v.over.is_set() for v in upstream.visits), "no model speaks any more", 30)
        check(served, seen)
        assert served.verify()[0] == 0
    finally:
        upstream.raw, upstream.pause_s = None, 0.0
        assert served.stop() == 0


def check(served, seen):
    for _, _, read in seen:
        for leak in ("蓝色", "独角兽", "\\u84dd", "622588", "9960308247"):
            assert leak.encode() not in read
    found = served.entries("gateway:*")
    begun = [e["decision"] for e in found if e["tag"] == "gateway:answer:begun"]
    ends = {e["decision"]: e["tag"].rpartition(":")[2] for e in found if e["decision"] in begun}
    count = Counter(e["decision"] for e in found if e["tag"] != "gateway:answer:begun")
    assert set(count) == set(begun)
    assert set(count.values()) == {1}
    for kind, left, read in seen:
        if (name := decision(read)) and left is None:
            assert ends[name] in ENDS[kind], (kind, read)
        elif name:
            assert ends[name] in {*ENDS[kind], "abandoned"}, (kind, left)
    assert {"released", "stopped", "failed", "abandoned"} <= set(ends.values())


def running(served):
    lines = served.get("/metrics").decode().splitlines()
    return next(float(ln.split()[1]) for ln in lines if ln.startswith("kanhe_requests_running "))
