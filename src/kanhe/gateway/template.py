"""Events that differ from one another in a single string: recognised, read and written by it.

A model sends hundreds of events that are equal but for their text. Once one of them has been taken
apart and found to carry exactly one text, the bytes before and after that text are a template: an
event that begins and ends with the same bytes, and has one JSON string between them, is the same
document with another text. Nothing else can differ, so nothing else has to be looked at.

What is written is our own encoding of the vetted event, never the model's bytes around the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from kanhe.gateway.surface import CALLS, TEXTS
from kanhe.gateway.wire import BadJson, Json, carries_text, decode, encode

_STRINGS = msgspec.json.Decoder(list[str])
_BODY = re.compile(rb'(?:[^"\\]|\\.)*', re.DOTALL)
_MARK = "kanhe-text-stands-here"


@dataclass(frozen=True, slots=True)
class Template:
    """The bytes around the one text: as they come in, and as they go out."""

    key: tuple[Any, ...]
    before: bytes
    after: bytes
    opening: bytes
    closing: bytes

    def take(self, events: list[bytes], at: int) -> tuple[list[bytes], list[str]]:
        """Give the texts of the events from `at` on, raw and decoded, up to the first misfit."""
        before, after = self.before, self.after
        low, tail = len(before), len(after)
        raw = []
        for number in range(at, len(events)):
            data = events[number]
            if not (data.startswith(before) and data.endswith(after)) or len(data) < low + tail:
                break
            middle = data[low : len(data) - tail]
            if b'"' in middle and _BODY.fullmatch(middle) is None:
                break
            raw.append(middle)
        texts = _decoded(raw)
        return (raw, texts) if texts else ([], [])

    def event(self, text: str) -> bytes:
        """Write one event with `text`; nothing if there is none."""
        if not text:
            return b""
        return self.opening + encode(text)[1:-1] + self.closing

    def spread(self, middles: list[bytes], texts: list[str], carried: str, held: int) -> bytes:
        """Write the events again, with `carried` before the first text, less `held` at the end.

        These last characters may reach back over several events.
        """
        pieces = list(middles)
        last = len(texts)
        while last and held and held >= len(texts[last - 1]):
            held -= len(texts[last - 1])
            last -= 1
            pieces.pop()
        if not last:
            # All that came is held, and perhaps some of what was carried.
            return self.event(carried[: len(carried) - held])
        if held:
            pieces[-1] = encode(texts[last - 1][:-held])[1:-1]
        if carried:
            pieces[0] = encode(carried)[1:-1] + pieces[0]
        between = self.closing + self.opening
        return self.opening + between.join(pieces) + self.closing


def learn(data: bytes, event: dict[str, Json]) -> Template | None:
    """Make a template of `data`, if it has one choice with exactly one text and nothing else.

    `event` is the document as it is sent on: parsed, vetted, its text already replaced.
    """
    spot = _only_text(event)
    if spot is None:
        return None
    key, name, place = spot
    mark = encode(name) + b":"
    if data.count(mark) != 1:
        return None
    opened = re.compile(re.escape(mark) + rb'\s*"').search(data)
    if opened is None:
        return None
    body = _BODY.match(data, opened.end())
    if body is None or not _stands(data[: body.start()], data[body.end() :], key):
        return None
    place[name] = _MARK
    written = encode(event).split(_MARK.encode())
    if len(written) != 2:
        return None
    opening, closing = written
    return Template(
        key, data[: body.start()], data[body.end() :], b"data: " + opening, closing + b"\n\n"
    )


def _decoded(raw: list[bytes]) -> list[str]:
    """Decode raw texts all at once; nothing if any of them is no JSON string."""
    if not raw:
        return []
    # Joined they are one array. None closes its string early (looked at before), and one that ends
    # in half an escape swallows the next, which leaves the array short.
    try:
        texts = _STRINGS.decode(b'["' + b'","'.join(raw) + b'"]')
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return texts if len(texts) == len(raw) else []


def _stands(before: bytes, after: bytes, key: tuple[Any, ...]) -> bool:
    """Say whether a string put between the two is read as the text of `key`, and as nothing else.

    The bytes may look like a field without being one.
    """
    try:
        probe = decode(before + _MARK.encode() + after)
    except BadJson:
        return False
    found = _only_text(probe) if isinstance(probe, dict) else None
    return found is not None and found[0] == key and found[2][found[1]] == _MARK


def _only_text(event: dict[str, Json]) -> tuple[tuple[Any, ...], str, dict[str, Json]] | None:
    """Find the one text of an event: its key in the relay, its field, and where it stands."""
    match event:
        case {"choices": [dict(choice)]} if event.get("usage") is None:
            return _only_text_of(choice)
        case _:
            return None


def _only_text_of(choice: dict[str, Json]) -> tuple[tuple[Any, ...], str, dict[str, Json]] | None:
    if not isinstance(choice.get("delta"), dict | None):
        return None
    if choice.get("finish_reason") or choice.get("logprobs") is not None:
        return None
    delta = choice.get("delta")
    # A second text beside the delta would come again with every event, and no guard would see it.
    beside = {"delta"} if delta is not None else {"delta", *TEXTS}
    if any(carries_text(choice[key]) for key in set(choice) - beside):
        return None
    index = choice.get("index", 0)
    if delta is None:
        return _one(choice, index, {"index", "finish_reason", "logprobs"})
    if isinstance(delta.get("tool_calls"), list) and set(delta) == {"tool_calls"}:
        return _one_call(delta["tool_calls"], index)
    return _one(delta, index, {"role"})


def _one(
    place: dict[str, Json], index: int, beside: set[str]
) -> tuple[tuple[Any, ...], str, dict[str, Json]] | None:
    texts = [key for key in place if key in TEXTS and isinstance(place[key], str)]
    rest = {key for key in place if key not in texts and place[key] is not None}
    if len(texts) != 1 or rest - beside:
        return None
    return (index, texts[0]), texts[0], place


def _one_call(calls: list[Json], index: int) -> tuple[tuple[Any, ...], str, dict[str, Json]] | None:
    if len(calls) != 1 or set(calls[0]) - {"index", "function", "type"}:
        return None
    body = calls[0].get("function")
    _, arguments = CALLS["function"]
    if not isinstance(body, dict) or set(body) != {arguments}:
        return None
    return (index, "tool_calls", calls[0].get("index", 0), arguments), arguments, body
