"""Entries on their way into the projection: joined by their exchange, and written in one go.

Most exchanges begin and end within one batch and are written once. Ends of others are looked up.
An entry that is not in the gateway's form is left out: it is nobody's decision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from kanhe.errors import LedgerError
from kanhe.gateway.decision import ENDS, TAGS, Facts, Kind, Opinion, Record, record

Key: TypeAlias = tuple[str, str, str, str, str, str, str, str, str]
"""kind, app, model, rule, category, surface, folds, noticed, judged; folds and noticed between
spaces, judged as `opinions` reads it."""

NONE = "!"
"""Stands before why there is no opinion."""

_MOST_NOTICED = 8
_GATEWAY = b',"tag":"gateway:'
_INSERT = "INSERT OR REPLACE INTO decision VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = "UPDATE decision SET shape = ?, ended = ?, who = ? WHERE begun = ?"
_SHAPE = "INSERT OR REPLACE INTO shape VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_MINUTE = (
    "INSERT INTO minute VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "number = number + excluded.number, first = min(first, excluded.first), "
    "last = max(last, excluded.last)"
)
_BY_NUMBER = "SELECT begun, shape, at, ended, who FROM decision WHERE number = ?"


@dataclass(slots=True)
class Shape:
    """One combination that occurs: how often, and the newest decision of it."""

    id: int
    key: Key
    number: int = 0
    last: int = 0


class Shapes:
    """All combinations, in memory; there are few."""

    def __init__(self) -> None:
        self.by_key: dict[Key, Shape] = {}
        self.by_id: dict[int, Shape] = {}

    def load(self, connection: sqlite3.Connection) -> None:
        """Read them anew."""
        rows = connection.execute("SELECT * FROM shape").fetchall()
        shapes = [Shape(row[0], row[1:10], row[10], row[11]) for row in rows]
        self.by_id = {shape.id: shape for shape in shapes}
        self.by_key = {shape.key: shape for shape in shapes}

    def of(self, key: Key) -> Shape:
        """Give the shape of a combination, a new one if it has not occurred."""
        shape = self.by_key.get(key)
        if shape is None:
            shape = Shape(len(self.by_id) + 1, key)
            self.by_key[key] = self.by_id[shape.id] = shape
        return shape


@dataclass(slots=True)
class _Row:
    begun: int
    at: int
    ended: int | None
    who: int | None
    kind: Kind
    app: str
    model: str
    stopped: tuple[str, str, str, str]
    """Rule, category, surface and folds of what stopped it."""
    noticed: set[str]
    judged: set[str]
    was: Shape | None = None
    """What it is filed under, if it is."""

    @property
    def key(self) -> Key:
        noticed = sorted(self.noticed)[:_MOST_NOTICED]
        # Why nobody could look sorts before what was found, so that it is not what is cut off.
        judged = "\n".join(sorted(self.judged)[:_MOST_NOTICED])
        return (self.kind.value, self.app, self.model, *self.stopped, _spaced(noticed), judged)


@dataclass(slots=True)
class Batch:
    """Entries of one transaction."""

    writer: sqlite3.Connection
    shapes: Shapes
    _rows: dict[str, _Row] = field(default_factory=dict)
    _minutes: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    _touched: dict[int, Shape] = field(default_factory=dict)

    def take(self, index: int, entry: bytes) -> None:
        """Take one entry; those that are not of the gateway pass by."""
        if _GATEWAY not in entry[-64:]:
            return
        try:
            one = record(entry)
        except LedgerError:
            return
        kind, number = TAGS.get(one.tag), one.facts.decision
        if kind is None or not number:
            return
        row = self._rows.get(number)
        if row is None and one.tag in ENDS:
            row = self._known(number)
        if row is None:
            row = _begun(index, one, kind)
        elif kind is not Kind.OPEN:
            row.kind, row.ended, row.stopped = kind, index, _stopped(one.facts)
            row.who = row.who or who(one.facts.user)
            row.noticed.update(found.rule for found in one.facts.noticed)
            row.judged |= _judged(one.facts)
        self._rows[number] = row

    def write(self) -> None:
        """Write what was taken."""
        new, changed = [], []
        for number, row in self._rows.items():
            shape = self._filed(row)
            if row.was is None:
                new.append((row.begun, number, shape.id, row.at, row.ended, row.who))
            else:
                changed.append((shape.id, row.ended, row.who, row.begun))
        self.writer.executemany(_INSERT, new)
        self.writer.executemany(_UPDATE, changed)
        shapes = [(one.id, *one.key, one.number, one.last) for one in self._touched.values()]
        self.writer.executemany(_SHAPE, shapes)
        minutes = [(*key, *some) for key, some in self._minutes.items()]
        self.writer.executemany(_MINUTE, minutes)

    def _known(self, number: str) -> _Row | None:
        found = self.writer.execute(_BY_NUMBER, (number,)).fetchone()
        if found is None:
            return None
        begun, id_, at, ended, who = found
        was = self.shapes.by_id[id_]
        kind, app, model, *stopped, noticed, judged = was.key
        rule, category, surface, folds = stopped
        return _Row(begun, at, ended, who, Kind(kind), app, model,
                    (rule, category, surface, folds), set(noticed.split()),
                    set(judged.splitlines()), was)  # fmt: skip

    def _filed(self, row: _Row) -> Shape:
        shape = self.shapes.of(row.key)
        if shape is row.was:
            return shape
        shape.number += 1
        shape.last = max(shape.last, row.begun)
        self._touched[shape.id] = shape
        self._count(row, row.kind, 1)
        if row.was is not None:
            row.was.number -= 1
            self._touched[row.was.id] = row.was
            self._count(row, Kind(row.was.key[0]), -1)
        return shape

    def _count(self, row: _Row, kind: Kind, more: int) -> None:
        key = row.at // 60_000, kind.value
        some = self._minutes.setdefault(key, [0, row.begun, row.begun])
        some[0] += more
        some[1], some[2] = min(some[1], row.begun), max(some[2], row.begun)


def who(user: str) -> int | None:
    """Give the number under which a pseudonym is filed; None for nobody."""
    if not user:
        return None
    return int.from_bytes(blake2b(user.encode(), digest_size=8).digest(), signed=True)


def _begun(index: int, one: Record, kind: Kind) -> _Row:
    facts = one.facts
    return _Row(
        begun=index,
        at=int(one.at.timestamp() * 1000),
        ended=None if kind is Kind.OPEN else index,
        who=who(facts.user),
        kind=kind,
        app=facts.app,
        model=facts.model,
        stopped=_stopped(facts),
        noticed={found.rule for found in facts.noticed},
        judged=_judged(facts),
    )


def opinions(judged: str) -> list[tuple[str, str]]:
    """Read the last part of a key: who said what; `NONE` stands before why nothing was said."""
    said = (line.partition("\t") for line in judged.splitlines())
    return [(judge, what) for what, _, judge in said]


def _judged(facts: Facts) -> set[str]:
    found = (facts.judged, *(one.judged for one in facts.noticed))
    return {_line(one) for one in found if one is not None}


def _line(one: Opinion) -> str:
    said = f"{NONE}{one.why}" if one.why else one.category
    # White space parts these lines, and a name may hold some.
    return f"{''.join(said.split())}\t{' '.join(one.judge.split())}"


def _stopped(facts: Facts) -> tuple[str, str, str, str]:
    return facts.rule, facts.category, facts.surface, _spaced(facts.folds)


def _spaced(words: Sequence[str]) -> str:
    """Write words between spaces, so that one of them is found as ` word `."""
    return f" {' '.join(words)} " if words else ""
