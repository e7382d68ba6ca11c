"""The tower over the encoder's rows: windows of two, three and five pieces, pooled for a text.

The architecture is that of the multilingual universal sentence encoder; the arrays are our own,
tuned from its own. One function serves training and judging: `rise` keeps what the way back needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Arrays = Mapping[str, Floats]

ROW = 512
WIDTH = 256
WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces in a window, and how many of them stand before its own."""
FEATURES = ROW + WIDTH * len(WINDOWS)
POOLED = 2 * FEATURES
PAD = 2
"""Empty places behind each text (and before the first), so that no window reaches a neighbour."""

_EPSILON = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class Layout:
    """Texts laid behind one another.

    Attributes:
        pieces: Piece numbers; 0 at the empty places.
        filled: 1 where a piece stands, 0 at the empty places; a column.
        starts: The place of each text's first piece.
        lengths: How many pieces each has; at least 1.
    """

    pieces: Ints
    filled: Floats
    starts: Ints
    lengths: Ints


@dataclass(frozen=True, slots=True)
class Trace:
    """What was computed on the way up.

    Attributes:
        pooled: Texts × `POOLED`: means, then maxima, of the features of each text's pieces.
        features: Places × `FEATURES`, after the last normalisation.
    """

    pooled: Floats
    features: Floats
    rows: Floats
    first: tuple[Floats, Floats]
    last: tuple[Floats, Floats]
    windows: tuple[tuple[Floats, Floats, Floats, Floats], ...]


def lay(texts: Sequence[Sequence[int]]) -> Layout:
    """Lay texts, each of at least one piece, behind one another."""
    lengths = np.array([len(text) for text in texts], np.int64)
    ends = np.cumsum(lengths + PAD)
    starts = ends - lengths - PAD
    pieces = np.zeros(int(ends[-1]), np.int64)
    filled = np.zeros((pieces.size, 1), np.float32)
    for text, start in zip(texts, starts.tolist(), strict=True):
        pieces[start : start + len(text)] = text
        filled[start : start + len(text)] = 1
    return Layout(pieces, filled, starts, lengths)


def rise(layout: Layout, rows: Floats, arrays: Arrays) -> Trace:
    """Compute the pooled features of texts.

    Args:
        layout: Where each text lies.
        rows: Places × `ROW`: the encoder's row of each piece.
        arrays: `proj` (ROW × 768) and `proj_b`, `ln1_g`, `ln1_b` (768); for each window n `a_n`,
            `b_n` (n·WIDTH × WIDTH), `a_n_b`, `b_n_b` (WIDTH); `ln2_g`, `ln2_b` (FEATURES).
    """
    projected, first = normalise(
        rows @ arrays["proj"] + arrays["proj_b"], arrays["ln1_g"], arrays["ln1_b"]
    )
    projected *= layout.filled
    parts, kept = [rows], []
    for i, (size, before) in enumerate(WINDOWS):
        x = projected[:, i * WIDTH : (i + 1) * WIDTH]
        low = slide(x, arrays[f"a_{size}"], arrays[f"a_{size}_b"], before)
        low_on = (low > 0) * layout.filled
        middle = low * low_on + x
        high = slide(middle, arrays[f"b_{size}"], arrays[f"b_{size}_b"], before)
        high_on = (high > 0) * layout.filled
        parts.append(high * high_on + middle)
        kept.append((x, low_on, middle, high_on))
    features, last = normalise(np.concatenate(parts, 1), arrays["ln2_g"], arrays["ln2_b"])
    pooled = _pool(layout, features)
    return Trace(pooled, features, rows, first, last, tuple(kept))


def normalise(x: Floats, gain: Floats, shift: Floats) -> tuple[Floats, tuple[Floats, Floats]]:
    """Give rows of mean 0 and variance 1, stretched and shifted; and what the way back needs."""
    centred = x - x.mean(1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred) / np.float32(x.shape[1])
    scale = (1 / np.sqrt(variance + _EPSILON))[:, None]
    centred *= scale
    return centred * gain + shift, (centred, scale)


def padded(x: Floats) -> Floats:
    """Put `PAD` empty places before and behind."""
    wide = np.zeros((len(x) + 2 * PAD, x.shape[1]), np.float32)
    wide[PAD:-PAD] = x
    return wide


def slide(x: Floats, weights: Floats, shift: Floats, before: int) -> Floats:
    """Multiply the window of each place, of `len(weights) // WIDTH` places, with weights."""
    wide, n = padded(x), len(x)
    total = np.tile(shift, (n, 1))
    for k in range(len(weights) // WIDTH):
        begin = PAD - before + k
        total += wide[begin : begin + n] @ weights[k * WIDTH : (k + 1) * WIDTH]
    return total


def _pool(layout: Layout, features: Floats) -> Floats:
    spans = np.stack([layout.starts, layout.starts + layout.lengths], 1).ravel()
    means = np.add.reduceat(features, spans, axis=0)[::2]
    means /= layout.lengths[:, None].astype(np.float32)
    maxima = np.maximum.reduceat(features, spans, axis=0)[::2]
    return np.concatenate([means, maxima], 1)
