"""The port to the ledger, kept in a directory: `journal/`, `tile/`, `checkpoint`, `verifier.key`.

Group commit: what is submitted while a batch is being written becomes the next batch. One thread
writes batches and nothing else; a second one publishes in the background and may be slow or fail
without holding anybody up. An entry is acknowledged when its batch is durable, never before.
Refused: a directory that another process has open, and one that does not add up.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import JOURNAL, read_from
from kanhe.adapters.ledger_journal import Journal, waiting
from kanhe.adapters.ledger_keys import VERIFIER_KEY
from kanhe.adapters.ledger_publisher import Publisher
from kanhe.errors import LedgerError, LedgerUnwritable
from kanhe.ledger import checkpoint, note
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.entry import Json, encode
from kanhe.ledger.note import Signer
from kanhe.ledger.tile import CHECKPOINT

_log = logging.getLogger(__name__)
Clock: TypeAlias = Callable[[], datetime]

_SWITCH_S = 0.0005
"""How long the event loop may keep the interpreter from the writer's thread. With Python's default
of 5 ms a busy loop makes each entry wait for 5 ms twice, once on each side of the write."""


@dataclass(frozen=True, slots=True)
class _Job:
    entries: list[bytes]
    futures: list[asyncio.Future[int]]
    loop: asyncio.AbstractEventLoop


class FileLedger:
    """A `Ledger` in a directory. Make one with `open_ledger`.

    All methods but `publish_now` belong to one event loop.
    """

    def __init__(  # noqa: PLR0913 # its parts and its three ports
        self,
        journal: Journal,
        publisher: Publisher,
        lock: int,
        *,
        clock: Clock,
        every_s: float,
        signed: Callable[[Checkpoint], None],
    ) -> None:
        self._signed = signed
        self._journal, self._publisher, self._lock = journal, publisher, lock
        self._clock = clock
        self._every_s = every_s
        self._entries: list[bytes] = []
        self._futures: list[asyncio.Future[int]] = []
        self._busy = self._closed = self._stuck = False
        self._idle = asyncio.Event()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._grown, self._stopped = threading.Event(), threading.Event()
        self._publishing = threading.Lock()
        self.unwritable: str | None = None
        """Why the last batch could not be made durable, if so; the next one may be again."""
        self.trouble: str | None = None
        """Why publishing is behind, if it is; entries are durable all the same."""
        self._writer = threading.Thread(target=self._write, name="ledger-writer", daemon=True)
        self._background = threading.Thread(
            target=self._publish_on, name="ledger-publisher", daemon=True
        )
        self._writer.start()
        self._background.start()

    @property
    def size(self) -> int:
        """How many entries are durable."""
        return self._journal.size

    @property
    def published(self) -> Checkpoint:
        """The latest signed checkpoint."""
        return self._publisher.head

    def submit(self, tag: str, facts: Mapping[str, Json]) -> asyncio.Future[int]:
        """See `Ledger.submit`."""
        entry = encode(tag, self._clock(), facts)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        if self._closed:
            future.set_exception(_unwritable("it is closed"))
            return future
        self._entries.append(entry)
        self._futures.append(future)
        if not self._busy:
            # Not at once: the rest of this turn of the loop may bring more for the same batch.
            self._busy = True
            loop.call_soon(self._hand_over, loop)
        return future

    async def append(self, tag: str, facts: Mapping[str, Json]) -> int:
        """See `Ledger.append`."""
        return await self.submit(tag, facts)

    async def publish(self) -> Checkpoint:
        """Publish what is durable now, and return the checkpoint that vouches for it.

        Raises:
            LedgerUnwritable: It could not be written; the entries stay durable in the journal.
        """
        return await asyncio.to_thread(self.publish_now)

    def publish_now(self) -> Checkpoint:
        """`publish`, for callers without an event loop; any thread."""
        try:
            with self._publishing:
                head = self._publisher.publish(self._journal.size)
        except OSError as error:
            self._trouble(error)
            raise _unwritable(str(error)) from error
        except LedgerError as error:
            self._trouble(error)
            raise
        self.trouble = None
        self._signed(head)
        return head

    def _trouble(self, error: Exception) -> None:
        if self.trouble is None:
            _log.error("the ledger is not published: %s; entries are durable all the same", error)
        self.trouble = str(error)

    async def aclose(self) -> None:
        """See `Ledger.aclose`. What is durable is published, if the disk lets us."""
        if self._closed:
            return
        self._closed = True
        if self._busy:
            self._idle.clear()
            await self._idle.wait()
        self._jobs.put(None)
        self._stopped.set()
        self._grown.set()
        await asyncio.to_thread(self._shut)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        job = _Job(self._entries, self._futures, loop)
        self._entries, self._futures = [], []
        if self._stuck:
            self._settle(job, OSError("the writer's thread died"))
        else:
            self._jobs.put(job)

    def _write(self) -> None:
        """Make batch after batch durable: the writer's thread."""
        while job := self._jobs.get():
            outcome: int | OSError = OSError("the writer's thread died")
            # A fault of ours must end this thread loudly, and must not leave callers waiting.
            self._stuck = True
            try:
                outcome = self._journal.append(job.entries)
                self._stuck = False
            except OSError as error:
                outcome = error
                self._stuck = False
            finally:
                _tell(job.loop, partial(self._settle, job, outcome))
            if not self._grown.is_set():
                self._grown.set()

    def _settle(self, job: _Job, outcome: int | OSError) -> None:
        self.unwritable = None if isinstance(outcome, int) else str(outcome)
        for offset, future in enumerate(job.futures):
            if future.done():
                continue  # the caller has gone; its entry stands
            if isinstance(outcome, int):
                future.set_result(outcome + offset)
            else:
                future.set_exception(_unwritable(str(outcome)))
        if self._entries:
            self._hand_over(job.loop)
        else:
            self._busy = False
            self._idle.set()

    def _publish_on(self) -> None:
        """Publish once in a while: the background thread."""
        while True:
            self._grown.wait()
            if self._stopped.wait(self._every_s):
                return
            self._grown.clear()
            if self._stopped.is_set():
                return  # `aclose` came in between, and will not set `_grown` again
            try:
                self.publish_now()
            except LedgerError:
                self._grown.set()  # `trouble` says why; the next round tries again

    def _shut(self) -> None:
        self._writer.join()
        self._background.join()
        self._journal.close()
        try:
            self.publish_now()
        except LedgerUnwritable:
            pass  # all is durable in the journal; the next start publishes it
        finally:
            os.close(self._lock)


def _now() -> datetime:
    return datetime.now(UTC)


def open_ledger(  # noqa: PLR0913 # the ports have defaults
    directory: Path,
    signer: Signer,
    *,
    clock: Clock = _now,
    every_s: float = 1.0,
    disk: Disk | None = None,
    signed: Callable[[Checkpoint], None] = lambda _: None,
) -> FileLedger:
    """Open the ledger in `directory`, or begin one there; publish what its journal holds.

    Args:
        directory: Where it is kept; made if it is not there.
        signer: The key, see `ledger_keys`. Its name is the log's origin.
        clock: Gives the instant of an entry, in UTC.
        every_s: Seconds to gather entries before publishing them.
        disk: Stands in for the disk in tests.
        signed: Is told of each checkpoint once it is published, in the publisher's thread.

    Raises:
        LedgerError: Another process has it open, or it is another key's.
        LedgerBroken: It was altered; nothing is written to it.
        LedgerUnwritable: The directory cannot be written.
    """
    disk = disk or Disk()
    lock = None
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        disk.make_directory(directory)
        lock = _lock(directory)
        journal, publisher = take_up(directory, signer, disk)
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
        return FileLedger(journal, publisher, lock, clock=clock, every_s=every_s, signed=signed)
    except (OSError, LedgerError) as error:
        if lock is not None:
            os.close(lock)
        if isinstance(error, OSError):
            raise _unwritable(f"{directory}: {error.strerror}") from error
        raise


def take_up(directory: Path, signer: Signer, disk: Disk) -> tuple[Journal, Publisher]:
    """Bring a directory, in whatever state a crash left it, to where entries can be added."""
    publisher = Publisher(disk, directory, signer)
    publisher.put(VERIFIER_KEY, f"{signer.verifier()}\n".encode())
    journal = Journal(disk, directory / JOURNAL, _durable(directory, publisher.head.size))
    publisher.publish(journal.size)
    # A new file, which also cuts off what a torn batch left behind.
    journal.rotate()
    return journal, publisher


def durable_size(directory: Path) -> int:
    """Tell how many entries a directory claims to hold, its journal included; 0 where none is.

    Raises:
        LedgerError: Its checkpoint is none, or its journal does not add up.
    """
    raw = read_from(directory, CHECKPOINT)
    if raw is None:
        return 0
    return _durable(directory, checkpoint.parse(note.parse(raw).text).size)


def _durable(directory: Path, published: int) -> int:
    size = published
    for batch in waiting(directory / JOURNAL, published):
        size = batch.first + len(batch.entries)
    return size


def _lock(directory: Path) -> int:
    fd = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(fd, 20).decode(errors="replace").strip()
        os.close(fd)
        raise LedgerError(
            f"the ledger {directory} is open in process {holder or '(unknown)'}",
            advice="Stop that process first, or give this one a directory of its own.",
        ) from error
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    # RuntimeError: the loop is closed, nobody is left to be told.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback)


def _unwritable(why: str) -> LedgerUnwritable:
    return LedgerUnwritable(
        f"the ledger cannot be written: {why}",
        advice="Make room or restore write access; it goes on by itself, without a restart.",
    )
