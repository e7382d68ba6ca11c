"""Where text stands in one choice of a streamed event: its fields, one after another.

A field whose text has an order that the wire promises is *known*: its pieces follow one another
from event to event, and a guard can walk along them. Any other field that a person could read is
*unknown*, wherever it stands and whatever it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kanhe.errors import UpstreamError
from kanhe.gateway.surface import CALLS, TEXTS, TOOL_ARGUMENTS, TOOL_NAME
from kanhe.gateway.wire import NAME, NAMES, Json, carries_text, is_name

Wrap = Callable[[dict[str, Json]], Json]
"""From fields to the choice that carries them."""

Key = tuple[Any, ...]
"""Where a text stands in a stream: (choice, field) or (choice, "tool_calls", number, field)."""

LEGACY = "function_call"
"""The number, as it were, of the one call that the older wire has."""


@dataclass(frozen=True, slots=True)
class Known:
    """A piece of text: `holder[name]`, on `surface`; `escaped` says that it is itself JSON."""

    key: Key
    holder: dict[str, Json]
    name: str
    wrap: Wrap
    surface: str
    escaped: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field that carries text nobody has promised anything about: `holder[name]`."""

    key: Key
    holder: dict[str, Json]
    name: str
    wrap: Wrap


Place = Known | Unknown


def places(index: int, choice: dict[str, Json]) -> Iterator[Place]:
    """Give the places of choice `index`; what is given may be changed or taken out meanwhile.

    Raises:
        UpstreamError: A tool call is no object, or has no number.
    """
    yield from _places(index, choice, _in_choice(index), beside=("delta", "logprobs"))
    if choice.get("delta") is not None:
        yield from _places(index, choice["delta"], _in_delta(index))


def _places(
    index: int, holder: dict[str, Json], wrap: Wrap, beside: tuple[str, ...] = ()
) -> Iterator[Place]:
    for name in list(holder):
        value = holder[name]
        if name in TEXTS and isinstance(value, str):
            yield Known((index, name), holder, name, wrap, TEXTS[name])
        elif name == "tool_calls" and isinstance(value, list):
            yield from _calls(index, value)
        elif name == LEGACY and isinstance(value, dict):
            yield from _call(index, LEGACY, {"function": value})
        elif name not in beside and is_unknown(name, value):
            yield Unknown((index, name), holder, name, wrap)


def _calls(index: int, calls: list[Json]) -> Iterator[Place]:
    for at, call in enumerate(calls):
        number = call.get("index", at) if isinstance(call, dict) else None
        # The number comes back in events that we write: it must be one.
        if type(number) is not int:
            raise garbage("a tool call is no object, or has no number")
        yield from _call(index, number, call)


def _call(index: int, number: int | str, call: dict[str, Json]) -> Iterator[Place]:
    wrap = _in_call(index, number)
    for kind in list(call):
        body = call[kind]
        if kind in CALLS and isinstance(body, dict):
            yield from _called((index, "tool_calls", number), kind, body, _within(wrap, kind))
        elif is_unknown(kind, body):
            yield Unknown((index, "tool_calls", number, kind), call, kind, wrap)


def _called(key: Key, kind: str, body: dict[str, Json], wrap: Wrap) -> Iterator[Place]:
    called, arguments = CALLS[kind]
    # The name first, wherever it stands: it is complete when there are arguments.
    for name in sorted(body, key=lambda name: name != called):
        at = (*key, name)
        if name == called and isinstance(body[name], str):
            yield Known(at, body, name, wrap, TOOL_NAME)
        elif name == arguments and isinstance(body[name], str):
            yield Known(at, body, name, wrap, TOOL_ARGUMENTS, escaped=kind == "function")
        elif is_unknown(name, body[name]):
            yield Unknown(at, body, name, wrap)


def is_unknown(name: str, value: Json) -> bool:
    """Say whether a field that is not known by its name could be read by a person."""
    if name in NAMES:
        return not is_name(value)
    return carries_text(value) or NAME.fullmatch(name) is None


def _in_delta(index: int) -> Wrap:
    return lambda fields: {"index": index, "delta": fields, "finish_reason": None}


def _in_choice(index: int) -> Wrap:
    return lambda fields: {"index": index, "finish_reason": None, **fields}


def _in_call(index: int, number: int | str) -> Wrap:
    wrap = _in_delta(index)
    if number == LEGACY:
        return lambda fields: wrap({LEGACY: fields.get("function", fields)})
    return lambda fields: wrap({"tool_calls": [{"index": number, **fields}]})


def _within(wrap: Wrap, key: str) -> Wrap:
    return lambda fields: wrap({key: fields})


def garbage(what: str) -> UpstreamError:
    """Make the error for an answer that is not what the wire says it is."""
    return UpstreamError(
        what,
        advice="Check that the upstream's base URL names an OpenAI-compatible server.",
    )
