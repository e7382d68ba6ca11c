"""Where text can stand on the wire: one list of surfaces, for prompts and answers, streamed or not.

A surface is named as rules name it. What is on no list is `other`: in a prompt or a whole answer it
is looked at like everything else; in a stream, where it comes in pieces whose order nobody has
promised, it is held to the end or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kanhe.gateway.readings import Readings
from kanhe.gateway.wire import (
    KEYS,
    NAMES,
    VOCABULARY,
    Json,
    carries_text,
    is_name,
    names,
    strings,
)

CONTENT = "content"
REASONING = "reasoning"
REFUSAL = "refusal"
TOOL_NAME = "tool_name"
TOOL_ARGUMENTS = "tool_arguments"
SYSTEM = "system"
ASSISTANT = "assistant"
TOOL = "tool"
TOOLS = "tools"
OTHER = "other"

SURFACES = (
    CONTENT, REASONING, REFUSAL, TOOL_NAME, TOOL_ARGUMENTS, SYSTEM, ASSISTANT, TOOL, TOOLS, OTHER,
)  # fmt: skip
"""Every name that a rule can give under `surfaces`."""

TEXTS = {
    "content": CONTENT,
    "text": CONTENT,
    "reasoning_content": REASONING,
    "reasoning": REASONING,
    "thinking": REASONING,
    "refusal": REFUSAL,
}
"""Fields of a message, a delta or a choice that hold plain text, and their surfaces."""

CALLS = {"function": ("name", "arguments"), "custom": ("name", "input")}
"""Kinds of tool calls: which field names the tool, and which holds what it is called with."""

_ROLES = {
    "system": SYSTEM,
    "developer": SYSTEM,
    "assistant": ASSISTANT,
    "tool": TOOL,
    "function": TOOL,
}
_SHORT = 4096
"""Characters of a string beside or in binary data that are still looked at as text."""

_BINARY = {
    "image_url": "image",
    "input_image": "image",
    "input_audio": "audio",
    "audio": "audio",
    "file": "file",
    "input_file": "file",
    "video_url": "video",
}

_CALLERS = frozenset({"model", "user", "safety_identifier", "prompt_cache_key"})
"""Names of ours and of the caller's; they are not shown to the model."""

_KNOWN = frozenset(
    {"message", "content", "tool_calls", "function_call", "logprobs", "usage", "choices"}
)
"""Fields of an answer whose texts have an order of their own, or none."""


@dataclass(slots=True)
class Spot:
    """A text found in a document: its surface, and how to put another text in its place.

    Where nothing can be put in its place, as in that of a key, what would be masked stops.
    `escaped` says that the text is itself JSON.
    """

    surface: str
    text: str
    replace: Callable[[str], None] | None
    escaped: bool = False


class Unseen(set[str]):
    """Names of what stands in a document and cannot be looked at as text."""


def _in(place: dict[str, Json], key: str) -> Callable[[str], None]:
    def replace(text: str) -> None:
        place[key] = text

    return replace


def _at(place: list[Json], index: int) -> Callable[[str], None]:
    def replace(text: str) -> None:
        place[index] = text

    return replace


def prompt_spots(body: dict[str, Json], unseen: Unseen) -> Iterator[Spot]:
    """Give every text of a request, in the order of a conversation."""
    for key, value in body.items():
        if key == "messages" and isinstance(value, list):
            for message in value:
                yield from _message(message, unseen)
        elif key in ("prompt", "input"):
            yield from _inputs(body, key, unseen)
        elif key in ("tools", "functions"):
            yield from _field(body, key, TOOLS)
        elif not (key in _CALLERS and isinstance(value, str)):
            yield from _field(body, key, OTHER)


def _message(message: Json, unseen: Unseen, *, of_answer: bool = False) -> Iterator[Spot]:
    if not isinstance(message, dict):
        yield from _everything([message], 0, OTHER)
        return
    surface = CONTENT if of_answer else _ROLES.get(str(message.get("role")), CONTENT)
    for key, value in message.items():
        if key == "content" and isinstance(value, list):
            yield from _parts(value, surface, unseen)
        elif key in TEXTS and isinstance(value, str):
            named = surface if key == "content" else TEXTS[key]
            yield Spot(named, value, _in(message, key))
        elif key in ("tool_calls", "function_call"):
            yield from _calls(message, key)
        elif key == "audio" and isinstance(value, dict):
            yield from _audio(value, unseen)
        else:
            yield from _field(message, key, OTHER)


def _audio(audio: dict[str, Json], unseen: Unseen) -> Iterator[Spot]:
    for key in audio:
        if key == "data":
            unseen.add("audio")
        else:
            yield from _field(audio, key, OTHER)


def _parts(parts: list[Json], surface: str, unseen: Unseen) -> Iterator[Spot]:
    """Join the text parts of one message: a term may be cut by their edges."""
    texts: list[tuple[Json, Json]] = []
    for number, part in enumerate(parts):
        if isinstance(part, str):
            texts.append((parts, number))
        elif not isinstance(part, dict):
            yield from _everything(parts, number, surface)
        else:
            yield from _part(part, surface, unseen, texts)

    def replace(text: str) -> None:
        for number, (holder, key) in enumerate(texts):
            holder[key] = text if number == 0 else ""

    if texts:
        yield Spot(surface, "".join(holder[key] for holder, key in texts), replace)


def _part(
    part: dict[str, Json], surface: str, unseen: Unseen, texts: list[tuple[Json, Json]]
) -> Iterator[Spot]:
    for key, value in part.items():
        if key in TEXTS and isinstance(value, str):
            texts.append((part, key))
        elif key in _BINARY:
            unseen.add(_BINARY[key])
            # Its name, its address and a short document are text; a picture is longer than that.
            yield from (Spot(surface, text, None) for text in strings(value) if len(text) <= _SHORT)
        else:
            yield from _field(part, key, surface)


def _calls(message: dict[str, Json], key: str) -> Iterator[Spot]:
    match key, message[key]:
        case "tool_calls", list(calls):
            for call in calls:
                yield from _call(call)
        case "function_call", dict(called):
            yield from _call({"function": called})
        case _:
            yield from _field(message, key, OTHER)


def _call(call: Json) -> Iterator[Spot]:
    if not isinstance(call, dict):
        yield from _everything([call], 0, OTHER)
        return
    for kind, value in call.items():
        if kind in CALLS and isinstance(value, dict):
            yield from _called(kind, value)
        else:
            yield from _field(call, kind, OTHER)


def _called(kind: str, called: dict[str, Json]) -> Iterator[Spot]:
    name, arguments = CALLS[kind]
    for key, text in called.items():
        if key == name and isinstance(text, str):
            yield Spot(TOOL_NAME, text, _in(called, key))
        elif key == arguments and isinstance(text, str):
            # What a custom tool is called with is text, in which a backslash is a backslash.
            yield Spot(TOOL_ARGUMENTS, text, _in(called, key), escaped=kind == "function")
        else:
            yield from _field(called, key, OTHER)


def _inputs(body: dict[str, Json], key: str, unseen: Unseen) -> Iterator[Spot]:
    value = body[key]
    if isinstance(value, str):
        yield Spot(CONTENT, value, _in(body, key))
        return
    for number, item in enumerate(value) if isinstance(value, list) else ():
        if isinstance(item, str):
            yield Spot(CONTENT, item, _at(value, number))
        elif isinstance(item, int) or _is_tokens(item):
            unseen.add("tokens")
        else:
            yield from _everything(value, number, CONTENT)
    if not isinstance(value, list):
        yield from _field(body, key, CONTENT)


def _is_tokens(item: Json) -> bool:
    return isinstance(item, list) and all(isinstance(token, int) for token in item)


def _field(place: dict[str, Json], key: str, surface: str) -> Iterator[Spot]:
    """Give every string of a field, and its name where that is not the wire's own."""
    if key not in KEYS:
        yield Spot(surface, key, None)
    yield from _everything(place, key, surface)


def _everything(place: Json, key: Json, surface: str) -> Iterator[Spot]:
    """Give every string in `place[key]`, keys of objects too."""
    value = place[key]
    if not carries_text(value):
        # Numbers all of it, but for what they are called.
        yield from (Spot(surface, name, None) for name in names(value))
        return
    match value:
        case str():
            yield from _string(place, key, value, surface)
        case list():
            for number in range(len(value)):
                yield from _everything(value, number, surface)
        case dict():
            for inner in list(value):
                yield Spot(surface, inner, None)
                yield from _everything(value, inner, surface)
        case _:
            return


def _string(place: Json, key: Json, value: str, surface: str) -> Iterator[Spot]:
    if not (key in NAMES and is_name(value)):
        replace = _at(place, key) if isinstance(place, list) else _in(place, key)
        yield Spot(surface, value, replace)
    elif value not in VOCABULARY:
        # A name has to stay what it is, or go with all the rest.
        yield Spot(surface, value, None)


def answer_spots(choice: dict[str, Json], unseen: Unseen) -> Iterator[Spot]:
    """Give every text of one choice of a whole answer, but its log probabilities.

    Those are the same text again, token by token; see `logprobs`.
    """
    for key, value in choice.items():
        if key == "message" and isinstance(value, dict):
            yield from _message(value, unseen, of_answer=True)
        elif key in TEXTS and isinstance(value, str):
            yield Spot(TEXTS[key], value, _in(choice, key))
        elif key != "logprobs":
            yield from _field(choice, key, OTHER)
    yield from _put_together(choice)


def other_spots(document: dict[str, Json]) -> Iterator[Spot]:
    """Give every text of a whole answer that stands beside its choices."""
    for key in document:
        if key != "choices":
            yield from _field(document, key, OTHER)
    yield from _put_together({key: value for key, value in document.items() if key != "choices"})


def vector_spots(document: dict[str, Json], unseen: Unseen) -> Iterator[Spot]:
    """Give every text of an answer that is vectors, but the vectors."""
    data = document.get("data")
    for item in data if isinstance(data, list) else ():
        if isinstance(item, dict) and "embedding" in item:
            unseen.add("embedding")
            rest = {key: value for key, value in item.items() if key != "embedding"}
            yield from other_spots(rest)
        else:
            yield from _everything([item], 0, OTHER)
    yield from other_spots({**document, "data": None if isinstance(data, list) else data})


def _put_together(place: dict[str, Json]) -> Iterator[Spot]:
    """Give the texts of unknown fields as a reader may put them together.

    Each of them was looked at alone before, and masked if it had to be.
    """
    message = place.get("message")
    for holder in (place, message if isinstance(message, dict) else {}):
        for key, value in holder.items():
            if not isinstance(value, dict | list) or key in _KNOWN:
                continue
            readings = Readings()
            readings.add((key,), value)
            for text in readings:
                yield Spot(OTHER, text, None)
