"""The OpenAI wire as values: JSON in and out, and which of its fields are known not to be text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Any
"""What a JSON document decodes to. `Any` on purpose: the wire is passed on, not modelled."""

DONE = b"[DONE]"

MOST_DEPTH = 100
"""Objects and lists within one another that we look into."""

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode

NAMES = frozenset(
    {
        "id", "object", "created", "model", "role", "type", "index", "finish_reason",
        "system_fingerprint", "service_tier", "obfuscation", "tool_call_id", "native_finish_reason",
    }
)  # fmt: skip
"""Fields that hold a name or a number, on every level. Their values are held to `NAME`."""

NAME = re.compile(r"[\w.:/@+=-]{0,256}", re.ASCII)
"""What a name may be made of. Anything else in a field of `NAMES` is text in disguise."""

VOCABULARY = frozenset(
    {
        "", "chat.completion", "chat.completion.chunk", "text_completion", "list", "embedding",
        "model", "system", "developer", "user", "assistant", "tool", "function", "custom", "text",
        "stop", "length", "tool_calls", "function_call", "content_filter", "eos",
        "auto", "default", "flex", "priority", "json_object", "json_schema",
        "image_url", "input_image", "input_audio", "video_url", "file", "input_file",
        "object", "string", "number", "integer", "boolean", "array", "null",
    }
)  # fmt: skip
"""Names that the wire itself defines. A name that is not among them is somebody's word."""


KEYS = NAMES | frozenset(
    {
        "choices", "delta", "message", "messages", "content", "text", "refusal", "reasoning",
        "reasoning_content", "thinking", "tool_calls", "function_call", "function", "custom",
        "name", "arguments", "input", "output", "logprobs", "bytes", "token", "logprob",
        "top_logprobs", "usage", "prompt_tokens", "completion_tokens", "total_tokens",
        "prompt_tokens_details", "completion_tokens_details", "cached_tokens", "reasoning_tokens",
        "audio_tokens", "text_tokens", "image_tokens", "accepted_prediction_tokens",
        "rejected_prediction_tokens", "data", "embedding", "prompt", "suffix", "stream",
        "stream_options", "include_usage", "temperature", "top_p", "top_k", "min_p", "n", "stop",
        "seed", "max_tokens", "max_completion_tokens", "presence_penalty", "frequency_penalty",
        "repetition_penalty", "logit_bias", "tools", "tool_choice", "parallel_tool_calls",
        "functions", "response_format", "json_schema", "schema", "strict", "user",
        "safety_identifier", "prompt_cache_key", "metadata", "store", "reasoning_effort",
        "modalities", "prediction", "dimensions", "encoding_format", "echo", "best_of", "audio",
        "transcript", "image_url", "url", "detail", "file", "filename", "file_id", "input_audio",
        "format", "parameters", "properties", "required", "items", "description", "enum", "title",
        "additionalProperties", "annotations", "error", "code", "param", "stop_reason",
        "token_ids",
    }
)  # fmt: skip
"""Keys of objects that the wire itself defines, or that its servers commonly add."""


class BadJson(ValueError):
    """The bytes are no JSON document that two readers would read alike."""


def decode(data: bytes) -> Json:
    """Decode a document.

    Raises:
        BadJson: It is malformed, not UTF-8, nested too deep, or has half a surrogate pair.
    """
    try:
        document = _decode(data)
        # Brackets in texts count too: this only says when to look.
        if data.count(b"[") + data.count(b"{") > MOST_DEPTH and is_deep(document):
            raise BadJson(f"it is nested more than {MOST_DEPTH} deep")
        return document
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadJson(str(error)) from error


def decode_strictly(data: bytes) -> Json:
    """Decode a document that somebody else will read after us: no key may stand twice in an object.

    Of two equal keys, one reader takes the first and another the last; what we checked would then
    not be what the other one sees.
    """
    try:
        # Numbers stay text here: int() refuses long ones, and nobody asks for their value.
        hooks: Json = {"parse_float": str, "parse_int": str, "parse_constant": _no_constant}
        json.loads(data, object_pairs_hook=_no_twins, **hooks)
    except (RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadJson(str(error)) from error
    return decode(data)


def _no_twins(pairs: list[tuple[str, Json]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        seen: set[str] = set()
        twin = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # add gives None
        raise BadJson(f"the key {twin[:40]!r} stands twice in one object")


def _no_constant(name: str) -> None:
    raise BadJson(f"{name} is no JSON number")


def is_deep(value: Json) -> bool:
    """Say whether `value` has more than `MOST_DEPTH` objects and lists within one another."""
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [
            item
            for holder in level
            if isinstance(holder, dict | list)
            for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def is_name(value: Json) -> bool:
    """Say whether `value` of a field of `NAMES` is what such a field may hold."""
    if isinstance(value, str):
        return NAME.fullmatch(value) is not None
    return not carries_text(value)


def names(value: Json) -> Iterator[str]:
    """Give what in `value` is a name and not one of the wire's own: keys, and values of `NAMES`."""
    if isinstance(value, list):
        for item in value:
            yield from names(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in KEYS:
                yield key
            yield from _named(key, item)


def _named(key: str, item: Json) -> Iterator[str]:
    if key in NAMES and isinstance(item, str):
        if item not in VOCABULARY:
            yield item
    elif key != "logprobs" and isinstance(item, dict | list):
        yield from names(item)


def strings(value: Json) -> list[str]:
    """Give every string in `value`, keys of objects too."""
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in strings(item)]
        case dict():
            return [text for key, item in value.items() for text in (key, *strings(item))]
        case _:
            return []


def carries_text(value: Json) -> bool:
    """Say whether an unknown field could be read by a person: a non-empty string anywhere in it.

    So could a key of an object that is no name: `{"a": {"b": 1}}` is numbers.
    """
    match value:
        case str():
            return bool(value)
        case list():
            return any(map(carries_text, value))
        case dict():
            return any(map(carries_text, value.values())) or not all(map(NAME.fullmatch, value))
        case _:
            return False
