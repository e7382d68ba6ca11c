"""Texts as the encoder reads them: pieces of a vocabulary of 128,000, by their numbers.

A unigram model as SentencePiece defines it: the text is folded by the model's own table, and of
all ways to spell it in pieces the likeliest is taken. Held against the package's own tokenizer.

Nothing is refused: a lone surrogate reads as U+FFFD, an empty text as one unknown piece. A folded
text longer than `BLOCK` is spelt block by block, so that memory stays bounded; only there can it
differ from the spelling of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kanhe.adapters.piece_fold import PieceFold

UNKNOWN, BEGIN, END = 0, 1, 2
BLOCK = 4096
"""Folded characters that are spelt in one go."""

_UNKNOWN_PENALTY = 10.0
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a model file says, in the form in which it is quickly read again.

    Attributes:
        pieces: By number; a space is written as U+2581.
        scores: The logarithm of each one's probability.
        lengths: For the first two characters of pieces of two or more: their lengths, ascending.
        fold: What a text goes through first.
    """

    pieces: Sequence[str]
    scores: Sequence[float]
    lengths: Mapping[str, Sequence[int]]
    fold: PieceFold


def lengths_of(pieces: Sequence[str]) -> dict[str, list[int]]:
    """Give the lengths of pieces by their first two characters, ascending."""
    found: dict[str, set[int]] = {}
    for piece in pieces:
        if len(piece) > 1:
            found.setdefault(piece[:2], set()).add(len(piece))
    return {start: sorted(lengths) for start, lengths in found.items()}


class Pieces:
    """A tokenizer. It keeps nothing of what it read and may be called from several threads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._number = dict(zip(vocabulary.pieces, range(len(vocabulary.pieces)), strict=True))
        self._scores = vocabulary.scores
        self._lengths = vocabulary.lengths
        self._fold = vocabulary.fold
        self._unknown = min(vocabulary.scores) - _UNKNOWN_PENALTY

    def ids(self, text: str) -> list[int]:
        """Spell a text: `BEGIN`, the numbers of its pieces, `END`; never fewer than three."""
        folded = self._fold.fold(_LONE.sub("\ufffd", text))
        found = [BEGIN]
        for block in _blocks(folded):
            found += self._likeliest(block)
        if len(found) == 1:
            found.append(UNKNOWN)
        found.append(END)
        return found

    def _likeliest(self, text: str) -> list[int]:
        # Position by position: `best[i]` is the score of the likeliest spelling of text[:i], whose
        # last piece is `last[i]` and begins at `began[i]`. Of equals the one that begins first
        # stays, as in SentencePiece.
        size = len(text)
        best = [0.0] + [-1e38] * size
        began, last = [0] * (size + 1), [UNKNOWN] * (size + 1)
        number, lengths, scores = self._number.get, self._lengths.get, self._scores
        for start in range(size):
            base = best[start]
            piece = number(text[start], UNKNOWN)
            score = base + (scores[piece] if piece != UNKNOWN else self._unknown)
            end = start + 1
            if score > best[end]:
                best[end], began[end], last[end] = score, start, piece
            for length in lengths(text[start : start + 2], ()):
                end = start + length
                piece = number(text[start:end], UNKNOWN)
                if piece != UNKNOWN and end <= size:
                    score = base + scores[piece]
                    if score > best[end]:
                        best[end], began[end], last[end] = score, start, piece
        return _walked_back(began, last)


def _walked_back(began: list[int], last: list[int]) -> list[int]:
    found = []
    at = len(last) - 1
    while at:
        found.append(last[at])
        at = began[at]
    found.reverse()
    return found


def _blocks(text: str) -> Iterator[str]:
    for start in range(0, len(text), BLOCK):
        yield text[start : start + BLOCK]
