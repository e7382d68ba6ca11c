"""Many terms at once, as keys of matching characters (`spelling.View`) in one trie.

A place in the trie answers both questions of a stream: which terms are complete here, and whether
one could still grow. Finding both in one structure keeps 100,000 terms in a few megabytes.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from kanhe.policy.fold import CharTable, char_table, is_han
from kanhe.policy.phonetic import spoken
from kanhe.policy.spelling import Unit, View, spellings, units
from kanhe.policy.trie import Trie, plant

LATIN = re.compile(
    "[A-Za-z\u00aa-\u024f\u0250-\u02af\u0370-\u052f\u1d00-\u1dbf\u1e00-\u1eff\u2100-\u214f"
    "\u2460-\u24ff\uff21-\uff5a\U0001d400-\U0001d7ff\U0001f110-\U0001f189]"
)
"""Letters that could be transcription, plain or in any of their dresses."""


HAN = re.compile("[\u2e80-\u2fd5\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
"""Chinese characters, and the radicals that stand for them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of one rule, before it is spelled."""

    term: str
    rule: int
    split: bool


class KeyIndex:
    """The keys of a lexicon, and which term of which rules each stands for.

    Args:
        trie: The keys.
        terms: All terms, divided by NUL.
        term_of: For each key the number of its term.
        rule_sets: Sets of rules, as sorted tuples of their numbers.
        rules_of: For each key the number of its set of rules.
    """

    __slots__ = ("_begins", "rule_sets", "rules_of", "term_of", "terms", "trie")

    def __init__(
        self,
        trie: Trie,
        terms: str,
        term_of: array[int],
        rule_sets: Sequence[tuple[int, ...]],
        rules_of: array[int],
    ) -> None:
        if not len(term_of) == len(rules_of) == sum(1 for end in trie.ends if end >= 0):
            raise ValueError("keys, terms and rules do not pair up")
        self.trie = trie
        self.terms = terms
        self.term_of = term_of
        self.rules_of = rules_of
        self.rule_sets = rule_sets
        self._begins = array("I", [0, *(at.end() for at in re.finditer("\0", terms))])

    def term(self, key: int) -> str:
        """Give the term that key number `key` stands for."""
        begin = self._begins[self.term_of[key]]
        end = self.terms.find("\0", begin)
        return self.terms[begin:end] if end >= 0 else self.terms[begin:]

    def rules(self, key: int) -> tuple[int, ...]:
        """Give the numbers of the rules that look for key number `key`."""
        return self.rule_sets[self.rules_of[key]]


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


def char_keys(view: View, entries: Iterable[Entry]) -> KeyIndex:
    """Spell the terms in matching characters."""
    found: dict[str, tuple[str, set[int]]] = {}
    for entry in entries:
        for key in spellings(entry.term, view, split=entry.split):
            found.setdefault(key, (entry.term, set()))[1].add(entry.rule)
    return _indexed(found)


def letter_keys(view: View, entries: Iterable[Entry]) -> KeyIndex:
    """Spell the terms in Latin letters, as they are typed without tones."""
    found: dict[str, tuple[str, set[int]]] = {}
    for entry in entries:
        for spelled in units(entry.term, view):
            key = "".join(unit.letters for unit in spelled)
            found.setdefault(key, (entry.term, set()))[1].add(entry.rule)
    return _indexed(found)


def _indexed(found: Mapping[str, tuple[str, set[int]]]) -> KeyIndex:
    # NUL divides terms in the stored form; no term has one, the loader sees to that.
    keys = sorted(key for key in found if key and "\0" not in key)
    terms: dict[str, int] = {}
    sets: dict[tuple[int, ...], int] = {}
    term_of = array("I", (terms.setdefault(found[key][0], len(terms)) for key in keys))
    rules = (tuple(sorted(found[key][1])) for key in keys)
    rules_of = array("I", (sets.setdefault(some, len(sets)) for some in rules))
    return KeyIndex(plant(keys), "\0".join(terms), term_of, list(sets), rules_of)


def compile_lexicon(view: View, entries: Sequence[Entry]) -> Lexicon:
    """Build the lexicon of one view. 100,000 terms take some seconds; keep the result."""
    letters = letter_keys(view, entries) if view.latin else None
    return Lexicon(view, char_keys(view, entries), letters)


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


@lru_cache(maxsize=4096)
def units_of(term: str, view: View) -> list[tuple[Unit, ...]]:
    """Give `units`, remembered: a text that begins one term begins it again and again."""
    return units(term, view)
