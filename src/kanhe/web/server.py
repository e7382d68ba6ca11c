"""The server under the application: its socket, its patience with slow senders, its end.

uvicorn does HTTP. What is ours: a request's head has to arrive in time and within a size, what is
no HTTP is refused in the shape of the API, signals are the caller's, and at the end open answers
get a while to finish before they are cut.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from uvicorn import Config
from uvicorn import Server as Uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kanhe.errors import KanheError, SettingsError
from kanhe.gateway.refusal import error_body

HEAD_BYTES = 64 << 10
"""Bytes of a request's head; what comes with a longer one is refused."""

_LAST_WORDS_S = 2.0
_CODES = {400: "invalid_http", 408: "request_timeout", 431: "head_too_large"}


class Patient(HttpToolsProtocol):
    """One connection, whose client is not waited for without end.

    Its requests have `head_s` seconds to tell what they ask for, and what is sent to it may lie
    unread for `idle_s` seconds.
    """

    def __init__(self, *given: Any, head_s: float, idle_s: float, **named: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*given, **named)
        self._head_s = head_s
        self._idle_s = idle_s
        self._stalled: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._arrived()
        self._moves()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read; its answer is held in memory meanwhile."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self._idle_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting: it reads again."""
        self._moves()
        super().resume_writing()

    def _moves(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head without end."""
        super().data_received(data)
        if self._late is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431, f"the head of the request has more than {HEAD_BYTES} bytes")

    def on_message_begin(self) -> None:
        """Wait for the head of a further request, too."""
        super().on_message_begin()
        if self._late is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Stop waiting: from here on the application counts the time."""
        self._arrived()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Say in the API's shape that this is no HTTP."""
        self._refuse(400, "this is no HTTP/1.1 request")

    def _wait(self) -> None:
        self._head_bytes = 0
        self._late = self.loop.call_later(
            self._head_s, self._too_late, f"no whole request came in {self._head_s:g} s"
        )

    def _too_late(self, what: str) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._refuse(408, what)
        else:
            self._wait()  # the answer before it still runs, and must not be cut for this

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: int, what: str) -> None:
        """Answer what never became a request, and close."""
        self._arrived()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            body = error_body(what, _CODES[status], status=status)
            head = f"HTTP/1.1 {status} \r\ncontent-type: application/json\r\nconnection: close\r\n"
            self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()


class Server(Uvicorn):
    """A server that leaves signals to its caller and says when it listens.

    Args:
        app: The ASGI application.
        head_s: Seconds for the head of a request.
        idle_s: Seconds that a client may leave an answer unread.
        grace_s: Seconds that open answers get at the end.
        listening: Called once connections are accepted.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        head_s: float,
        idle_s: float,
        grace_s: int,
        listening: Callable[[], None],
    ) -> None:
        super().__init__(
            Config(
                app,
                loop="none",
                http=partial(Patient, head_s=head_s, idle_s=idle_s),  # type: ignore[arg-type] # makes protocols
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                # Longer than clients keep theirs, so that none is closed as a request is sent.
                timeout_keep_alive=75,
                timeout_graceful_shutdown=grace_s,
            )
        )
        self._listening = listening

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: uvicorn would raise them again before the ledger is closed."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._listening()

    async def run_on(self, sock: socket.socket) -> None:
        """Serve until `stop`; return when every answer has ended, or has been ended."""
        await self.serve([sock])
        tasks = tuple(self.server_state.tasks)
        if tasks:
            # They were cancelled just now; they still have to put their ends on the ledger.
            await asyncio.wait(tasks, timeout=_LAST_WORDS_S)

    def stop(self) -> None:
        """Accept nothing more, and let open answers finish for a while."""
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Take the port; nobody is listening yet.

    Raises:
        SettingsError: It is taken, or the address is none of this machine's.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, proto)
    except OSError as error:
        raise _unusable(host, port, error) from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        # Here and not later: two processes may bind, and only the first of them may listen.
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise _unusable(host, port, error) from error
    sock.setblocking(False)
    return sock


def _unusable(host: str, port: int, error: OSError) -> KanheError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} of {host} is taken by another process",
            advice="Stop what listens there, or give another one with --port.",
        )
    return SettingsError(
        f"{host}:{port} cannot be listened on: {error.strerror or error}",
        advice="Give an address of this machine with --host, and a port above 1023 with --port.",
    )
