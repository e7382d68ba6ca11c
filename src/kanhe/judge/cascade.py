"""The cascade: n-grams and distilled vectors for every text, the tower where both doubt.

A long text is looked at window by window, and is as unsafe as its worst window. What an early exit
costs in what it misses stands in the data sheet beside the weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.head import Floats, Head, Scale
from kanhe.judge.ngram import grams
from kanhe.judge.plain import Codes, Plain, plain_of, text_of
from kanhe.judge.sentence import Sentence
from kanhe.judge.static import Linear, Static
from kanhe.judge.tower import Layout, lay, rise

Stage: TypeAlias = Literal["static", "tower"]
Named: TypeAlias = Mapping[str, NDArray[Any]]

WINDOW = 600
"""Code points that are looked at together."""
OVERLAP = 100
BUDGET = 400
"""Pieces to a batch of the tower; beyond a few hundred it is no quicker, only larger."""
_MOST_PIECES = 1024
_BATCH = 64


class Pieces(Protocol):
    """The sentence encoder's eyes: a text in pieces, and a row for each."""

    def ids(self, text: str) -> list[int]:
        """Give the numbers of a text's pieces, its beginning and its end included: at least one."""
        ...

    def rows(self, ids: NDArray[np.int64]) -> Floats:
        """Give the row of each piece, 512 wide."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """What the cascade makes of a text.

    Attributes:
        probabilities: By output, in the order of `Cascade.outputs`; the first is `unsafe`.
        stage: The last stage that the worst window went through.
    """

    probabilities: Floats
    stage: Stage


@dataclass(frozen=True, slots=True)
class Shifts:
    """What training added to the encoder's rows.

    Attributes:
        place: By piece: which of `steps` is its own; the last one, of zeros, if it has none.
        steps: Rows of 512 whole numbers.
        scales: What 1 is worth in each row.
    """

    place: NDArray[np.int32]
    steps: NDArray[np.int8]
    scales: Floats

    def of(self, ids: NDArray[np.int64]) -> Floats:
        """Give the shift of each piece."""
        at = self.place[np.minimum(ids, self.place.size - 1)]
        shift: Floats = self.steps[at] * self.scales[at, None]
        return shift


@dataclass(frozen=True, slots=True)
class Weights:
    """All that the opinions depend on, beside the encoder.

    Attributes:
        early: How the logits of both lookups make one, by output; its first line is `unsafe`'s.
        late: How those, the tower's and the sentence's make one.
        leave: Below this early probability of `unsafe` a text leaves before the tower.
    """

    plain: Plain
    linear: Linear
    static: Static
    tower: Mapping[str, Floats]
    head: Head
    sentence: Sentence
    shifts: Shifts
    early: Floats
    late: Floats
    early_scale: Scale
    late_scale: Scale
    leave: float


def weights_of(arrays: Named) -> Weights:
    """Take weights as they are kept: `<file>/<array>` by name.

    Raises:
        KeyError: One is missing.
    """
    tower, sentence, joint = (_under(arrays, file) for file in ("tower/", "sentence/", "joint/"))
    linear, static = arrays["linear/table"], arrays["static/table"]
    return Weights(
        plain=plain_of(arrays["fold/table"]),
        linear=Linear(linear, _number(arrays, "linear/scale"), _number(arrays, "linear/shift")),
        static=Static(static, _number(arrays, "static/scale"), _head(arrays, "static/")),
        tower=tower,
        head=_head(arrays, "tower/"),
        sentence=Sentence(sentence, _head(arrays, "sentence/")),
        shifts=_shifts(arrays["shifts/ids"], arrays["shifts/steps"], arrays["shifts/scales"]),
        early=joint["early"],
        late=joint["late"],
        early_scale=Scale(joint["early_slope"], joint["early_shift"]),
        late_scale=Scale(joint["late_slope"], joint["late_shift"]),
        leave=_number(arrays, "joint/leave"),
    )


def _number(arrays: Named, name: str) -> float:
    # Kept as an array of one: `float` takes one without dimensions only.
    return float(arrays[name].item())


def _under(arrays: Named, file: str) -> dict[str, Floats]:
    start = len(file)
    return {k[start:]: a.astype(np.float32) for k, a in arrays.items() if k.startswith(file)}


def _head(arrays: Named, under: str) -> Head:
    names = ("hidden", "hidden_b", "out", "out_b")
    return Head(*(arrays[under + name].astype(np.float32) for name in names))


def _shifts(ids: NDArray[Any], steps: NDArray[np.int8], scales: NDArray[Any]) -> Shifts:
    place = np.full(int(ids.max(initial=0)) + 2, len(ids), np.int32)
    place[ids] = np.arange(len(ids), dtype=np.int32)
    rows = np.concatenate([steps, np.zeros((1, steps.shape[1]), np.int8)])
    return Shifts(place, rows, np.append(scales.astype(np.float32), np.float32(0)))


class Cascade:
    """The three stages. It keeps nothing of what it read, and may be used by several threads."""

    def __init__(self, weights: Weights, pieces: Pieces) -> None:
        self.weights = weights
        self._pieces = pieces

    def look(self, texts: Sequence[str]) -> list[View]:
        """Give one view of each text, in their order; a view does not depend on the others."""
        views: list[View | None] = [None] * len(texts)
        for part in _parts(self._windows(texts)):
            for (i, _), view in zip(part, self._views([w for _, w in part]), strict=True):
                known = views[i]
                views[i] = view if known is None else worse(known, view)
        return [view for view in views if view is not None]

    def _windows(self, texts: Sequence[str]) -> Iterator[tuple[int, Codes]]:
        for i, text in enumerate(texts):
            codes = self.weights.plain.codes(text)
            yield from ((i, window) for window in windows(codes))

    def _views(self, texts: Sequence[Codes]) -> list[View]:
        early = self.early_logits(texts)
        quick = self.weights.early_scale.probabilities(early)
        views = [View(row, "static") for row in quick]
        doubted = [i for i, row in enumerate(quick) if row[0] >= self.weights.leave]
        for chosen, logits in self._tower([texts[i] for i in doubted]):
            at = [doubted[i] for i in chosen]
            joined = joined_logits([early[at], *logits], self.weights.late)
            found = self.weights.late_scale.probabilities(joined)
            for i, row in zip(at, found, strict=True):
                view = View(row, "tower")
                views[i] = worse(views[i], view) if views[i].stage == "tower" else view
        return views

    def early_logits(self, texts: Sequence[Codes]) -> Floats:
        """Give what both lookups make of texts together: texts × outputs."""
        small = [self.weights.plain.lowered(text) for text in texts]
        linear = self.weights.linear.logits(grams(small, bits_of(self.weights.linear.table)))
        static = self.weights.static.logits(grams(small, bits_of(self.weights.static.table)))
        return joined_logits([linear[:, None], static], self.weights.early)

    def _tower(self, texts: Sequence[Codes]) -> Iterator[tuple[list[int], list[Floats]]]:
        # Some characters are many pieces ("ﷺ" is a dozen): a text that is too long for the tower is
        # looked at in parts. Cut off, whatever stood behind such padding would never be seen.
        owners, parts = [], []
        for i, text in enumerate(texts):
            pieces = self._pieces.ids(text_of(text))
            for begin in range(0, len(pieces), _MOST_PIECES):
                owners.append(i)
                parts.append(pieces[begin : begin + _MOST_PIECES])
        for chosen in batches([len(part) for part in parts]):
            yield [owners[i] for i in chosen], self.tower_logits(lay([parts[i] for i in chosen]))

    def tower_logits(self, layout: Layout) -> list[Floats]:
        """Give what the tower, and what the sentence's head makes of texts: texts × outputs."""
        rows = self._pieces.rows(layout.pieces) * layout.filled
        sentence = self.weights.sentence.logits(layout, rows)
        rows += self.weights.shifts.of(layout.pieces) * layout.filled
        pooled = rise(layout, rows, self.weights.tower).pooled
        return [self.weights.head.logits(pooled), sentence]


def joined_logits(parts: Sequence[Floats], weights: Floats) -> Floats:
    """Join what several parts make of texts.

    `unsafe`, the first output, is a weighted sum; the others are the mean of the parts that have
    them, without the first part: it stands for what was known before.

    Args:
        parts: Texts × outputs each; of the first only the first column counts.
        weights: One for each part, and a constant.
    """
    joined: Floats = np.mean(parts[1:], 0, dtype=np.float32)
    firsts = sum(part[:, 0] * weight for part, weight in zip(parts, weights, strict=False))
    joined[:, 0] = firsts + weights[-1]
    return joined


def windows(codes: Codes) -> Iterator[Codes]:
    """Cut code points in overlapping windows; an empty text has one, which is empty."""
    yield codes[:WINDOW]
    for begin in range(WINDOW - OVERLAP, codes.size - OVERLAP, WINDOW - OVERLAP):
        yield codes[begin : begin + WINDOW]


def worse(one: View, other: View) -> View:
    """Join the views of two windows: of each output the higher probability."""
    stage = one.stage if one.probabilities[0] >= other.probabilities[0] else other.stage
    return View(np.maximum(one.probabilities, other.probabilities), stage)


def bits_of(table: NDArray[np.int8]) -> int:
    """Give the bits of a table's buckets."""
    return (len(table) - 1).bit_length() - 1


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group texts of like length, `BUDGET` pieces together or one text that is longer."""
    chosen: list[int] = []
    total = 0
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if chosen and total + lengths[i] > BUDGET:
            yield chosen
            chosen, total = [], 0
        chosen.append(i)
        total += lengths[i]
    if chosen:
        yield chosen


def _parts(found: Iterator[tuple[int, Codes]]) -> Iterator[list[tuple[int, Codes]]]:
    """Take windows some at a time, so that memory does not grow with the text."""
    part: list[tuple[int, Codes]] = []
    for one in found:
        part.append(one)
        if len(part) == _BATCH:
            yield part
            part = []
    if part:
        yield part
