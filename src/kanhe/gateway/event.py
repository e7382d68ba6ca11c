"""One event of a streamed answer, read: what it may be, and what stands beside its choices."""

from __future__ import annotations

from kanhe.errors import UpstreamError
from kanhe.gateway.places import garbage, is_unknown
from kanhe.gateway.wire import BadJson, Json, carries_text, decode

OURS = ("kanhe", "AIGC")
"""Fields that only we say: a notice or a label of the model's own would pass for one of ours."""

_MOST_CHOICES = 128


def read_event(data: bytes) -> dict[str, Json]:
    """Read an event: an object whose choices, if it has any, are a list of objects.

    Raises:
        UpstreamError: It is something else, or the model's word that it has failed.
    """
    try:
        event = decode(data)
    except BadJson as error:
        raise garbage(f"an event is no JSON: {error}") from error
    if not isinstance(event, dict):
        raise garbage(f"an event is {type(event).__name__}, not an object")
    for name in OURS:
        event.pop(name, None)
    if event.get("error"):
        raise UpstreamError(
            "the model ended its answer with an error",
            advice="Look into the model server's own log; the caller's request was passed on.",
        )
    choices = event.get("choices")
    if choices is not None and not (
        isinstance(choices, list) and all(isinstance(choice, dict) for choice in choices)
    ):
        raise garbage("an event's choices are no list of objects")
    if choices and len(choices) > _MOST_CHOICES:
        raise garbage(f"an event has {len(choices)} choices, more than {_MOST_CHOICES}")
    return event


def number_of(choice: dict[str, Json]) -> int:
    """Give the number of a choice; the first one's where none is told.

    Raises:
        UpstreamError: It is no number, or the choice's delta is no object.
    """
    index = choice.get("index", 0)
    # bool is a kind of int, and a number that comes back in events that we write must be one.
    if type(index) is not int or not isinstance(choice.get("delta"), dict | None):
        raise garbage("a choice has no number, or a delta that is no object")
    return index


def texts_beside(event: dict[str, Json]) -> list[str]:
    """Give the names of the fields beside the choices that a person could read."""
    return [name for name, value in event.items() if _is_text(name, value)]


def _is_text(name: str, value: Json) -> bool:
    if name == "usage":
        return carries_text(value)
    return name != "choices" and is_unknown(name, value)
