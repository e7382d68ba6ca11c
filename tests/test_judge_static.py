"""The two stages that look up n-grams."""

from __future__ import annotations

import numpy as np
import pytest

from kanhe.judge.head import Head
from kanhe.judge.ngram import grams, totals
from kanhe.judge.static import Linear, Static

BITS = 10


def found(*texts: str):
    return grams([np.array([ord(c) for c in text], np.uint32) for text in texts], BITS)


def table(*shape: int):
    random = np.random.default_rng(7)
    values = random.integers(-127, 128, ((1 << BITS) + 1, *shape)).astype(np.int8)
    values[-1] = 0
    return values


def test_the_linear_stage_is_a_scaled_sum():
    both = found("abc", "杀进程")
    linear = Linear(table(), 0.5, -1.0)
    by_hand = totals(both, linear.table) * 0.5 / np.sqrt(5) - 1
    assert linear.logits(both) == pytest.approx(by_hand, rel=1e-5)


def test_the_static_stage_is_a_head_over_mean_vectors():
    both = found("abc", "杀进程")
    vectors = table(3)
    head = Head(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), *_out())
    by_hand = np.maximum(totals(both, vectors) * 0.01 / np.sqrt(5), 0).sum(1)
    assert Static(vectors, 0.01, head).logits(both)[:, 0] == pytest.approx(by_hand, rel=1e-5)


def _out():
    return np.ones((3, 1), np.float32), np.zeros(1, np.float32)


def test_a_score_does_not_depend_on_the_batch():
    linear = Linear(table(), 0.5, -1.0)
    alone = [float(linear.logits(found(text))[0]) for text in ("a", "bb", "杀进程")]
    assert linear.logits(found("a", "bb", "杀进程")).tolist() == alone
