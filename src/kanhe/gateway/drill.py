"""The gateway tries itself: the real path of a request, with a planted word and planted failures.

A setting that says "guarded" proves nothing; an exchange that was stopped does. The rules in force,
with one stand-in rule behind them, look at a prompt and at answers that hold its word, streamed and
whole; a ledger that cannot be written and a model that fails have to close the exchange. Ledger and
model live in memory: of a drill only its outcome reaches the record.

Not said here: whether the rules find what they should. Their own examples say that; of judges their
measured records do. In a drill a judge finds nothing, so that sentences wait as they do for the
real ones and what stops is the stand-in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from time import process_time
from typing import Any

from kanhe.errors import KanheError, LedgerUnwritable, UpstreamError
from kanhe.gateway.asked import Asked
from kanhe.gateway.drill_twin import JudgesTwin, LedgerTwin, ModelTwin, QuietJournal
from kanhe.gateway.exchange import Exchange, Routed
from kanhe.gateway.refusal import CHAT
from kanhe.gateway.sse import EventReader
from kanhe.gateway.streamed import Streamed
from kanhe.gateway.turn import Conduct, House, Naming
from kanhe.gateway.wire import DONE
from kanhe.ledger.entry import Entry
from kanhe.policy.rule import Rule, Terms
from kanhe.policy.ruleset import Ruleset

NAME = "kanhe-drill"
"""Rule, category, model and application of a drill."""

WORD = "zqvxjwkyfbgh"
"""Stands for what must not get out. It is no word, so no rule of anybody's is about it."""

BEFORE = "Quillow vellin. "
"""What the model says first, and the reader has to get."""

PERSON = "drill-person-vellqua"
"""A user's name, which must not be found on the ledger."""

_AFTER = "Norith."
_PROMPT = "Tell of quillow vellin."
_STAND_IN = Rule(NAME, NAME, Terms((WORD,)), folds=frozenset())
_UPSTREAM = UpstreamError("the model failed: it is a drill", advice="Nothing is to be done.")


@dataclass(frozen=True, slots=True)
class Drilled:
    """What came of a drill; all of it may stand on the ledger."""

    ruleset: str
    """Version of the rules that were tried."""
    stopped: bool
    """The word was stopped in answers, by its rule."""
    prompt_stopped: bool
    """It was stopped in a prompt, and no model was asked."""
    leaked: int
    """Characters of the word that got out, at most, in any of the exchanges."""
    unwritable_refused: bool
    """Nothing was answered while the ledger could not be written."""
    failed_model_closed: bool
    """An answer whose model failed was closed and is on record as failed."""
    label_seen: bool
    """Answers say in their text that they were generated."""
    mark_seen: bool
    """Answers say it to machines."""
    notice_seen: bool
    """Who was stopped was told number, category and where to object."""
    recorded: bool
    """Each exchange was on record with number, rules and what stopped it."""
    pseudonymous: bool
    """The user's name was on no entry."""
    content_free: bool
    """Words of prompt and answer were on no entry."""
    cpu_ms: int

    @property
    def clean(self) -> bool:
        """Say whether nothing got out and everything closed that had to."""
        held = self.stopped and self.prompt_stopped and not self.leaked
        return held and self.unwritable_refused and self.failed_model_closed

    def facts(self) -> dict[str, str | bool | int]:
        """Give the facts of `operator:guard:tried`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Got:
    """What a client got of one exchange: everything, as text; the answer; what the record says."""

    all: str
    content: str
    documents: tuple[dict[str, Any], ...]
    headers: Mapping[str, str]
    entries: tuple[Entry, ...]
    raw: bytes
    asked_model: bool
    closed: bool
    error: KanheError | None

    def ended(self, kind: str) -> Entry | None:
        """Give the entry that ends it so."""
        tag = f"gateway:{kind}"
        return next((entry for entry in self.entries if entry.tag == tag), None)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What all exchanges of a drill have in common."""

    ruleset: Ruleset
    conduct: Conduct
    naming: Naming
    clock: Callable[[], datetime]

    async def play(
        self,
        reads: Sequence[bytes | KanheError],
        *,
        streamed: bool,
        prompt: str = _PROMPT,
        writable: bool = True,
    ) -> _Got:
        """Run one exchange through the real path, and take down what its client gets."""
        ledger = LedgerTwin(self.clock, writable=writable)
        model = ModelTwin("text/event-stream" if streamed else "application/json", reads)
        house = House(
            QuietJournal(ledger), None, self.naming, self.clock, self.conduct,
            JudgesTwin(self.ruleset.rules),
        )  # fmt: skip
        exchange = Exchange({NAME: Routed(model, NAME)}, NAME, lambda: self.ruleset, house)
        body = {"model": NAME, "stream": streamed,
                "messages": [{"role": "user", "content": prompt}]}  # fmt: skip
        asked = Asked(CHAT, body, NAME, PERSON, "zh")
        out, headers, error = b"", {}, None
        try:
            outcome = await exchange.run(asked)
            headers = dict(outcome.headers)
            out = outcome.said if isinstance(outcome, Streamed) else outcome.body
            if isinstance(outcome, Streamed) and outcome.rest:
                async for piece in outcome.rest.pieces():
                    out += piece
        except KanheError as caught:
            error = caught
        await asyncio.sleep(0)  # ends are put on record without being waited for
        documents = tuple(_documents(out))
        return _Got(
            _unescaped(documents), _content(documents), documents, headers,
            tuple(ledger.entries), b"\n".join(ledger.raw), bool(model.replies),
            all(reply.closed for reply in model.replies), error,
        )  # fmt: skip


async def drill(
    ruleset: Ruleset, conduct: Conduct, naming: Naming, clock: Callable[[], datetime]
) -> Drilled:
    """Try the guard as it stands. Some milliseconds; nothing of it is on the real record.

    Args:
        ruleset: The rules in force.
        conduct: As the service's exchanges have it.
        naming: As the service's exchanges have it.
        clock: Gives aware instants in UTC.
    """
    began = process_time()
    stage = _Stage(ruleset.with_term(_STAND_IN, WORD), conduct, naming, clock)
    planted = [
        await stage.play(_stream(BEFORE, WORD[:5], WORD[5:] + " ", _AFTER), streamed=True),
        await stage.play(_whole(f"{BEFORE}{WORD} {_AFTER}"), streamed=False),
    ]
    prompts = [await stage.play(_stream(BEFORE), streamed=way, prompt=f"{_PROMPT} {WORD} ")
               for way in (True, False)]  # fmt: skip
    harmless = [
        await stage.play(_stream(BEFORE, _AFTER), streamed=True),
        await stage.play(_whole(BEFORE + _AFTER), streamed=False),
    ]
    unwritable = [
        await stage.play(_stream(BEFORE, _AFTER), streamed=True, writable=False),
        await stage.play(_whole(BEFORE + _AFTER), streamed=False, writable=False),
    ]
    failing = [
        await stage.play((*_stream(BEFORE)[:-2], _UPSTREAM), streamed=True),
        await stage.play((_whole(BEFORE)[0][:20], _UPSTREAM), streamed=False),
    ]
    every = (*planted, *prompts, *harmless, *failing)
    return Drilled(
        ruleset=ruleset.version,
        stopped=all(_stopped(got) for got in planted),
        prompt_stopped=all(_refused(got) for got in prompts),
        leaked=max(_leaked(got.all) for got in (*every, *unwritable)),
        unwritable_refused=all(_gave_nothing(got) for got in unwritable),
        failed_model_closed=all(_closed(got) for got in failing),
        label_seen=all(_labelled(got, conduct) for got in (*planted[:1], *harmless, failing[0])),
        mark_seen=all(_marked(got) for got in (*planted, *harmless)),
        notice_seen=all(_told(got, conduct) for got in (*planted, *prompts)),
        recorded=all(_recorded(got, ruleset.version) for got in every),
        pseudonymous=not any(PERSON.encode() in got.raw for got in every),
        content_free=not any(word in got.raw for got in every for word in _CONTENT),
        cpu_ms=round((process_time() - began) * 1000),
    )


_CONTENT = tuple(word.encode() for word in ("uillow", "ellin", "orith", WORD))


def _stopped(got: _Got) -> bool:
    end = got.ended("answer:stopped")
    return end is not None and end.facts.get("rule") == NAME and got.closed


def _refused(got: _Got) -> bool:
    end = got.ended("prompt:refused")
    return end is not None and end.facts.get("rule") == NAME and not got.asked_model


def _leaked(text: str) -> int:
    """Count the characters of the word that got out.

    Of its beginning one would do where it should stand; elsewhere three of its letters in a row,
    which stand in no language.
    """
    at = text.find(BEFORE)
    shown = text[at + len(BEFORE) :] if at >= 0 else ""
    first = next((n for n in range(len(WORD), 0, -1) if shown.startswith(WORD[:n])), 0)
    parts = (n for n in range(len(WORD), 2, -1)
             for i in range(len(WORD) - n + 1) if WORD[i : i + n] in text)  # fmt: skip
    return max(first, next(parts, 0))


def _gave_nothing(got: _Got) -> bool:
    return isinstance(got.error, LedgerUnwritable) and not got.documents


def _closed(got: _Got) -> bool:
    told = got.error is not None or any("error" in document for document in got.documents)
    return told and got.closed and got.ended("answer:failed") is not None


def _labelled(got: _Got, conduct: Conduct) -> bool:
    words = [word for language in ("zh", "en") for word in conduct.label.words(language) if word]
    return any(word in got.content for word in words)


def _marked(got: _Got) -> bool:
    marks = [found for document in got.documents if (found := document.get("AIGC"))]
    return "x-kanhe-aigc" in got.headers and any(mark.get("Label") for mark in marks)


def _told(got: _Got, conduct: Conduct) -> bool:
    number = got.headers.get("x-kanhe-decision")
    for document in got.documents:
        notice = document.get("kanhe")
        if isinstance(notice, dict) and notice.get("decision") == number:
            return notice.get("category") == NAME and notice.get("object_to") == conduct.object_to
    return False


def _recorded(got: _Got, version: str) -> bool:
    """Say whether each entry names its decision, and beginning and refusal the rules."""
    number = got.headers.get("x-kanhe-decision")
    named = all(entry.facts.get("decision") == number or number is None for entry in got.entries)
    rules = [entry.facts.get("ruleset") for entry in got.entries if "ruleset" in entry.facts]
    return named and bool(rules) and set(rules) == {version}


def _stream(*texts: str) -> tuple[bytes, ...]:
    """Give the reads of a stream that says `texts`, one a read."""
    said = [_event({"content": text}) for text in texts]
    opens, ends = _event({"role": "assistant", "content": ""}), _event({}, finish="stop")
    return (opens, *said, ends, b"data: " + DONE + b"\n\n")


def _event(delta: Mapping[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    document = {"id": NAME, "object": "chat.completion.chunk", "created": 1, "model": NAME,
                "choices": [choice]}  # fmt: skip
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def _whole(text: str) -> tuple[bytes, ...]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    document = {"id": NAME, "object": "chat.completion", "created": 1, "model": NAME,
                "choices": [choice]}  # fmt: skip
    return (json.dumps(document).encode(),)


def _documents(out: bytes) -> Iterator[dict[str, Any]]:
    """Give the JSON objects that a client got, whole or as events."""
    events = [out] if out.startswith(b"{") else EventReader().feed(out)
    for event in events:
        if event != DONE:
            document = json.loads(event)
            if isinstance(document, dict):
                yield document


def _content(documents: Sequence[Mapping[str, Any]]) -> str:
    choices = [choice for document in documents for choice in document.get("choices", ())]
    said = [choice.get("delta") or choice.get("message") or {} for choice in choices]
    return "".join(one.get("content") or "" for one in said)


def _unescaped(documents: Sequence[Mapping[str, Any]]) -> str:
    """Give the answer, and behind it all else that the client got."""
    rest = "\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
    return f"{_content(documents)}\n{rest}"
