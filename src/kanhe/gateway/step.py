"""What a streamed answer is made of on our side: what one read gave, and what we add."""

from __future__ import annotations

from dataclasses import dataclass, field

from kanhe.errors import UpstreamError
from kanhe.gateway.check import Noticed
from kanhe.gateway.wire import Json


@dataclass(frozen=True, slots=True)
class Stop:
    """A rule ended the answer."""

    by: Noticed


@dataclass(slots=True)
class Step:
    """What one read gave: bytes to send, and how the answer stands after them."""

    out: bytes = b""
    stop: Stop | None = None
    waits: bool = False
    """Nothing more is taken: a rule will stop the answer once judges have seen what precedes."""
    done: bool = False
    error: UpstreamError | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What we add to an answer that is not the model's."""

    fields: dict[str, Json] = field(default_factory=dict)
    before: str = ""
    after: str = ""


NO_FRAME = Frame()
