"""One lexicon, walked along one text: terms as they become complete, and where one is growing.

The text comes in pieces of any length. After each piece the scanner knows every term that ended in
it, and the first position at which a term may have begun that is not complete yet: nothing from
there on may be shown. Positions count raw characters from the beginning of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from kanhe.policy.fold import Fold, is_invisible, is_spelled_out, is_wordlike
from kanhe.policy.lexicon import (
    HAN,
    LATIN,
    KeyIndex,
    Lexicon,
    letter_table,
    spelled_by,
    token_table,
    units_of,
)
from kanhe.policy.trie import ROOT, Trie

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
        """Give the nearest character before `position` that can be seen; empty if none is near."""
        at = position - self.origin - 1
        far = max(at - FAR, -1)
        while at > far and is_invisible(self.text[at]):
            at -= 1
        return self.text[at] if at > far else ""

    def after(self, position: int) -> str:
        """Give the nearest character from `position` on that can be seen; empty if none is yet.

        A space where there is none near: what is `FAR` away is no neighbour.
        """
        at = position - self.origin
        far = min(at + FAR, len(self.text))
        while at < far and is_invisible(self.text[at]):
            at += 1
        if at < far:
            return self.text[at]
        return " " if far == position - self.origin + FAR else ""

    def ends_word(self, position: int) -> bool:
        """Say whether what stands before `position` could run on as a Latin word."""
        return is_wordlike(self.before(position) or " ")

    def splits_word(self, position: int) -> bool:
        """Say whether a Latin word runs on over `position`, seen through what is invisible."""
        after = self.after(position)
        return bool(after) and is_wordlike(after) and self.ends_word(position)

    def begins_inside(self, position: int) -> bool:
        """Say whether what is matched from `position` on begins in the middle of a Latin word.

        A match that begins with an invisible character was asked for just so, and begins there.
        """
        return is_wordlike(self.text[position - self.origin]) and self.ends_word(position)


FAR = 64
"""Invisible characters through which a neighbour is still seen. Bounded, or each look at a text of
them would cost its length."""

Living = tuple[int, int]
"""Where a term may have begun, and the node of the trie that the text since then has reached."""

Match = tuple[int, int, int]
"""A complete key: its start, its end, its number."""


class LexiconScanner:
    """Walk one lexicon along one text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._view = lexicon.view
        self._token = token_table(lexicon.view).__getitem__
        self._chars: list[Living] = []
        self._letters: list[Living] = []
        self._window = Window()
        self._fresh = 0
        self.alive: int | None = None
        """Position of the earliest beginning of a term that may still be completed."""

    def feed(self, window: Window, fresh: int) -> list[Hit]:
        """Look at what has come since position `fresh`; give the terms completed by it."""
        lexicon, before = self._lexicon, self._chars
        raw = window.text[fresh - window.origin :]
        self._window, self._fresh = window, fresh
        found, living = self._walk(lexicon.chars.trie, before, list(map(self._token, raw)))
        self._chars = living
        self.alive = living[0][0] if living else None
        hits = [hit for match in found for hit in self._hits(lexicon.chars, match)] if found else []
        if lexicon.letters and (self._letters or LATIN.search(raw)):
            hits += self._feed_letters(lexicon.letters, raw, before)
            if self._letters:
                self.alive = min((*living[:1], *self._letters[:1]))[0]
        return hits

    def _feed_letters(self, index: KeyIndex, raw: str, before: list[Living]) -> list[Hit]:
        # A mixed spelling begins in letters, or in characters that were alive as characters.
        letter, window = letter_table(self._view).__getitem__, self._window
        known = dict(self._letters)
        for start, _ in before:
            if start not in known:
                typed = "".join(map(letter, window.cut(start, self._fresh)))
                known[start] = index.trie.step(ROOT, typed)
        on = sorted(one for one in known.items() if one[1] >= 0)
        found, living = self._walk(index.trie, on, list(map(letter, raw)))
        self._letters = [one for one in living if self._goes_on(index, one)]
        right = (match for match in found if self._is_spelled(index, match))
        return [hit for match in right for hit in self._hits(index, match)]

    def _goes_on(self, index: KeyIndex, one: Living) -> bool:
        start, node = one
        raw = self._window.cut(start, self._window.end)
        if not LATIN.search(raw):
            return False  # characters alone are the other index's business
        if not HAN.search(raw):
            return True  # letters alone spell every term that begins so
        numbers = list(islice(index.trie.below(node), _MOST_CHECKED + 1))
        return len(numbers) > _MOST_CHECKED or any(
            spelled_by(raw, spelled, self._view) is None
            for number in numbers
            for spelled in units_of(index.term(number), self._view)
        )

    def _is_spelled(self, index: KeyIndex, match: Match) -> bool:
        start, end, number = match
        raw = self._window.cut(start, end)
        return bool(LATIN.search(raw)) and any(
            spelled_by(raw, spelled, self._view)
            for spelled in units_of(index.term(number), self._view)
        )

    def _hits(self, index: KeyIndex, match: Match) -> Iterator[Hit]:
        start, end, number = match
        if Fold.DIGITS in self._view.base and not is_spelled_out(self._window.cut(start, end)):
            return  # a bare number is never a word in disguise
        term = index.term(number)
        for rule in index.rules(number):
            yield Hit(start, end, rule, term)

    def _walk(  # noqa: C901, PLR0912 # written out: a call for each character would cost the most
        self, trie: Trie, known: list[Living], pieces: list[str]
    ) -> tuple[list[Match], list[Living]]:
        """Walk `trie` over what each fresh character folds to, beginning anywhere or as `known`.

        A key counts only if it begins and ends where a raw character does: a piece is taken whole.
        Gives complete keys, and the starts that may go on.
        """
        heads, edges, first, ends = trie.heads, trie.edges, trie.first, trie.ends
        fresh, count = self._fresh, len(pieces)
        word, window = self._view.word, self._window
        found: list[Match] = []
        living: list[Living] = []
        todo = [(start, node, 0) for start, node in known]
        for after, piece in enumerate(pieces, 1):
            if head := heads.get(piece):
                node, followers = head
                # Most beginnings end with the next character: cheapest to see here.
                if (
                    after == count
                    or followers is None
                    or (follower := pieces[after]) in followers
                    or len(follower) > 1
                ):
                    todo.append((fresh + after - 1, node, after))
            elif len(piece) > 1 and (node := trie.step(ROOT, piece)) >= 0:
                todo.append((fresh + after - 1, node, after))
        for start, begun, after in todo:
            node, at = begun, after
            if at and ends[node] >= 0:
                found.append((start, fresh + at, ends[node]))
            while at < count:
                piece = pieces[at]
                at += 1
                if len(piece) == 1:
                    node = edges.find(piece, first[node], first[node + 1]) + 1
                    if not node:
                        break
                elif piece:
                    node = trie.step(node, piece)
                    if node < 0:
                        break
                else:
                    continue
                if ends[node] >= 0:
                    found.append((start, fresh + at, ends[node]))
            else:
                if first[node] < first[node + 1] and not (
                    after and word and window.begins_inside(start)
                ):
                    living.append((start, node))
        return found, living
