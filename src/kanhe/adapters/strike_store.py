"""Strikes in SQLite, so that a suspension outlives a restart. A `StrikeBook`.

All that matters is also kept in memory: asking costs no disk, and most users have no record at all.
Another process (`kanhe user lift`) may change the file; that is seen within a second. A strike that
cannot be written still counts in this process and is written as soon as the disk lets us. Only
pseudonyms stand here, never a name.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from kanhe.errors import SettingsError
from kanhe.people.strikes import NONE, StrikeRule, Strikes, clean, stale, struck, suspended_until

STRIKES = "strikes.sqlite"
"""Name of the file in the data directory."""

_TABLE = """CREATE TABLE IF NOT EXISTS strikes (
    who TEXT PRIMARY KEY, row INTEGER NOT NULL, day TEXT, on_day INTEGER NOT NULL, until TEXT
) STRICT, WITHOUT ROWID"""
_PUT = "INSERT OR REPLACE INTO strikes VALUES (?, ?, ?, ?, ?)"
_LOOK_S = 1.0


class StrikeStore:
    """The strikes of one file. Use it from one thread.

    Args:
        path: The file; made if it is not there.
        rule: The terms in force.
        clock: Monotonic seconds.

    Raises:
        SettingsError: The file cannot be opened, or is no such file.
    """

    def __init__(
        self, path: Path, rule: StrikeRule, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._rule, self._clock = path, rule, clock
        self._records: dict[str, Strikes] = {}
        self._unwritten: set[str] = set()
        self.trouble: str | None = None
        """Why strikes are not on disk, if so; they count all the same."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=0.05)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute(_TABLE)
            self._version = self._data_version()
            self._read()
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                f"the strikes in {path} cannot be opened: {error}",
                advice="Let the service's user own the directory, or set `strikes = false`.",
            ) from error
        self._looked = clock()

    def suspended_until(self, who: str, now: datetime) -> datetime | None:
        """See `StrikeBook.suspended_until`."""
        self._look()
        record = self._records.get(who)
        return suspended_until(record, now) if record else None

    def struck(self, who: str, now: datetime) -> datetime | None:
        """See `StrikeBook.struck`."""
        self._look()
        record = struck(self._records.get(who, NONE), self._rule, now)
        self._put(who, record)
        return suspended_until(record, now)

    def clean(self, who: str) -> None:
        """See `StrikeBook.clean`."""
        record = self._records.get(who)
        if record and record.row:
            self._put(who, clean(record))

    def lift(self, who: str) -> bool:
        """Forget all strikes of a user; say whether there were any."""
        known = self._records.pop(who, None)
        self._unwritten.discard(who)
        self._db.execute("DELETE FROM strikes WHERE who = ?", (who,))
        return known is not None

    def suspended(self, now: datetime) -> dict[str, datetime]:
        """Give the users who are suspended at `now`, with the ends of their suspensions."""
        ends = {who: suspended_until(record, now) for who, record in self._records.items()}
        return {who: until for who, until in sorted(ends.items()) if until}

    def forget_stale(self, now: datetime) -> int:
        """Drop records in which nothing can matter any more; give their number."""
        gone = [who for who, record in self._records.items() if stale(record, self._rule, now)]
        for who in gone:
            self.lift(who)
        return len(gone)

    def close(self) -> None:
        """Write what could not be written before, if the disk lets us, and close the file."""
        self._flush()
        self._db.close()

    def _put(self, who: str, record: Strikes) -> None:
        if record == self._records.get(who):
            return
        self._records[who] = record
        self._unwritten.add(who)
        self._flush()

    def _flush(self) -> None:
        try:
            for who in tuple(self._unwritten):
                self._db.execute(_PUT, _written(who, self._records[who]))
                self._unwritten.discard(who)
            self.trouble = None
        except sqlite3.Error as error:
            self.trouble = str(error)

    def _look(self) -> None:
        """Read the file again where another process changed it; at most once a second."""
        now = self._clock()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        try:
            version = self._data_version()
            if version != self._version:
                self._flush()
                self._read()
                self._version = version
        except sqlite3.Error as error:
            self.trouble = str(error)

    def _data_version(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _read(self) -> None:
        rows = self._db.execute("SELECT who, row, day, on_day, until FROM strikes").fetchall()
        kept = {who: self._records[who] for who in self._unwritten}
        self._records = {who: _read(*rest) for who, *rest in rows} | kept


def _written(who: str, record: Strikes) -> tuple[str, int, str | None, int, str | None]:
    day = record.day.isoformat() if record.day else None
    until = record.until.astimezone(UTC).isoformat() if record.until else None
    return who, record.row, day, record.on_day, until


def _read(row: int, day: str | None, on_day: int, until: str | None) -> Strikes:
    return Strikes(
        row,
        date.fromisoformat(day) if day else None,
        on_day,
        datetime.fromisoformat(until) if until else None,
    )
