"""Which decisions fit a query: some look-ups in the projection, and never a scan.

Where much fits, the newest decisions are walked through until the page is full. Where little does,
each shape that fits is asked for its newest decisions, the newest shape first, until no other can
have a newer one than those that fill the page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from kanhe.adapters.decision_batch import NONE, Shape, Shapes, opinions, who
from kanhe.gateway.decision import DecisionQuery

Row: TypeAlias = tuple[int, int | None]
"""Entries with which a decision begins and ends."""

MOST = 500
"""Decisions on the longest page."""

_WALK = 50_000
"""Rows that a page looks at before another way is taken; some 30 ms."""

_SEEK = 12
"""Rows that can be walked in the time of asking one shape."""

_SHORT = 2
_COLUMNS = "SELECT begun, ended, shape, number FROM decision"
_BETWEEN = "begun < ? AND begun >= ? AND at >= ? AND at < ?"
_NEWEST = "ORDER BY begun DESC LIMIT ?"
_NUMBER = "SELECT begun, ended FROM decision WHERE number = ?"
_NUMBERS = (
    f"{_COLUMNS} INDEXED BY by_number WHERE {_BETWEEN} AND number >= ? AND number < ? {_NEWEST}"
)
_ALL = f"{_COLUMNS} WHERE {_BETWEEN} {_NEWEST}"
_OF_SHAPE = f"{_COLUMNS} INDEXED BY by_shape WHERE {_BETWEEN} AND shape = ? {_NEWEST}"
_OF_USER = f"{_COLUMNS} INDEXED BY by_user WHERE {_BETWEEN} AND who = ? {_NEWEST}"
_NEAR = "SELECT {}({}) FROM minute WHERE minute = (SELECT minute FROM minute WHERE {} LIMIT 1)"
_FIRST = _NEAR.format("min", "first", "minute >= ? ORDER BY minute")
_LAST = _NEAR.format("max", "last", "minute <= ? ORDER BY minute DESC")
_NO_END = 1 << 62


@dataclass(frozen=True, slots=True)
class Hits:
    """What fits, newest first, at most `limit` rows of the query.

    `further`: where the next page begins, None if there is none. `total`: how many match in all,
    where that is known.
    """

    rows: list[Row]
    further: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Of entry numbers and of milliseconds; the second of each is excluded."""

    low: int
    high: int
    since: int
    until: int

    @property
    def values(self) -> tuple[int, int, int, int]:
        return self.high, self.low, self.since, self.until


def find_one(reader: sqlite3.Connection, number: str) -> Row | None:
    """Find the decision of exactly that number."""
    found: Row | None = reader.execute(_NUMBER, (number,)).fetchone()
    return found


def found(reader: sqlite3.Connection, shapes: Shapes, query: DecisionQuery) -> Hits:
    """Find what fits, newest first."""
    present = [shape for shape in list(shapes.by_id.values()) if shape.number]
    fitting = _fitting(present, query)
    bounds = _bounds(reader, query)
    if bounds is None or not fitting:
        return Hits([], None, 0)
    looking = _Looking(reader, {shape.id: shape for shape in fitting}, bounds, _limit(query))
    if query.user:
        return looking.of_user(who(query.user), query.number)
    if query.number:
        return looking.numbered(query.number)
    total, matching = (sum(shape.number for shape in some) for some in (present, fitting))
    counted = None if query.since or query.until else matching
    # How many rows have to be walked on average until a page is full, against asking each shape.
    walk = looking.limit * total / max(1, matching)
    hits = looking.walk() if walk < _SEEK * len(fitting) else None
    return replace(hits or looking.by_shape(), total=counted)


@dataclass(frozen=True, slots=True)
class _Looking:
    """One search: among which shapes, between which entries, for how many rows."""

    reader: sqlite3.Connection
    shapes: Mapping[int, Shape]
    bounds: _Bounds
    limit: int

    def walk(self) -> Hits | None:
        """Go through the newest; None where too few of them fit."""
        hits = self._sifted(_ALL)
        return hits if len(hits.rows) == self.limit or hits.further is None else None

    def of_user(self, user: int | None, start: str) -> Hits:
        """Go through what one user asked; a page may be short where few of very many fit."""
        return self._sifted(_OF_USER, user, start=start)

    def numbered(self, start: str) -> Hits:
        """Go through what has a number that begins so; a page may be short here, too."""
        if len(start) <= _SHORT:
            # One in 16, or in 256: going through the newest finds enough of them soon.
            return self._sifted(_ALL, start=start)
        return self._sifted(_NUMBERS, start, f"{start}\x7f")

    def by_shape(self) -> Hits:
        """Ask each shape for its newest, the newest shape first."""
        rows: list[tuple[int, int | None, int, str]] = []
        for shape in sorted(self.shapes.values(), key=lambda one: one.last, reverse=True):
            if len(rows) > self.limit and shape.last < rows[-1][0]:
                break
            values = (*self.bounds.values, shape.id, self.limit + 1)
            rows += self.reader.execute(_OF_SHAPE, values)
            rows = sorted(rows, reverse=True)[: self.limit + 1]
        further = rows[self.limit - 1][0] if len(rows) > self.limit else None
        return Hits([row[:2] for row in rows[: self.limit]], further, None)

    def _sifted(self, asked: str, *values: str | int | None, start: str = "") -> Hits:
        rows: list[Row] = []
        seen = begun = 0
        for begun, ended, shape, number in self.reader.execute(
            asked, (*self.bounds.values, *values, _WALK)
        ):
            seen += 1
            if shape in self.shapes and number.startswith(start):
                if len(rows) == self.limit:
                    return Hits(rows, rows[-1][0], None)
                rows.append((begun, ended))
        return Hits(rows, begun if seen == _WALK else None, None)


def _limit(query: DecisionQuery) -> int:
    return max(1, min(query.limit, MOST))


def _fitting(shapes: list[Shape], query: DecisionQuery) -> list[Shape]:
    wanted = (query.app, query.model, query.category, query.surface)
    for place, value in zip((1, 2, 4, 5), wanted, strict=True):
        if value:
            shapes = [shape for shape in shapes if shape.key[place] == value]
    if query.kinds:
        shapes = [shape for shape in shapes if shape.key[0] in query.kinds]
    if query.fold:
        shapes = [shape for shape in shapes if f" {query.fold} " in shape.key[6]]
    if query.rule:
        noticed = f" {query.rule} "
        shapes = [one for one in shapes if query.rule == one.key[3] or noticed in one.key[7]]
    if query.judge or query.opinion:
        shapes = [one for one in shapes if _judged(one.key[8], query)]
    return shapes


def _judged(judged: str, query: DecisionQuery) -> bool:
    """Say whether the judge that is asked for said what is asked for."""
    wanted = query.opinion
    return any(
        query.judge in ("", judge)
        and (wanted in ("", said.removeprefix(NONE)) or (wanted == "none" and said[:1] == NONE))
        for judge, said in opinions(judged)
    )


def _bounds(reader: sqlite3.Connection, query: DecisionQuery) -> _Bounds | None:
    """Turn instants into entry numbers; None where nothing lies between them."""
    low, high, since, until = 0, query.before if query.before is not None else _NO_END, 0, _NO_END
    if query.since:
        since = _milliseconds(query.since)
        low = reader.execute(_FIRST, (since // 60_000,)).fetchone()[0]
    if query.until:
        until = _milliseconds(query.until)
        last = reader.execute(_LAST, (until // 60_000,)).fetchone()[0]
        high = min(high, last + 1) if last is not None else 0
    return _Bounds(low, high, since, until) if low is not None and low < high else None


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
