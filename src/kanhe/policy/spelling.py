"""A term and the ways it may be spelled: what the lexicon is compiled from.

Everything that a fold of single characters cannot do is done here once, on the term's side, when a
ruleset is compiled: other readings of its characters, characters written as their parts. A text is
then only folded character by character, however it is disguised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from kanhe.policy.fold import RISKY, Fold, Folds, char_table, is_han, is_wordlike
from kanhe.policy.parts import PARTS
from kanhe.policy.phonetic import heard, letters, readings, sound

_MOST_SPELLINGS = 64
"""Spellings kept of one term. Past it only the first ones are, singles before combinations."""


class Hearing(Enum):
    """How Chinese characters are compared."""

    EXACT = "exact"
    """By the character itself."""
    TONE = "tone"
    """By syllable and tone."""
    SYLLABLE = "syllable"
    """By syllable alone."""


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at a text: what all terms of one automaton have in common.

    `base` are folds of single characters, `latin` says that transcription is seen through, `word`
    that Latin words only match whole.
    """

    base: Folds
    hearing: Hearing
    latin: bool
    word: bool

    def token(self, piece: str) -> str:
        """Turn folded characters into matching ones."""
        if self.hearing is Hearing.EXACT:
            return piece
        tones = self.hearing is Hearing.TONE
        return "".join(heard(c, tones=tones) if is_han(c) else c for c in piece)


@dataclass(frozen=True, slots=True)
class Unit:
    """One character of a term: how it matches as a character, and how it is typed in letters."""

    token: str
    letters: str


def view_of(term: str, folds: Folds, *, fold_min: int, word: bool) -> View:
    """Choose the view a term is matched in.

    Folds that cannot help it, or that its length forbids, are left out: they would cost precision
    and time.
    """
    base = folds - RISKY - {Fold.DIGITS}
    plain = char_table(base).fold(term)
    if len(plain) < min(2, len(term)):
        # "c++" without separators is "c", which stands everywhere.
        base -= {Fold.SEPARATORS}
        plain = char_table(base).fold(term)
    if Fold.DIGITS in folds and any(c.isascii() and c.isalpha() for c in plain):
        base |= {Fold.DIGITS}
    long_enough = sum(map(is_han, plain)) >= max(fold_min, 1)
    asked = folds & RISKY if long_enough else frozenset()
    return View(base, _hearing(asked), Fold.PINYIN in asked, word)


def _hearing(folds: Folds) -> Hearing:
    if Fold.TONES in folds:
        return Hearing.SYLLABLE
    return Hearing.TONE if Fold.HOMOPHONES in folds else Hearing.EXACT


def spellings(term: str, view: View, *, split: bool) -> list[str]:
    """Give every string of matching characters that stands for `term` in `view`."""
    plain = char_table(view.base).fold(term)
    choices = [_choices(char, view, split=split) for char in plain]
    return list(dict.fromkeys(_first(product(*choices), plain, choices)))


def _first(every: Iterable[tuple[str, ...]], plain: str, choices: list[list[str]]) -> Iterator[str]:
    usual = [options[0] for options in choices]
    yield "".join(usual)
    for at, options in enumerate(choices):
        for option in options[1:]:
            yield "".join([*usual[:at], option, *usual[at + 1 :]])
    for _, spelled in zip(range(_MOST_SPELLINGS), every, strict=False):
        yield "".join(spelled)


def _choices(char: str, view: View, *, split: bool) -> list[str]:
    usual = view.token(char)
    others = []
    if view.hearing is not Hearing.EXACT and is_han(char):
        tones = view.hearing is Hearing.TONE
        others = [sound(reading, tones=tones) for reading in readings(char)]
    if split and char in PARTS:
        others.append(view.token(char_table(view.base).fold(PARTS[char])))
    return list(dict.fromkeys([usual, *others]))


def units(term: str, view: View) -> list[tuple[Unit, ...]]:
    """Give the term character by character, for mixed spelling: once per usual reading."""
    plain = char_table(view.base).fold(term)
    options = [_units(char, view) for char in plain]
    return [chosen for chosen, _ in zip(product(*options), range(_MOST_SPELLINGS), strict=False)]


def _units(char: str, view: View) -> list[Unit]:
    if not is_han(char):
        return [Unit(char, char if is_wordlike(char) else "")]
    sounds = list(dict.fromkeys(letters(reading) for reading in readings(char)))
    return [Unit(view.token(char), typed) for typed in sounds] or [Unit(char, "")]
