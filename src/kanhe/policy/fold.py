"""Folding: from the characters a person wrote to the characters a rule is matched against.

A fold is a function of one character, so folding a text is folding its characters one by one, and
every folded character knows which raw one it came from. That is what makes the stream guard exact:
`fold(a + b) == fold(a) + fold(b)` however a text is cut. Folds that would need two characters at
once (split characters) or two readings at once (polyphones) are spelled out on the side of the
term, in `spelling`.

What a rule's term and a text have in common after folding counts as a match, so each fold is asked
for by name: those that cost precision are not among the defaults.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache

import opencc

from kanhe.policy.lookalikes import LOOKALIKES


class Fold(StrEnum):
    """One disguise that a rule sees through. The order is the order in which they apply."""

    WIDTH = "width"
    """Full and half width, circled, mathematical and other compatibility forms (NFKC)."""
    CASE = "case"
    """Upper and lower case."""
    INVISIBLE = "invisible"
    """Zero-width, format and control characters, fillers, combining marks."""
    SEPARATORS = "separators"
    """Spaces, punctuation, symbols and emoji between the characters of a term."""
    TRADITIONAL = "traditional"
    """Traditional characters for simplified ones."""
    LOOKALIKES = "lookalikes"
    """Letters of other scripts, accented letters and Chinese characters that look alike."""
    DIGITS = "digits"
    """Digits and signs for letters: 4 for a, 0 for o, $ for s; two for each letter at most."""
    HOMOPHONES = "homophones"
    """Another Chinese character of the same syllable and tone."""
    TONES = "tones"
    """Widens homophones: the tone may differ too."""
    PINYIN = "pinyin"
    """Latin transcription, of the whole term or mixed with characters."""
    SPLIT = "split"
    """Characters written as their parts, one beside the other."""


def is_spelled_out(raw: str) -> bool:
    """Say whether `raw` is a word with digits, and not a number: a letter to every two digits.

    Signs that stand for letters count as digits. "20;D=0" would otherwise be read as "zodo".
    """
    plain = unicodedata.normalize("NFKC", raw)  # ⓕ is a sign, and f a letter
    letters = sum(map(str.isalpha, plain))
    return letters > 0 and 2 * letters >= sum(c.isdigit() or c in "@$" for c in plain)


Folds = frozenset[Fold]

DEFAULT: Folds = frozenset(
    {Fold.WIDTH, Fold.CASE, Fold.INVISIBLE, Fold.SEPARATORS, Fold.TRADITIONAL, Fold.LOOKALIKES}
)
"""What a rule gets when it does not say: folds that hardly cost precision."""

ALL: Folds = frozenset(Fold)

RISKY: Folds = frozenset({Fold.HOMOPHONES, Fold.TONES, Fold.PINYIN, Fold.SPLIT})
"""Folds that only apply to terms of some length, because short ones collide by chance."""

# Of the signs only the two that are hardly ever put between words: "!" and "|" are separators.
_DIGITS = dict(zip("0123456789@$l", "oizeasgtbgasi", strict=True))
# Not category Cf or M, yet drawn as nothing: Hangul fillers, Braille blank.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_EMOJI_GLUE = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF), (0x2E80, 0x2FD5))
# Scripts written without spaces between words: a word boundary means nothing there.
_UNSPACED = (*_HAN, (0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x31FF))


_MOST_ROUNDS = 5
"""Three are the most that any character takes; the bound is for tables yet to be written."""


def _within(char: str, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(low <= ord(char) <= high for low, high in ranges)


def is_han(char: str) -> bool:
    """Say whether `char` is a Chinese character, or a radical that stands for one."""
    return _within(char, _HAN)


@cache
def is_invisible(char: str) -> bool:
    """Say whether `char` takes no room of its own: a reader would not know that it is there."""
    if char in "\t\n\r":
        return False
    return unicodedata.category(char) in {"Cf", "Cc", "Mn", "Me"} or char in _BLANK


@cache
def is_wordlike(char: str) -> bool:
    """Say whether `char` belongs to a word that has edges: a letter or digit of a spaced script."""
    return char.isalnum() and not _within(char, _UNSPACED)


@cache
def is_separator(char: str) -> bool:
    """Say whether `char` is a space, punctuation, symbol or part of an emoji."""
    return (
        unicodedata.category(char)[0] in "ZPS"
        or char in "\t\n\r\x0b\x0c\x85"
        or char in _EMOJI_GLUE
    )


@cache
def _simplified() -> dict[str, str]:
    # One conversion of all characters, a line each: phrase rules cannot apply across a line end,
    # so what comes back is the reading of each character alone.
    chars = [chr(code) for low, high in _HAN[:3] for code in range(low, high + 1)]
    lines = opencc.OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {old: new for old, new in zip(chars, lines, strict=True) if old != new and len(new) == 1}


def _unaccented(char: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))


def _alike(char: str) -> str:
    bare = _unaccented(char) or char
    return "".join(LOOKALIKES.get(c, c) for c in bare)


def _steps(folds: Folds) -> list[Callable[[str], str]]:
    """Give the functions that turn one character into folded ones, in their order."""
    steps: list[tuple[bool, Callable[[str], str]]] = [
        (Fold.WIDTH in folds, lambda c: unicodedata.normalize("NFKC", c)),
        (Fold.LOOKALIKES in folds, _alike),
        (Fold.CASE in folds, str.casefold),
        # Again after the case: a capital may look like one letter and its small form like another.
        (Fold.LOOKALIKES in folds and Fold.CASE in folds, _alike),
        (Fold.TRADITIONAL in folds, lambda c: _simplified().get(c, c)),
        (Fold.DIGITS in folds, lambda c: _DIGITS.get(c, c)),
        (Fold.SEPARATORS in folds, lambda c: "" if is_separator(c) else c),
        (Fold.INVISIBLE in folds, lambda c: "" if is_invisible(c) else c),
    ]
    return [step for wanted, step in steps if wanted]


class CharTable(dict[str, str]):
    """What each raw character folds to, filled as characters are met.

    A text is folded by `map(table.__getitem__, text)`. A piece may be empty (the character is seen
    through) or longer than one character; offsets therefore count raw characters, never folded.
    """

    def __init__(self, folds: Folds) -> None:
        super().__init__()
        self._invisible = Fold.INVISIBLE in folds
        self._steps = _steps(folds)

    def __missing__(self, char: str) -> str:
        piece = "" if self._invisible and is_invisible(char) else char
        # Again until nothing changes: a variant may fold to what itself folds to something else,
        # and a term written with the one has to meet a text written with the other.
        for _ in range(_MOST_ROUNDS):
            before = piece
            for step in self._steps:
                piece = "".join(map(step, piece))
            if piece == before:
                break
        self[char] = piece
        return piece

    def fold(self, text: str) -> str:
        """Fold a whole text."""
        return "".join(map(self.__getitem__, text))


@cache
def char_table(folds: Folds) -> CharTable:
    """Give the one table for `folds`; tables are shared, since they only ever grow."""
    return CharTable(folds)
