"""The port to a model: what the gateway asks of whatever generates text.

The port speaks the OpenAI wire as bytes, because everything the gateway does not check has to pass
through unchanged. It knows nothing of rules, users or ledgers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a model.

    `path` is what stands after the base URL, e.g. `/chat/completions`; `body` is the JSON to send,
    with the model's upstream name already in it; `stream` says whether events are expected.
    """

    path: str
    body: bytes
    stream: bool


class Reply(Protocol):
    """An answer that has begun: its status is known, its body is read by the caller, once."""

    @property
    def status(self) -> int:
        """HTTP status of the answer."""
        ...

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case; empty if the model sent none."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, one item per network read, cut anywhere.

        Raises:
            UpstreamError: The body ended before it was complete, or did not come in time.
        """
        ...

    async def close(self) -> None:
        """Drop the answer: the model stops generating. May be called at any time, and twice."""
        ...


class Model(Protocol):
    """A model that can be called."""

    async def call(self, call: Call) -> Reply:
        """Send `call`; return when the answer's status is known, before its first byte is read.

        Raises:
            UpstreamBusy: The circuit is open or there is no free place.
            UpstreamTimeout: No answer began in time.
            UpstreamError: The model refused the connection or broke the protocol.
        """
        ...

    async def ready(self) -> bool:
        """Say whether a call would be tried now."""
        ...

    async def aclose(self) -> None:
        """Give back connections and memory; open replies are closed."""
        ...
