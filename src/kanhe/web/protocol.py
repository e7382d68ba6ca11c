"""HTTP/1.1 as uvicorn speaks it, with bounds on the time and the size of a request's head.

uvicorn waits for ever for a head that never ends, and takes one of any size. Both let a handful of
slow clients (slow-loris) hold a server's sockets and memory.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kanhe.gateway.refusal import error_body

HEAD_BYTES = 64 << 10
"""Bytes that the request line and the headers may have together."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `head_s` is how long the head of a request may take to arrive, in seconds."""

    head_s = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 # uvicorn's own arguments
        super().__init__(*args, **kwargs)
        self._deadline: TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn
        """Start the clock: a connection that says nothing is closed too."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; refuse a head that has grown too long."""
        if self._deadline is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head_bytes > HEAD_BYTES:
            self._refuse(
                431, f"the head of the request has more than {HEAD_BYTES} bytes", "head_too_large"
            )

    def on_message_begin(self) -> None:
        """Start the clock for a further request on the same connection."""
        super().on_message_begin()
        if self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """Stop the clock: the head is whole."""
        self._stop_clock()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the shape of the API."""
        self._refuse(400, "the request is no HTTP/1.1", "invalid_http")

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._deadline = self.loop.call_later(self.head_s, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._refuse(
            408,
            f"the head of the request was not complete after {self.head_s:g} s",
            "request_timeout",
        )

    def _refuse(self, status: int, message: str, code: str) -> None:
        self._stop_clock()
        body = error_body(message, code, status=status)
        head = f"HTTP/1.1 {status} Refused\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
