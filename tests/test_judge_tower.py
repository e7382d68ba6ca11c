"""The tower against its own definition, spelt out place by place."""

from __future__ import annotations

import numpy as np
import pytest

from kanhe.judge.tower import FEATURES, POOLED, ROW, WIDTH, WINDOWS, lay, rise, slide

RANDOM = np.random.default_rng(3)


def arrays():
    found = {
        "proj": normal(ROW, 3 * WIDTH), "proj_b": normal(3 * WIDTH),
        "ln1_g": 1 + normal(3 * WIDTH), "ln1_b": normal(3 * WIDTH),
        "ln2_g": 1 + normal(FEATURES), "ln2_b": normal(FEATURES),
    }  # fmt: skip
    for n, _ in WINDOWS:
        for part in "ab":
            found |= {f"{part}_{n}": normal(n * WIDTH, WIDTH), f"{part}_{n}_b": normal(WIDTH)}
    return found


def normal(*shape: int):
    return RANDOM.normal(0, 0.05, shape).astype(np.float32)


ARRAYS = arrays()
TABLE = normal(30, ROW) * 20
TEXTS = [[1, 4, 5, 6, 2], [1, 2], [7], [1, 9, 9, 9, 10, 11, 2]]


def pooled(texts):
    layout = lay(texts)
    return rise(layout, TABLE[layout.pieces] * layout.filled, ARRAYS).pooled


def test_a_window_reaches_as_far_as_it_says_and_sees_nothing_beyond_the_ends():
    x = normal(4, WIDTH)
    for size, before in WINDOWS:
        weights, shift = normal(size * WIDTH, WIDTH), normal(WIDTH)
        for place, got in enumerate(slide(x, weights, shift, before)):
            wanted = shift.copy()
            for k in range(size):
                seen = place - before + k
                if 0 <= seen < len(x):
                    wanted += x[seen] @ weights[k * WIDTH : (k + 1) * WIDTH]
            assert got == pytest.approx(wanted, abs=1e-4)


def test_a_text_has_the_same_features_in_any_batch():
    """Planted fault: with PAD = 1 the window of five reaches the neighbour, and this fails."""
    together = pooled(TEXTS)
    assert together.shape == (len(TEXTS), POOLED)
    for row, text in zip(together, TEXTS, strict=True):
        assert row == pytest.approx(pooled([text])[0], abs=1e-5)


def test_features_are_normalised_and_pooled_by_mean_and_by_maximum():
    plain = {**ARRAYS, "ln2_g": np.ones(FEATURES), "ln2_b": np.zeros(FEATURES)}
    layout = lay(TEXTS)
    trace = rise(layout, TABLE[layout.pieces] * layout.filled, plain)
    for i, (start, length) in enumerate(zip(layout.starts, layout.lengths, strict=True)):
        mine = trace.features[start : start + length]
        assert mine.mean(1) == pytest.approx(np.zeros(length), abs=1e-5)
        assert mine.std(1) == pytest.approx(np.ones(length), abs=1e-4)
        assert trace.pooled[i, :FEATURES] == pytest.approx(mine.mean(0), abs=1e-5)
        assert trace.pooled[i, FEATURES:] == pytest.approx(mine.max(0), abs=1e-6)
