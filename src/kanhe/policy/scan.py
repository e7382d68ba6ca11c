"""One lexicon, walked along one text: terms as they become complete, and where one is growing.

The text comes in pieces of any length. After each piece the scanner knows every term that ended in
it, and the first position at which a term may have begun that is not complete yet: nothing from
there on may be shown. Positions count raw characters from the beginning of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from kanhe.policy.fold import Fold, is_invisible, is_wordlike
from kanhe.policy.lexicon import (
    LATIN,
    KeyIndex,
    Lexicon,
    candidates,
    letter_table,
    spelled_by,
    token_table,
)

_MOST_CHECKED = 32
"""Mixed spellings looked at one by one. With more that begin so, one of them surely goes on."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule's matcher is complete over the raw characters [start, end)."""

    start: int
    end: int
    rule: int
    what: str
    """The term, or the folded text that a pattern matched. Never shown, never recorded."""


@dataclass(slots=True)
class Window:
    """The part of a text that is still at hand: `text` begins at position `origin`."""

    text: str = ""
    origin: int = 0

    @property
    def end(self) -> int:
        """Position after the last character."""
        return self.origin + len(self.text)

    def cut(self, start: int, end: int) -> str:
        """Give the characters [start, end)."""
        return self.text[start - self.origin : end - self.origin]

    def before(self, position: int) -> str:
        """Give the nearest character before `position` that can be seen; empty if none is left."""
        at = position - self.origin - 1
        while at >= 0 and is_invisible(self.text[at]):
            at -= 1
        return self.text[at] if at >= 0 else ""

    def after(self, position: int) -> str:
        """Give the nearest character from `position` on that can be seen; empty if none is yet."""
        at = position - self.origin
        while at < len(self.text) and is_invisible(self.text[at]):
            at += 1
        return self.text[at] if at < len(self.text) else ""

    def ends_word(self, position: int) -> bool:
        """Say whether what stands before `position` could run on as a Latin word."""
        return is_wordlike(self.before(position) or " ")

    def splits_word(self, position: int, end: int) -> bool:
        """Say whether a Latin word runs on over `position`, where [position, end) is matched."""
        first = self.after(position) if end > position else ""
        before = self.before(position)
        return bool(before and first) and is_wordlike(before) and is_wordlike(first)


class LexiconScanner:
    """Walk one lexicon along one text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._view = lexicon.view
        self._chars: list[int] = []
        self._letters: list[int] = []

    @property
    def alive(self) -> int | None:
        """Position of the earliest beginning of a term that may still be completed."""
        return min((*self._chars[:1], *self._letters[:1]), default=None)

    def feed(self, window: Window, fresh: int) -> list[Hit]:
        """Look at what has come since position `fresh`; give the terms completed by it."""
        lexicon, before = self._lexicon, self._chars
        found, self._chars = _walk(
            lexicon.chars, token_table(self._view), window, before, fresh, word=self._view.word
        )
        hits = [hit for match in found for hit in self._hits(lexicon.chars, match, window)]
        if lexicon.letters:
            hits += self._feed_letters(lexicon.letters, window, before, fresh)
        return hits

    def _feed_letters(
        self, index: KeyIndex, window: Window, before: list[int], fresh: int
    ) -> list[Hit]:
        # A mixed spelling begins in letters, or in characters that were alive as characters.
        old = sorted({*before, *self._letters})
        start = old[0] if old else fresh
        if not LATIN.search(window.text, start - window.origin):
            self._letters = []
            return []
        table = letter_table(self._view)
        found, living = _walk(index, table, window, old, fresh, word=self._view.word)
        self._letters = [start for start in living if self._goes_on(index, window, start)]
        right = (match for match in found if self._is_spelled(index, window, match))
        return [hit for match in right for hit in self._hits(index, match, window)]

    def _goes_on(self, index: KeyIndex, window: Window, start: int) -> bool:
        raw = window.cut(start, window.end)
        if not LATIN.search(raw):
            return False  # characters alone are the other index's business
        typed = "".join(map(letter_table(self._view).__getitem__, raw))
        numbers = index.beginning_with(typed, _MOST_CHECKED)
        return numbers is None or any(
            spelled_by(raw, spelled, self._view) is None
            for number in numbers
            for spelled in candidates(index, number, self._view)
        )

    def _is_spelled(self, index: KeyIndex, window: Window, match: tuple[int, int, int]) -> bool:
        start, end, number = match
        raw = window.cut(start, end)
        return bool(LATIN.search(raw)) and any(
            spelled_by(raw, spelled, self._view)
            for spelled in candidates(index, number, self._view)
        )

    def _hits(self, index: KeyIndex, match: tuple[int, int, int], window: Window) -> Iterator[Hit]:
        start, end, number = match
        term = index.of.terms[number]
        if Fold.DIGITS in self._view.base and not _has_letter(window.cut(start, end)):
            return  # a bare number is never a word in disguise
        for rule in index.of.rules[number]:
            yield Hit(start, end, rule, term)


def _has_letter(raw: str) -> bool:
    return any(char.isalpha() for char in raw)


def _walk(
    index: KeyIndex,
    table: dict[str, str],
    window: Window,
    known: list[int],
    fresh: int,
    *,
    word: bool,
) -> tuple[list[tuple[int, int, int]], list[int]]:
    """Take the text from the first of the `known` living starts on.

    Gives the keys completed after `fresh` as (start, end, key number), and the starts alive now.
    """
    start = known[0] if known else fresh
    raw = window.text[start - window.origin :]
    pieces = list(map(table.__getitem__, raw))
    joined = "".join(pieces)
    found = index.find(joined) if joined else None
    matches = list(_aligned(found, pieces, start, fresh)) if found else []

    alive: list[int] = []
    end, at = "", len(pieces)
    while at and len(end) < index.longest:
        at -= 1
        if not (piece := pieces[at]):
            continue
        end = piece + end
        position = start + at
        if (
            index.alive(end)
            and (position >= fresh or position in known)
            and not (word and window.splits_word(position, window.end))
        ):
            alive.append(position)
    alive.reverse()
    return matches, alive


def _aligned(
    found: list[tuple[int, int, int]], pieces: list[str], start: int, fresh: int
) -> Iterator[tuple[int, int, int]]:
    # A key counts only if it begins and ends where a raw character does, and only once: what ended
    # before the new characters was given when they came.
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for position, (piece, offset) in enumerate(
        zip(pieces, accumulate(map(len, pieces)), strict=True), start
    ):
        if piece:
            starts[offset - len(piece)] = position
            ends[offset] = position + 1
    for low, high, number in found:
        if low in starts and ends.get(high, 0) > fresh:
            yield starts[low], ends[high], number
