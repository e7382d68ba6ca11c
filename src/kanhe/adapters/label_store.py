"""Labelling tasks in SQLite: texts to be labelled, and every label that anybody gave.

One file, for its owner's eyes only, opened by the service and by `kanhe judge label` at once.
Labels are only added: a change is another row, and the database itself refuses to alter or remove
one. Who labelled stands there by the id of an account. The texts of a task can be destroyed; its
labels remain, and the ledger's figures can still be computed from them.

What a step rests on is read and written in one transaction: of two who label the same item at once,
the second is told. All methods block for milliseconds, and may be called from any thread.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kanhe.errors import RequestError, SettingsError
from kanhe.judge.label_set import Item
from kanhe.judge.labelling import NAME, Desk, Label, Task, label
from kanhe.terms import Text

LABELS = "labels.db"
"""Name of the file in the data directory."""

_TASKS = """CREATE TABLE tasks (
    name TEXT PRIMARY KEY, question_zh TEXT NOT NULL, question_en TEXT NOT NULL,
    categories TEXT NOT NULL, doubled INTEGER NOT NULL, seed TEXT NOT NULL,
    set_name TEXT NOT NULL, set_sha256 TEXT NOT NULL, items INTEGER NOT NULL,
    opened TEXT NOT NULL, closed TEXT, erased TEXT
) STRICT, WITHOUT ROWID"""
# Without a body: destroyed. JSON, since a text may hold what SQLite's text cannot.
_ITEMS = """CREATE TABLE items (
    task TEXT NOT NULL REFERENCES tasks, number INTEGER NOT NULL, body TEXT,
    PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID"""
_LABELS = """CREATE TABLE labels (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT NOT NULL REFERENCES tasks,
    item INTEGER NOT NULL, by TEXT NOT NULL, said TEXT NOT NULL, category TEXT NOT NULL,
    sure INTEGER NOT NULL, seconds INTEGER NOT NULL, at TEXT NOT NULL, adjudicates INTEGER NOT NULL
) STRICT"""
_FOR_EVER = """CREATE TRIGGER labels_{what} BEFORE {what} ON labels
    BEGIN SELECT RAISE(ABORT, 'labels are only added'); END"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _TASKS, _ITEMS, _LABELS, "CREATE INDEX labels_of ON labels (task, seq)",
        _FOR_EVER.format(what="UPDATE"), _FOR_EVER.format(what="DELETE"),
    ),
)  # fmt: skip
"""One tuple of statements for each version of the tables; a step is never changed."""

_TASK = (
    "name, question_zh, question_en, categories, doubled, seed, set_name, set_sha256, items, "
    "opened, closed, erased"
)
_LABEL = "item, by, said, category, sure, seconds, at, adjudicates"


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as a person who labels it may see it: not where it is from, and no label."""

    number: int
    text: str
    context: str
    lang: str
    kind: str


class LabelStore:
    """The labelling tasks of one file.

    Args:
        path: The file; made if it is not there.

    Raises:
        SettingsError: The file cannot be opened, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=2.0, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            # What is destroyed is overwritten, and not only let go of.
            self._db.execute("PRAGMA secure_delete = ON")
            with self._once():
                _migrate(self._db)
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                f"the labels in {path} cannot be opened: {error}",
                advice="Let the service's user own the data directory; a damaged file comes back "
                "from a backup.",
            ) from error

    @contextmanager
    def _once(self) -> Iterator[None]:
        """Do all of the block or nothing of it, with nobody else writing meanwhile."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def require_new(self, task: Task, items: tuple[Item, ...]) -> None:
        """Refuse a task that cannot be opened.

        Raises:
            RequestError: There is one of that name, or it is no name, or there are no items.
        """
        if not NAME.fullmatch(task.name) or not items:
            named = f"{task.name[:60]!r} is no name of a task"
            small = "Write small letters, digits and hyphens, 40 at most, the first no hyphen."
            raise RequestError(
                named if items else "there is nothing to label",
                advice=small if items else "Name a file with at least one text.",
            )
        with self._lock:
            if self._row(task.name):
                raise RequestError(
                    f"there is a task {task.name!r} already", advice="Choose another name."
                )

    def open(self, task: Task, items: tuple[Item, ...]) -> None:
        """Keep a new task with its items.

        Raises:
            RequestError: See `require_new`.
        """
        bodies = [(task.name, number, _body(item)) for number, item in enumerate(items)]
        with self._once():
            self.require_new(task, items)
            marks = ", ".join("?" * 12)
            self._db.execute(f"INSERT INTO tasks ({_TASK}) VALUES ({marks})", _values(task))  # noqa: S608 # our own words
            self._db.executemany("INSERT INTO items VALUES (?, ?, ?)", bodies)

    def tasks(self) -> tuple[Task, ...]:
        """Give all tasks, the oldest first."""
        with self._lock:
            rows = self._db.execute(f"SELECT {_TASK} FROM tasks ORDER BY opened, name")  # noqa: S608 # our own words
            return tuple(map(_task, rows.fetchall()))

    def desk(self, name: str) -> Desk:
        """Give a task with all that was said in it.

        Raises:
            RequestError: There is none of that name.
        """
        with self._lock:
            row = self._row(name)
            if row is None:
                raise RequestError(
                    f"there is no labelling task {name[:60]!r}",
                    advice="`kanhe judge label list` names those there are.", status=404,
                )  # fmt: skip
            return Desk(_task(row), self.history(name))

    def history(self, name: str) -> tuple[Label, ...]:
        """Give everything that was said in a task, in the order in which it came."""
        with self._lock:
            sql = f"SELECT {_LABEL} FROM labels WHERE task = ? ORDER BY seq"  # noqa: S608 # our own words
            return tuple(map(_label, self._db.execute(sql, (name,)).fetchall()))

    def shown(self, name: str, number: int) -> Shown:
        """Give an item as somebody who labels it sees it.

        Raises:
            RequestError: There is no such item, or its text was destroyed.
        """
        item = self._item(name, number)
        return Shown(number, item.text, item.context, item.lang, item.kind)

    def items(self, name: str) -> tuple[Item, ...]:
        """Give all items of a task, for what is exported.

        Raises:
            RequestError: Their texts were destroyed.
        """
        with self._lock:
            sql = "SELECT body FROM items WHERE task = ? ORDER BY number"
            return tuple(_read(name, row) for row in self._db.execute(sql, (name,)).fetchall())

    def add(self, name: str, given: Label) -> Label:
        """Keep a label, if this person may give it.

        Raises:
            RequestError: They may not, or its category does not fit.
        """
        with self._once():
            desk = self.desk(name)
            desk.refuse(given.by, given.item, adjudicates=given.adjudicates)
            self._put(name, label(desk.task, given))
        return given

    def take_back(self, name: str, who: str, at: datetime) -> int | None:
        """Take somebody's last label back; give its item, or None where there is none to take."""
        with self._once():
            last = self.desk(name).last(who)
            if last is None:
                return None
            self._put(name, Label(last.item, who, "withdrawn", "", True, 0, at))
        return last.item

    def end(self, name: str, at: datetime | None) -> None:
        """Close a task: nothing more is said in it. Without an instant it is opened again.

        Raises:
            RequestError: There is no such task, or it is closed.
        """
        with self._once():
            if self.desk(name).task.closed and at:
                raise RequestError(f"the task {name} is closed already", advice="Export it.")
            kept = at and at.isoformat()
            self._db.execute("UPDATE tasks SET closed = ? WHERE name = ?", (kept, name))

    def erase(self, name: str, at: datetime) -> None:
        """Destroy the texts of a task for good; labels remain. Can be done again.

        Raises:
            RequestError: There is no such task, or another process is at the file.
        """
        with self._once():
            first = self.desk(name).task.erased or at
            self._db.execute("UPDATE items SET body = NULL WHERE task = ?", (name,))
            self._db.execute(
                "UPDATE tasks SET erased = ? WHERE name = ?", (first.isoformat(), name)
            )
        with self._lock:
            try:
                # What was written lately stands in the log beside the file too.
                self._db.execute("VACUUM")
                busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError:
                busy = 1
        if busy:
            raise RequestError(
                f"the texts of {name} are shown no more, but traces may stand in the file: it is "
                "in use", advice="Do it again.", status=409,
            )  # fmt: skip

    def _row(self, name: str) -> tuple[object, ...] | None:
        sql = f"SELECT {_TASK} FROM tasks WHERE name = ?"  # noqa: S608 # our own words
        row: tuple[object, ...] | None = self._db.execute(sql, (name,)).fetchone()
        return row

    def _item(self, name: str, number: int) -> Item:
        with self._lock:
            sql = "SELECT body FROM items WHERE task = ? AND number = ?"
            return _read(name, self._db.execute(sql, (name, number)).fetchone())

    def _put(self, name: str, one: Label) -> None:
        row = (name, one.item, one.by, one.said, one.category, one.sure, one.seconds,
               one.at.isoformat(), one.adjudicates)  # fmt: skip
        sql = f"INSERT INTO labels (task, {_LABEL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 # our own words
        self._db.execute(sql, row)


def open_labels(data: Path) -> LabelStore:
    """Open the labelling tasks of a data directory.

    Raises:
        SettingsError: The file cannot be used.
    """
    return LabelStore(data / LABELS)


def _values(task: Task) -> tuple[object, ...]:
    return (
        task.name, task.question.zh, task.question.en, json.dumps(task.categories), task.doubled,
        task.seed, task.set_name, task.set_sha256, task.items, task.opened.isoformat(),
        task.closed and task.closed.isoformat(), task.erased and task.erased.isoformat(),
    )  # fmt: skip


def _task(row: tuple[object, ...]) -> Task:
    name, zh, en, categories, doubled, seed, set_name, sha256, items, *times = row
    opened, closed, erased = (datetime.fromisoformat(str(at)) if at else None for at in times)
    assert opened  # noqa: S101 # NOT NULL
    return Task(
        str(name), Text(str(zh), str(en)), tuple(json.loads(str(categories))), int(str(doubled)),
        str(seed), str(set_name), str(sha256), int(str(items)), opened, closed, erased,
    )  # fmt: skip


def _label(row: tuple[int, str, str, str, int, int, str, int]) -> Label:
    item, by, said, category, sure, seconds, at, adjudicates = row
    return Label(
        item, by, said, category, bool(sure), seconds, datetime.fromisoformat(at),  # type: ignore[arg-type] # as it was put in
        bool(adjudicates),
    )  # fmt: skip


def _body(item: Item) -> str:
    return json.dumps([item.text, item.context, item.lang, item.kind, dict(item.carried)])


def _read(name: str, row: tuple[str | None] | None) -> Item:
    if row is None or row[0] is None:
        what = "there is no such item" if row is None else "the texts were destroyed"
        raise RequestError(
            f"{what} in the labelling task {name}", advice="Its labels and figures remain.",
            status=404 if row is None else 410,
        )  # fmt: skip
    return Item(*json.loads(row[0]))


def _migrate(db: sqlite3.Connection) -> None:
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for step in MIGRATIONS[done:]:
        for statement in step:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {max(done, len(MIGRATIONS))}")
