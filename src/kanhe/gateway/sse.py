"""Server-sent events, read from bytes that may be cut anywhere.

Only the data of events is given: comments and other fields could carry text that nobody looked at,
so they end here. Line ends may be LF, CRLF or CR, as the standard allows.

Source: WHATWG HTML, section 9.2, "Server-sent events".
"""

from __future__ import annotations

from kanhe.errors import UpstreamError

_BOM = b"\xef\xbb\xbf"


class EventReader:
    """Bytes in, data of complete events out.

    Args:
        most: Bytes that one event may have; a longer one ends the answer, since it would have to
            be kept whole before it could be checked.
    """

    def __init__(self, most: int = 1 << 20) -> None:
        self._most = most
        self._rest = b""
        self._dripped: list[bytes] = []
        """Reads without a line end, to be joined once one comes: joined one by one, a long event
        that drips would cost the square of its length."""
        self._waiting = 0
        self._started = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what a read gave; give the data of each event that it completed.

        Raises:
            UpstreamError: An event is too long.
        """
        self._waiting += len(chunk)
        if (
            self._started
            and b"\n" not in chunk
            and b"\r" not in chunk
            and self._waiting <= self._most
        ):
            self._dripped.append(chunk)
            return []
        if self._dripped:
            chunk, self._dripped = b"".join([*self._dripped, chunk]), []
        text = self._rest + chunk if self._rest else chunk
        if not self._started and text:
            if len(text) < len(_BOM) and _BOM.startswith(text):
                self._rest = text
                return []
            self._started = True
            text = text.removeprefix(_BOM)
        if b"\r" in text:
            text = self._unix(text)
        blocks = text.split(b"\n\n")
        self._rest = blocks.pop() + (b"\r" if self._cr else b"")
        self._cr = False
        self._waiting = len(self._rest)
        if len(text) > self._most and self._is_too_long(blocks):
            raise UpstreamError(
                f"the model sent an event of more than {self._most} bytes",
                advice="Raise limits.event_bytes if the model really sends such events.",
            )
        return [data for block in blocks if (data := _data(block)) is not None]

    def _is_too_long(self, blocks: list[bytes]) -> bool:
        # Half of a blank line may stand at the end of what is left: that is no part of the event.
        return max(map(len, [*blocks, self._rest.rstrip(b"\r\n")])) > self._most

    _cr = False

    def _unix(self, text: bytes) -> bytes:
        # A CR at the very end may be the first half of a CRLF: it waits for the next read.
        self._cr = text.endswith(b"\r")
        text = text[:-1] if self._cr else text
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def finish(self) -> list[bytes]:
        """Say that the stream has ended; give an event that only lacked its blank line."""
        rest, self._rest = b"".join([self._rest, *self._dripped]).rstrip(b"\r\n"), b""
        data = _data(rest)
        return [] if data is None else [data]


def _data(block: bytes) -> bytes | None:
    if block.startswith(b"data: ") and b"\n" not in block:
        return block[6:]
    lines = [
        line[5:].removeprefix(b" ") if line.startswith(b"data:") else b""
        for line in block.split(b"\n")
        if line.startswith(b"data:") or line == b"data"
    ]
    return b"\n".join(lines) if lines else None
