"""Texts that are nearly the same: exact Jaccard similarity of runs of four characters.

No sketch and no chance of a miss. Two sets that share a `limit` of their union share a member among
the rarest few of each, so that only texts which share a rare run are ever compared (prefix
filtering: R. Bayardo, Y. Ma, R. Srikant, "Scaling up all pairs similarity search", WWW 2007). For
Chinese, runs of characters need no dictionary.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

RUN = 4
"""Characters of a run."""

Grams: TypeAlias = frozenset[str]


def plain(text: str) -> str:
    """Give a text without what does not make it another question: width, case, signs, spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def grams(text: str) -> Grams:
    """Give the runs of a text; of a short one itself, of one without letters none."""
    bare = plain(text)
    if len(bare) < RUN:
        return frozenset({bare} if bare else ())
    return frozenset(bare[at : at + RUN] for at in range(len(bare) - RUN + 1))


def jaccard(one: Grams, other: Grams) -> float:
    """Give the shared part of the union; of two empty ones 0."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Near:
    """Text number `at` is like the earlier, or known, text number `like`; in [0, 1]."""

    at: int
    like: int
    similarity: float


class Similar:
    """Known texts, to be asked which of them a text is like.

    Args:
        known: Their runs; they may be added to.
        limit: Similarity from which on two are alike; 0 < limit ≤ 1.
        seen: How often runs are expected to occur; of those not told, rarely.
    """

    def __init__(self, limit: float, seen: Counter[str] | None = None) -> None:
        if not 0 < limit <= 1:
            raise ValueError(f"the limit {limit} is no similarity: want 0 < limit ≤ 1")
        self._limit = limit
        self._seen = seen or Counter()
        self._texts: dict[int, Grams] = {}
        self._by_run: dict[str, list[int]] = defaultdict(list)

    def add(self, number: int, text: Grams) -> None:
        """Make a text known under a number of its own."""
        self._texts[number] = text
        for run in self._rarest(text):
            self._by_run[run].append(number)

    def nearest(self, number: int, text: Grams) -> Near | None:
        """Give the known text that is most like this one; None where none is alike enough."""
        alike = self.near(number, text)
        return max(alike, key=lambda one: (one.similarity, -one.like), default=None)

    def near(self, number: int, text: Grams) -> list[Near]:
        """Give all known texts that are alike enough, in the order of their numbers."""
        candidates = {other for run in self._rarest(text) for other in self._by_run.get(run, ())}
        found = (
            Near(number, other, jaccard(text, self._texts[other])) for other in sorted(candidates)
        )
        return [one for one in found if one.similarity >= self._limit]

    def _rarest(self, text: Grams) -> Sequence[str]:
        # The order has to be one and the same for all texts: by rarity, then by the run itself.
        ordered = sorted(text, key=lambda run: (self._seen[run], run))
        # The allowance: 0.6 * 5 is 3.0000000000000004 for no other reason than floating point.
        return ordered[: len(ordered) - ceil(self._limit * len(ordered) - 1e-9) + 1]


def repeats(texts: Sequence[Grams], limit: float) -> Iterator[Near]:
    """Give each text that is like an earlier one which is kept; of those kept no two are alike.

    Equal texts without a run are never alike: nothing is known of them.
    """
    index = Similar(limit, Counter(run for text in texts for run in text))
    for number, text in enumerate(texts):
        near = index.nearest(number, text)
        if near is None:
            index.add(number, text)
        else:
            yield near
