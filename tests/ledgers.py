"""Ledgers for tests: written, copied, damaged, cut off from the power, and read by plain means."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import entries_from, reader
from kanhe.adapters.ledger_files import open_ledger
from kanhe.ledger.entry import encode
from kanhe.ledger.note import Signer
from kanhe.ledger.verification import head, verify

SIGNER = Signer("ledger.example/test", bytes(range(32)))
KEY = SIGNER.verifier()
NOW = datetime(2026, 11, 1, 8, 30, 0, 123_456, tzinfo=UTC)
NEVER = 3600.0
"""Seconds between publications in tests that want to publish by hand."""


def entry(number: int) -> bytes:
    return encode("test:entry:made", NOW, {"n": number})


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word: the oracle. Slow, recursive, without any state."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


async def open_async(directory: Path, **options):
    options.setdefault("every_s", NEVER)
    return open_ledger(directory, SIGNER, clock=lambda: NOW, **options)


def write(directory: Path, count: int) -> None:
    """Add `count` entries to the ledger in `directory`, publish them and close it."""

    async def run() -> None:
        ledger = await open_async(directory)
        first = ledger.size
        await asyncio.gather(
            *(ledger.submit("test:entry:made", {"n": first + i}) for i in range(count))
        )
        await ledger.aclose()

    asyncio.run(run())


def check(directory: Path, **options) -> int:
    """Verify the ledger in `directory`; give the size of its checkpoint."""
    signed = head(reader(directory), KEY).checkpoint
    verify(reader(directory), signed, progress=lambda _: None, **options)
    return signed.size


def durable(directory: Path) -> list[bytes]:
    return [raw for _, raw in entries_from(directory, KEY, 0)]


class PowerLoss(BaseException):
    """The machine is off: nothing of ours may catch this."""


class FailingDisk(Disk):
    """A disk on which step number `at` fails; where it writes, a `part` of it is written first.

    With `error` the step raises it and later ones work; without, the power is cut, and then
    `lose(share)` undoes that share of what was not made durable, the latest first, as a file system
    may. It does not sync, so it is quick; what was synced it keeps book of.
    """

    def __init__(self, at: int, part: float = 0, error: OSError | None = None) -> None:
        self.steps = 0
        self._at, self._part, self._error = at, part, error
        self._undo: list[tuple[Path, Callable[[], object]]] = []

    def lose(self, share: float) -> None:
        keep = round(len(self._undo) * (1 - share))
        for _, undo in reversed(self._undo[keep:]):
            undo()
        self._undo = []

    def open_journal(self, path: Path) -> int:
        self._step()
        self._undo_to_present(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        return os.open(path, flags, 0o640)

    def append(self, fd: int, data: bytes) -> None:
        self._step(partial(os.write, fd, data[: round(len(data) * self._part)]))
        super().append(fd, data)

    def cut(self, fd: int, size: int) -> None:
        self._step()
        super().cut(fd, size)

    def write_synced(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        self._step(partial(path.write_bytes, data[: round(len(data) * self._part)]))
        path.write_bytes(data)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        self._undo_to_present(target)
        super().rename(source, target)

    def sync_directory(self, path: Path) -> None:
        self._step()
        # With a directory's going durable, what was in it is gone for good too.
        gone = {where for where, _ in self._undo if where.parent == path and not where.exists()}
        self._undo = [(where, undo) for where, undo in self._undo if where not in gone | {path}]

    def make_directory(self, path: Path) -> None:
        self._step()
        path.mkdir(exist_ok=True)

    def remove(self, path: Path) -> None:
        self._step()
        self._undo_to_present(path)
        super().remove(path)

    def remove_directory(self, path: Path) -> None:
        self._step()
        super().remove_directory(path)
        self._undo.append((path.parent, partial(path.mkdir, exist_ok=True)))

    def _undo_to_present(self, path: Path) -> None:
        content = path.read_bytes() if path.exists() else None
        back = partial(path.unlink, missing_ok=True)
        self._undo.append(
            (path.parent, back if content is None else partial(path.write_bytes, content))
        )

    def _step(self, before: Callable[[], object] = lambda: None) -> None:
        self.steps += 1
        if self.steps == self._at:
            before()
            raise self._error or PowerLoss
