"""Many terms at once: an automaton that finds whole terms, and sorted keys that tell living ones.

A library finds complete terms (Aho-Corasick, as a double array). What it does not tell is which
end of the text could still become a term; that is asked of the sorted keys by binary search: an end
lives if some key is longer and begins with it. Both work on matching characters (`spelling.View`).
Neither costs more per character when the list grows, but for the depth of the search.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import daachorse

from kanhe.policy.fold import CharTable, char_table, is_han
from kanhe.policy.phonetic import spoken
from kanhe.policy.spelling import Unit, View, spellings, units

LATIN = re.compile(
    "[A-Za-z\u00aa-\u024f\u0250-\u02af\u0370-\u052f\u1d00-\u1dbf\u1e00-\u1eff\u2100-\u214f"
    "\u2460-\u24ff\uff21-\uff5a\U0001d400-\U0001d7ff\U0001f110-\U0001f189]"
)
"""Letters that could be transcription, plain or in any of their dresses."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of one rule, before it is spelled."""

    term: str
    rule: int
    split: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """Sorted distinct keys; key `i` stands for `terms[i]` of the rules `rules[i]`."""

    keys: Sequence[str]
    terms: Sequence[str]
    rules: Sequence[tuple[int, ...]]


class KeyIndex:
    """Answers what a piece of matching text is: a whole key, the living beginning of one, or not.

    Built from `Keys`; `compiled` is what `compiled()` gave for the same keys, to spare the work.
    """

    def __init__(self, keys: Keys, compiled: bytes | None = None) -> None:
        self.of = keys
        self.longest = max(map(len, keys.keys), default=0)
        self._keys = keys.keys
        # Most ends die at their first or second character: one look in a set instead of a search.
        self._heads = {key[:1] for key in self._keys if len(key) > 1}
        self._heads |= {key[:2] for key in self._keys if len(key) > 2}
        self._automaton = (
            daachorse.CharwiseDoubleArrayAhoCorasick.deserialize(compiled)
            if compiled
            else daachorse.CharwiseDoubleArrayAhoCorasick(list(self._keys))
        )

    def compiled(self) -> bytes:
        """Give the automaton as bytes, for a cache."""
        return bytes(self._automaton.serialize())

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Give every key in `text` as (start, end, key number), overlapping ones too."""
        return self._automaton.find_overlapping(text)

    def alive(self, end: str) -> bool:
        """Say whether `end` is a proper beginning of some key."""
        if end[:2] not in self._heads:
            return False
        at = bisect_right(self._keys, end)
        return at < len(self._keys) and self._keys[at].startswith(end)

    def beginning_with(self, end: str, most: int) -> range | None:
        """Give the numbers of the longer keys that begin with `end`; None if over `most`."""
        low = bisect_right(self._keys, end)
        high = low
        while high < len(self._keys) and self._keys[high].startswith(end):
            high += 1
            if high - low > most:
                return None
        return range(low, high)


class _TokenTable(dict[str, str]):
    def __init__(self, view: View) -> None:
        super().__init__()
        self._base, self._view = char_table(view.base), view

    def __missing__(self, char: str) -> str:
        piece = self[char] = self._view.token(self._base[char])
        return piece


class _LetterTable(dict[str, str]):
    def __init__(self, view: View) -> None:
        super().__init__()
        self._base: CharTable = char_table(view.base)

    def __missing__(self, char: str) -> str:
        folded = "v" if char in "üÜǖǘǚǜ" else self._base[char]
        piece = self[char] = "".join(spoken(c) if is_han(c) else c for c in folded)
        return piece


@cache
def token_table(view: View) -> dict[str, str]:
    """Give what each raw character matches as in `view`."""
    return _TokenTable(view)


@cache
def letter_table(view: View) -> dict[str, str]:
    """Give how each raw character is typed in Latin letters."""
    return _LetterTable(view)


class Lexicon:
    """All terms that are matched in one view: as characters and, where asked for, as letters."""

    def __init__(self, view: View, chars: KeyIndex, letters: KeyIndex | None) -> None:
        self.view = view
        self.chars = chars
        self.letters = letters


def char_keys(view: View, entries: Iterable[Entry]) -> Keys:
    """Spell the terms in matching characters."""
    found: dict[str, tuple[str, set[int]]] = {}
    for entry in entries:
        for key in spellings(entry.term, view, split=entry.split):
            found.setdefault(key, (entry.term, set()))[1].add(entry.rule)
    return _sorted(found)


def letter_keys(view: View, entries: Iterable[Entry]) -> Keys:
    """Spell the terms in Latin letters, as they are typed without tones."""
    found: dict[str, tuple[str, set[int]]] = {}
    for entry in entries:
        for spelled in units(entry.term, view):
            key = "".join(unit.letters for unit in spelled)
            found.setdefault(key, (entry.term, set()))[1].add(entry.rule)
    return _sorted(found)


def _sorted(found: Mapping[str, tuple[str, set[int]]]) -> Keys:
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}
    # NUL divides keys in the stored form; no term has one, the loader sees to that.
    keys = sorted(key for key in found if key and "\0" not in key)
    rules = [tuple(sorted(found[key][1])) for key in keys]
    return Keys(keys, [found[key][0] for key in keys], [shared.setdefault(r, r) for r in rules])


def compile_lexicon(view: View, entries: Sequence[Entry]) -> Lexicon:
    """Build the lexicon of one view. 100,000 terms take some seconds; keep the result."""
    chars = KeyIndex(char_keys(view, entries))
    letters = KeyIndex(letter_keys(view, entries)) if view.latin else None
    return Lexicon(view, chars, letters)


def spelled_by(raw: str, spelled: Sequence[Unit], view: View) -> bool | None:
    """Say whether `raw` spells the whole of a term: each character heard right or typed out.

    Gives None where `raw` is a beginning of it that can go on, False where it is neither.
    """
    tokens, letters = token_table(view), letter_table(view)
    at, typed = 0, ""
    for char in filter(tokens.__getitem__, raw):
        if at == len(spelled):
            return False
        if not typed and tokens[char] == spelled[at].token:
            at += 1
            continue
        if any(map(is_han, char_table(view.base)[char])):
            return False
        for letter in letters[char]:
            typed += letter
            if at == len(spelled) or not spelled[at].letters.startswith(typed):
                return False
            if typed == spelled[at].letters:
                at, typed = at + 1, ""
    return True if at == len(spelled) and not typed else None


def candidates(index: KeyIndex, number: int, view: View) -> Iterator[tuple[Unit, ...]]:
    """Give the spellings behind a key of Latin letters."""
    key = index.of.keys[number]
    for spelled in units(index.of.terms[number], view):
        if "".join(unit.letters for unit in spelled) == key:
            yield spelled
