"""An exchange over twins of all its ports, and what a client makes of its outcome."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

from fakes import MemoryLedger, MemoryStrikes, PlainNaming, ScriptedModel
from kanhe.gateway.asked import read_request
from kanhe.gateway.exchange import Exchange, Routed
from kanhe.gateway.journal import Journal
from kanhe.gateway.label import Label
from kanhe.gateway.refusal import CHAT, COMPLETIONS, EMBEDDINGS
from kanhe.gateway.sse import EventReader
from kanhe.gateway.streamed import Streamed
from kanhe.gateway.turn import Conduct, House
from kanhe.people.strikes import StrikeRule
from kanhe.policy.rule import Text
from kanhe.policy.ruleset import Ruleset, compile_parts

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LABEL = Label(
    "suffix",
    Text("（以下由人工智能生成）", "(AI-generated:) "),
    Text("（人工智能生成）", " (AI-generated)"),
    ("Label", "ContentProducer", "ProduceID", "ReservedCode1"),
    "某公司",
)
STRIKES = StrikeRule(2, 3, timedelta(hours=1), "Asia/Shanghai", "test-1")
DONE = b"data: [DONE]\n\n"


async def turns(count=30):
    """Let everything that is under way take a few steps; it takes no time."""
    for _ in range(count):
        await asyncio.sleep(0)


class Gateway:
    """One exchange at work: `ask` it, then look at its ledger, its model and its strikes."""

    def __init__(self, some=(), model=None, *, ledger=None, label=LABEL, judges=None, **conduct):
        self.ledger = ledger or MemoryLedger(lambda: NOW)
        self.model = model or ScriptedModel(*answer("hello"))
        self.naming = PlainNaming()
        self.strikes = MemoryStrikes(STRIKES)
        self.now = NOW
        parts = compile_parts(some, {})
        rules = Ruleset(name="t", label="1", version="v1", rules=some, parts=parts, recognisers={})
        settled = Conduct(
            label,
            Text("问题已停止", "The prompt was stopped"),
            Text("回答已停止", "The answer was stopped"),
            Text("已暂停", "You are suspended"),
            Text("无法检查", "It could not be checked"),
            "objections@example.org",
            **conduct,
        )
        self.journal = Journal(self.ledger)
        house = House(self.journal, self.strikes, self.naming, lambda: self.now, settled, judges)
        self.exchange = Exchange({"m": Routed(self.model, "up")}, "m", lambda: rules, house)

    async def outcome(self, said="hi", *, path=CHAT, user="", language="en", **more):
        key = {CHAT: "messages", COMPLETIONS: "prompt", EMBEDDINGS: "input"}[path]
        asked = [{"role": "user", "content": said}] if path == CHAT and said else said
        body = {"stream": path != EMBEDDINGS, key: asked, **more}
        request = read_request(
            path,
            json.dumps(body).encode(),
            application="app",
            user=user,
            language=language,
            most_turns=50,
        )
        return await self.exchange.run(request)

    async def ask(self, said="hi", **more):
        """Ask, read to the end, and give (status, bytes)."""
        outcome = await self.outcome(said, **more)
        if not isinstance(outcome, Streamed):
            await turns()
            return outcome.status, outcome.body
        data = outcome.said
        if outcome.rest:
            async for piece in outcome.rest.pieces():
                data += piece
        await turns()
        return 200, data

    @property
    def ends(self):
        """Entries after the beginning, as (kind, facts)."""
        return [
            (entry.tag.rpartition(":")[2], entry.facts)
            for entry in self.ledger.entries
            if not entry.tag.endswith(":begun")
        ]


def events_of(data):
    """The events of a stream that must end in [DONE], as documents."""
    *events, last = EventReader().feed(data)
    assert last == b"[DONE]"
    return [json.loads(event) for event in events]


def content_of(data, index=0):
    return "".join(
        (choice.get("delta") or {}).get("content") or choice.get("text") or ""
        for event in events_of(data)
        for choice in event.get("choices", [])
        if choice["index"] == index
    )


def chunk(delta, index=0, finish=None, **more):
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up"}
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {**base, "choices": [choice], **more}


def event(document):
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def answer(*texts):
    """The reads of a stream that says `texts`, one a read."""
    said = [chunk({"content": text}) for text in texts]
    events = [chunk({"role": "assistant", "content": ""}), *said, chunk({}, finish="stop")]
    return [*map(event, events), DONE]


def whole(content="hello", **more):
    """A model whose answer does not stream."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    document = {"id": "c", "object": "chat.completion", "created": 1, "model": "up",
                "choices": [choice], **more}  # fmt: skip
    return json_model(document)


def json_model(document, status=200):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return ScriptedModel(raw[:7], raw[7:], status=status, content_type="application/json")
