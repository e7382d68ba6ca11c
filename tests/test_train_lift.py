"""The way back through the tower, against differences of the loss."""

from __future__ import annotations

import numpy as np
import pytest
from train import lift
from train.lift import fall, head_down, head_up

from kanhe.judge import tower
from kanhe.judge.tower import Layout, lay, rise

RANDOM = np.random.default_rng(5)
STEP = 1e-5
PULL = RANDOM.normal(0, 1, (3, 2))


def arrays():
    found = {"proj": (512, 768), "proj_b": 768, "ln1_g": 768, "ln1_b": 768, "ln2_g": 1280}
    found |= {"ln2_b": 1280, "hidden": (2560, 8), "hidden_b": 8, "out": (8, 2), "out_b": 2}
    for n, _ in tower.WINDOWS:
        found |= {f"a_{n}": (n * 256, 256), f"b_{n}": (n * 256, 256)}
        found |= {f"a_{n}_b": 256, f"b_{n}_b": 256}
    return {name: RANDOM.normal(0.05, 0.1, shape) for name, shape in found.items()}


@pytest.fixture
def doubled(monkeypatch):
    """Let the tower compute in doubles: in single precision a difference drowns in rounding."""

    def padded(x):
        wide = np.zeros((len(x) + 4, x.shape[1]))
        wide[2:-2] = x
        return wide

    monkeypatch.setattr(tower, "padded", padded)
    monkeypatch.setattr(lift, "with_pads", padded)
    found = lay([[1, 5, 6, 2], [2], [7, 8, 9, 10, 11, 2]])
    filled = found.filled.astype(np.float64)
    return Layout(found.pieces, filled, found.starts, found.lengths)


def up(layout, rows, given):
    trace = rise(layout, rows, given)
    ones = np.ones(())
    logits, head = head_up(trace.pooled, given, ones, ones)
    return float((logits * PULL).sum()), trace, head


def test_every_gradient_is_the_slope_of_the_loss(doubled):
    """The oracle is the loss itself, a step to either side. Planted faults that it catches: the
    mean's part missing from `_unnormalise`, and `before` taken from the wrong side."""
    given = arrays()
    rows = RANDOM.normal(0, 1, (len(doubled.pieces), 512)) * doubled.filled
    _, trace, head = up(doubled, rows, given)
    back, grads = head_down(PULL, head, given)
    at_rows, below = fall(back, doubled, trace, given)
    grads |= below

    assert grads.keys() == given.keys()
    for name, array in given.items():
        at = tuple(int(RANDOM.integers(0, size)) for size in array.shape)
        assert grads[name][at] == pytest.approx(slope(doubled, rows, given, name, at), abs=1e-4)
    for at in ((0, 3), (2, 100), (7, 511)):
        moved = [rows + sign * STEP * one_hot(rows.shape, at) for sign in (1, -1)]
        high, low = (up(doubled, each, given)[0] for each in moved)
        assert at_rows[at] == pytest.approx((high - low) / (2 * STEP), abs=1e-4)


def slope(layout, rows, given, name, at):
    values = []
    for sign in (1, -1):
        moved = {**given, name: given[name] + sign * STEP * one_hot(given[name].shape, at)}
        values.append(up(layout, rows, moved)[0])
    return (values[0] - values[1]) / (2 * STEP)


def one_hot(shape, at):
    found = np.zeros(shape)
    found[at] = 1
    return found
