"""Patterns, walked along one text: the counterpart of `scan` for bounded regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kanhe.policy.fold import CharTable, Folds, char_table
from kanhe.policy.pattern import Pattern
from kanhe.policy.scan import Hit, Window

Threads = dict[int, int]
"""From a state of the pattern to the earliest position from which it was reached."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One rule's pattern, with what a recogniser adds to it."""

    pattern: Pattern
    rule: int
    not_after: re.Pattern[str] | None = None
    check: Callable[[str], bool] | None = None


class _Openers(dict[str, tuple[int, ...]]):
    """From a raw character to the patterns that can begin with it."""

    def __init__(self, watched: Sequence[Watched], table: CharTable) -> None:
        super().__init__()
        self._watched, self._table = watched, table

    def __missing__(self, char: str) -> tuple[int, ...]:
        piece = self._table[char]
        found = tuple(
            number
            for number, watched in enumerate(self._watched)
            if piece and watched.pattern.begin(piece[0])
        )
        self[char] = found
        return found


class PatternBank:
    """Patterns that look at a text through the same folds."""

    def __init__(self, folds: Folds, watched: Sequence[Watched]) -> None:
        self.watched = tuple(watched)
        self.table = char_table(folds)
        self.openers: dict[str, tuple[int, ...]] = _Openers(self.watched, self.table)


class PatternScanner:
    """Walk one bank of patterns along one text."""

    def __init__(self, bank: PatternBank) -> None:
        self._bank = bank
        self._running: dict[int, Threads] = {}

    @property
    def alive(self) -> int | None:
        """Position of the earliest beginning of a match that may still be completed."""
        return min((min(threads.values()) for threads in self._running.values()), default=None)

    def feed(self, window: Window, fresh: int) -> list[Hit]:
        """Look at what has come since position `fresh`; give the matches completed by it."""
        openers = self._bank.openers
        hits: list[Hit] = []
        for position in range(fresh, window.end):
            char = window.text[position - window.origin]
            begins = openers[char]
            if (begins or self._running) and (piece := self._bank.table[char]):
                hits += self._step(window, position, piece, begins)
        return hits

    def _step(
        self, window: Window, position: int, piece: str, begins: tuple[int, ...]
    ) -> Iterator[Hit]:
        running, self._running = self._running, {}
        for number in {*running, *begins}:
            watched = self._bank.watched[number]
            opens = number in begins and self._may_begin(watched, window, position)
            threads = _advance(
                watched.pattern, running.get(number, {}), piece, position if opens else None
            )
            growing = watched.pattern.growing
            if going := {state: at for state, at in threads.items() if state in growing}:
                self._running[number] = going
            if threads:
                yield from self._complete(watched, threads, window, position + 1)

    def _may_begin(self, watched: Watched, window: Window, position: int) -> bool:
        if watched.not_after is None:
            return True
        before = self._bank.table[char] if (char := window.before(position)) else ""
        return not (before and watched.not_after.match(before[-1]))

    def _complete(
        self, watched: Watched, threads: Threads, window: Window, end: int
    ) -> Iterator[Hit]:
        accepting = watched.pattern.accepting
        for start in sorted({start for state, start in threads.items() if state in accepting}):
            matched = "".join(map(self._bank.table.__getitem__, window.cut(start, end)))
            if watched.check is None or watched.check(matched):
                yield Hit(start, end, watched.rule, matched)
                return


def _advance(pattern: Pattern, threads: Threads, piece: str, opens: int | None) -> Threads:
    for at, char in enumerate(piece):
        ahead: Threads = {}
        for state, start in threads.items():
            for to in pattern.moves(state, char):
                if start < ahead.get(to, start + 1):
                    ahead[to] = start
        if at == 0 and opens is not None:
            for to in pattern.begin(char):
                ahead.setdefault(to, opens)
        threads = ahead
    return threads
