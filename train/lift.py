"""The way back through the tower and its head: gradients of a loss, by hand.

Held against differences of the loss in tests/test_train_lift.py. Only what is trained has one: the
tower's arrays, the head, and the rows of the pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kanhe.judge.tower import FEATURES, PAD, ROW, WIDTH, WINDOWS, Arrays, Floats, Layout, Trace
from kanhe.judge.tower import padded as with_pads

Grads = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class HeadTrace:
    """What the head computed: inputs and units after dropout, and what was kept of both."""

    features: Floats
    units: Floats
    kept: Floats
    kept_units: Floats


def head_up(
    features: Floats, arrays: Arrays, kept: Floats, kept_units: Floats
) -> tuple[Floats, HeadTrace]:
    """Give logits; `kept` and `kept_units` are the dropout masks, scaled (1 keeps as it is)."""
    features = features * kept
    units = np.maximum(features @ arrays["hidden"] + arrays["hidden_b"], 0) * kept_units
    logits: Floats = units @ arrays["out"] + arrays["out_b"]
    return logits, HeadTrace(features, units, kept, kept_units)


def head_down(slope: Floats, trace: HeadTrace, arrays: Arrays) -> tuple[Floats, Grads]:
    """Give the slope at the features, and at the head's arrays, from that at the logits."""
    grads = {"out": trace.units.T @ slope, "out_b": slope.sum(0)}
    back = (slope @ arrays["out"].T) * trace.kept_units * (trace.units > 0)
    grads["hidden"] = trace.features.T @ back
    grads["hidden_b"] = back.sum(0)
    return np.multiply(back @ arrays["hidden"].T, trace.kept, dtype=np.float32), grads


def fall(slope: Floats, layout: Layout, trace: Trace, arrays: Arrays) -> tuple[Floats, Grads]:
    """Give the slope at the rows, and at the tower's arrays, from that at the pooled features."""
    grads: Grads = {}
    at = _unpool(slope, layout, trace)
    at, grads["ln2_g"], grads["ln2_b"] = _unnormalise(at, arrays["ln2_g"], trace.last)
    rows = at[:, :ROW].copy()
    parts = []
    for i, (size, before) in enumerate(WINDOWS):
        begin = ROW + WIDTH * i
        parts.append(_window(at[:, begin : begin + WIDTH], (size, before), trace, arrays, grads))
    projected = np.concatenate(parts, 1) * layout.filled
    projected, grads["ln1_g"], grads["ln1_b"] = _unnormalise(
        projected, arrays["ln1_g"], trace.first
    )
    grads["proj"] = trace.rows.T @ projected
    grads["proj_b"] = projected.sum(0)
    rows += projected @ arrays["proj"].T
    return rows * layout.filled, grads


def _window(
    at: Floats, window: tuple[int, int], trace: Trace, arrays: Arrays, grads: Grads
) -> Floats:
    size, before = window
    x, low_on, middle, high_on = trace.windows[WINDOWS.index(window)]
    at = at + _unslide(at * high_on, middle, f"b_{size}", before, (arrays, grads))
    return at + _unslide(at * low_on, x, f"a_{size}", before, (arrays, grads))


def _unslide(
    slope: Floats, x: Floats, name: str, before: int, both: tuple[Arrays, Grads]
) -> Floats:
    arrays, grads = both
    weights, wide, n = arrays[name], with_pads(x), len(x)
    at, back = np.empty_like(weights), np.zeros_like(wide)
    for k in range(len(weights) // WIDTH):
        begin = PAD - before + k
        part = slice(k * WIDTH, (k + 1) * WIDTH)
        at[part] = wide[begin : begin + n].T @ slope
        back[begin : begin + n] += slope @ weights[part].T
    grads[name], grads[f"{name}_b"] = at, slope.sum(0)
    return back[PAD:-PAD]


def _unnormalise(
    slope: Floats, gain: Floats, kept: tuple[Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    centred, scale = kept
    at_gain, at_shift = np.einsum("ij,ij->j", slope, centred), slope.sum(0)
    slope = slope * gain
    along = np.einsum("ij,ij->i", slope, centred) / np.float32(slope.shape[1])
    slope -= slope.mean(1, keepdims=True)
    slope -= centred * along[:, None]
    return slope * scale, at_gain, at_shift


def _unpool(slope: Floats, layout: Layout, trace: Trace) -> Floats:
    spans = layout.lengths + PAD
    means = slope[:, :FEATURES] / layout.lengths[:, None].astype(np.float32)
    maxima = np.repeat(trace.pooled[:, FEATURES:], spans, axis=0)
    back = np.repeat(slope[:, FEATURES:], spans, axis=0)
    # A maximum that is reached twice (a piece that stands twice) pulls at both.
    back *= trace.features == maxima
    back += np.repeat(means, spans, axis=0)
    return back * layout.filled
