"""From features to probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from kanhe.judge.head import Head, Scale, sigmoid


def floats(*values):
    return np.array(values, np.float32)


def test_a_head_is_one_hidden_layer():
    head = Head(floats([1, -1], [0, 2]), floats(0, 1), floats([1], [10]), floats(0.5))
    # Units of [1, 1]: max(0, 1) and max(0, -1 + 2 + 1); of [-1, -1]: 0 and 0.
    assert head.logits(floats([1, 1], [-1, -1])).tolist() == [[21.5], [0.5]]


def test_a_scale_is_a_line_by_output():
    p = Scale(floats(1, 2), floats(0, -4)).probabilities(floats([0, 2], [0, 2]))
    assert p.tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("x", [-1e9, -31, -1, 0, 1, 31, 1e9])
def test_a_probability_never_leaves_its_range_and_has_a_mirror_image(x):
    one, other = sigmoid(floats(x, -x))
    assert 0 < one < 1 or (abs(x) > 16 and one in (0, 1))
    assert one + other == pytest.approx(1)
