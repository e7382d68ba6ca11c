"""Which decisions fit a query: some look-ups in the projection, and never a scan.

Each shape that fits is asked for its newest decisions, the newest shape first, until no other can
have a newer one than those that fill the page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from kanhe.adapters.decision_batch import Shape, Shapes, who
from kanhe.gateway.decision import DecisionQuery

Row: TypeAlias = tuple[int, int | None]
"""Entries with which a decision begins and ends."""

MOST = 500
"""Decisions on the longest page."""

_NUMBER = "SELECT begun, ended FROM decision WHERE number = ?"
_NUMBERS = (
    "SELECT begun, ended, shape, at FROM decision WHERE number >= ? AND number < ? AND begun < ? "
    "ORDER BY number LIMIT 100000"
)
_ALL = (
    "SELECT begun, ended FROM decision WHERE begun < ? AND begun >= ? AND at >= ? AND at < ? "
    "ORDER BY begun DESC LIMIT ?"
)
_OF_SHAPE = (
    "SELECT begun, ended FROM decision INDEXED BY by_shape WHERE shape = ? AND begun < ? "
    "AND begun >= ? AND at >= ? AND at < ? ORDER BY begun DESC LIMIT ?"
)
_OF_USER = (
    "SELECT begun, ended FROM decision INDEXED BY by_user WHERE who = ? AND shape = ? "
    "AND begun < ? AND begun >= ? AND at >= ? AND at < ? ORDER BY begun DESC LIMIT ?"
)
_FIRST = "SELECT min(first) FROM minute WHERE minute = (SELECT minute FROM minute WHERE minute >= ? ORDER BY minute LIMIT 1)"  # noqa: E501
_LAST = "SELECT max(last) FROM minute WHERE minute = (SELECT minute FROM minute WHERE minute <= ? ORDER BY minute DESC LIMIT 1)"  # noqa: E501
_NO_END = 1 << 62


@dataclass(frozen=True, slots=True)
class Hits:
    """At most one row more than the query asks for, and how many match in all, where known."""

    rows: list[Row]
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
    limit = max(1, min(query.limit, MOST)) + 1
    fitting = [
        shape for shape in list(shapes.by_id.values()) if shape.number and _fits(shape, query)
    ]
    total = sum(shape.number for shape in fitting)
    bounds = _bounds(reader, query)
    if bounds is None or not fitting:
        return Hits([], 0)
    looked_at_each = query.number or query.user or query.since or query.until
    counted = None if looked_at_each else total
    if query.number:
        return Hits(_numbered(reader, query, {shape.id for shape in fitting}, bounds)[:limit], None)
    if not query.user and len(fitting) == sum(1 for one in shapes.by_id.values() if one.number):
        return Hits(reader.execute(_ALL, (*bounds.values, limit)).fetchall(), counted)
    return Hits(_merged(reader, fitting, who(query.user), bounds, limit), counted)


def _merged(
    reader: sqlite3.Connection,
    fitting: list[Shape],
    user: int | None,
    bounds: _Bounds,
    limit: int,
) -> list[Row]:
    rows: list[Row] = []
    for shape in sorted(fitting, key=lambda one: one.last, reverse=True):
        if len(rows) == limit and shape.last < rows[-1][0]:
            break
        if user is None:
            more = reader.execute(_OF_SHAPE, (shape.id, *bounds.values, limit))
        else:
            more = reader.execute(_OF_USER, (user, shape.id, *bounds.values, limit))
        rows = sorted([*rows, *more], reverse=True)[:limit]
    return rows


def _numbered(
    reader: sqlite3.Connection, query: DecisionQuery, shapes: set[int], bounds: _Bounds
) -> list[Row]:
    # Numbers are random: of a prefix of four characters a million has some fifteen.
    some = reader.execute(_NUMBERS, (query.number, query.number + "\x7f", bounds.high))
    rows = [
        (begun, ended)
        for begun, ended, shape, at in some
        if shape in shapes and begun >= bounds.low and bounds.since <= at < bounds.until
    ]
    return sorted(rows, reverse=True)


def _fits(shape: Shape, query: DecisionQuery) -> bool:
    return all(_conditions(shape, query))


def _conditions(shape: Shape, query: DecisionQuery) -> Iterator[bool]:
    kind, app, model, rule, category, surface, folds, noticed = shape.key
    yield not query.kinds or kind in query.kinds
    yield not query.rule or query.rule == rule or f" {query.rule} " in noticed
    yield not query.fold or f" {query.fold} " in folds
    pairs = ((query.app, app), (query.model, model), (query.category, category),
             (query.surface, surface))  # fmt: skip
    yield all(not wanted or wanted == have for wanted, have in pairs)


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
