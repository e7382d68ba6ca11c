"""A projection of the ledger in SQLite, by which decisions are found; it can be thrown away.

It holds numbers of entries and what is searched for, and nothing is shown from it: a page is read
from the ledger itself. It says up to which entry it goes and the root over them; where the ledger
has another root there, or the file is damaged, it is made anew.

Everything searched for but the user, the number and the time is of few values, so each combination
that occurs is a *shape*. A page asks each shape that fits for its newest decisions: whatever is
combined costs some index look-ups and never a scan.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from kanhe.adapters.decision_batch import Batch, Shapes
from kanhe.adapters.decision_search import find_one, found
from kanhe.errors import LedgerError
from kanhe.gateway.decision import (
    Decision,
    DecisionPage,
    DecisionQuery,
    Kind,
    Tally,
    joined,
    record,
)
from kanhe.ledger.reading import Log
from kanhe.status.picture import Sound

Raw: TypeAlias = Callable[[list[int]], dict[int, bytes]]
"""Gives entries of the ledger by their numbers."""

BATCH = 32_768
"""Entries taken in within one transaction."""

_VERSION = 2
_SCHEMA = """
CREATE TABLE state (version INTEGER, covered INTEGER, root BLOB);
CREATE TABLE shape (id INTEGER PRIMARY KEY, kind TEXT, app TEXT, model TEXT, rule TEXT,
  category TEXT, surface TEXT, folds TEXT, noticed TEXT, judged TEXT,
  number INTEGER, last INTEGER);
CREATE TABLE decision (begun INTEGER PRIMARY KEY, number TEXT, shape INTEGER, at INTEGER,
  ended INTEGER, who INTEGER);
CREATE UNIQUE INDEX by_number ON decision (number);
CREATE INDEX by_shape ON decision (shape, begun);
CREATE INDEX by_user ON decision (who, begun) WHERE who IS NOT NULL;
CREATE TABLE minute (minute INTEGER, kind TEXT, number INTEGER, first INTEGER, last INTEGER,
  PRIMARY KEY (minute, kind)) WITHOUT ROWID;
"""


class DecisionIndex:
    """The projection at `path`. One thread writes at a time, others may read meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._shapes = Shapes()
        self._checked = False

    def catch_up(
        self, log: Log, sound: Sound, most: int | None = None, *, wait: bool = True
    ) -> int:
        """Take in entries up to `sound.size`, at most `most`; give how many are left.

        Without `wait` nothing is done, and 0 given, where another thread is at it.

        Raises:
            OSError: The file cannot be written.
        """
        if not self._writing.acquire(blocking=wait):
            return 0
        try:
            return self._catch_up(log, sound, most)
        except sqlite3.DatabaseError:
            # Damaged, or not ours: what it held stands in the ledger.
            self._remove()
            return self._catch_up_anew(log, sound, most)
        finally:
            self._writing.release()

    def page(self, query: DecisionQuery, raw: Raw) -> DecisionPage:
        """Give a page of decisions, newest first."""
        with self._read() as reader:
            if reader is None:
                return DecisionPage((), None, 0, 0)
            covered = reader.execute("SELECT covered FROM state").fetchone()[0]
            hits = found(reader, self._shapes, query)
        return DecisionPage(tuple(_shown(hits.rows, raw)), hits.further, hits.total, covered)

    def one(self, number: str, raw: Raw) -> Decision | None:
        """Give the decision of exactly that number."""
        with self._read() as reader:
            row = find_one(reader, number) if reader else None
        return next(_shown([row], raw)) if row else None

    def tallies(self, since: datetime, until: datetime, minutes: int) -> tuple[Tally, ...]:
        """Count decisions by kind, in steps of `minutes` from `since` on."""
        start = int(since.timestamp()) // 60
        asked = "SELECT (minute - ?) / ?, kind, sum(number) FROM minute " \
                "WHERE minute >= ? AND minute < ? GROUP BY 1, 2 HAVING sum(number) > 0"  # fmt: skip
        with self._read() as reader:
            if reader is None:
                return ()
            end = -(-int(until.timestamp()) // 60)
            rows = reader.execute(asked, (start, minutes, start, end)).fetchall()
        return tuple(
            Tally(datetime.fromtimestamp((start + step * minutes) * 60, UTC), Kind(kind), number)
            for step, kind, number in rows
        )

    def close(self) -> None:
        """Give the file back."""
        with self._writing, self._reading:
            self._close()

    def _catch_up_anew(self, log: Log, sound: Sound, most: int | None) -> int:
        try:
            return self._catch_up(log, sound, most)
        except sqlite3.DatabaseError as error:
            raise OSError(f"{self._path}: {error}") from error

    def _catch_up(self, log: Log, sound: Sound, most: int | None) -> int:
        writer = self._open(log, sound)
        covered = writer.execute("SELECT covered FROM state").fetchone()[0]
        stop = sound.size if most is None else min(sound.size, covered + most)
        while covered < stop:
            upto = min(covered + BATCH, stop)
            batch = Batch(writer, self._shapes)
            with self._transaction(writer):
                for index, entry in enumerate(log.entries(covered, upto), covered):
                    batch.take(index, entry)
                batch.write()
                root = log.root(upto)
                writer.execute("UPDATE state SET covered = ?, root = ?", (upto, root))
            covered = upto
        return sound.size - int(covered)

    @contextmanager
    def _transaction(self, writer: sqlite3.Connection) -> Iterator[None]:
        writer.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            writer.execute("ROLLBACK")
            self._shapes.load(writer)
            raise
        writer.execute("COMMIT")

    def _open(self, log: Log, sound: Sound) -> sqlite3.Connection:
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = _connect(self._path)
        if not self._checked:
            if not _fits(self._writer, log, sound):
                self._remove()
                self._writer = _connect(self._path)
                self._writer.executescript(_SCHEMA)
                self._writer.execute("INSERT INTO state VALUES (?, 0, ?)", (_VERSION, b""))
            self._shapes.load(self._writer)
            self._checked = True
        return self._writer

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection | None]:
        with self._reading:
            if not self._checked:
                yield None
                return
            if self._reader is None:
                self._reader = _connect(self._path)
                self._reader.execute("PRAGMA query_only = on")
            yield self._reader

    def _remove(self) -> None:
        with self._reading:
            self._close()
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)

    def _close(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()
        self._writer = self._reader = None
        self._checked = False


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA journal_mode = wal")
    # A lost transaction costs nothing: it is taken from the ledger again.
    connection.execute("PRAGMA synchronous = normal")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA case_sensitive_like = on")
    return connection


def _fits(connection: sqlite3.Connection, log: Log, sound: Sound) -> bool:
    try:
        version, covered, root = connection.execute(
            "SELECT version, covered, root FROM state"
        ).fetchone()
    except (sqlite3.DatabaseError, TypeError):
        return False
    if version != _VERSION or covered > sound.size:
        return False
    return covered == 0 or bool(root == log.root(covered))


def _shown(rows: list[tuple[int, int | None]], raw: Raw) -> Iterator[Decision]:
    wanted = {at for row in rows for at in row if at is not None}
    entries = raw(sorted(wanted))
    for begun, ended in rows:
        first = record(entries[begun])
        last = record(entries[ended]) if ended is not None and ended != begun else None
        try:
            yield joined(begun, first, ended, last)
        except LedgerError:
            continue
