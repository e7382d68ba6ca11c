"""The cascade over planted weights: who leaves early, long texts, and sameness in any batch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanhe.judge.cascade import (
    OVERLAP,
    WINDOW,
    Cascade,
    View,
    batches,
    bits_of,
    joined_logits,
    weights_of,
    windows,
    worse,
)
from kanhe.judge.plain import COVERED
from kanhe.judge.sentence import SENTENCE
from kanhe.judge.tower import FEATURES, POOLED, ROW, WIDTH, WINDOWS

RANDOM = np.random.default_rng(9)
OUTPUTS, UNITS = 3, 4


def normal(*shape, spread=0.05):
    return RANDOM.normal(0, spread, shape).astype(np.float32)


def table(bits, *shape):
    values = RANDOM.integers(-127, 128, ((1 << bits) + 1, *shape)).astype(np.int8)
    values[-1] = 0
    return values


def planted():
    fold = np.tile(np.arange(COVERED, dtype=np.uint32), (2, 1))
    head = {"hidden_b": normal(UNITS), "out": normal(UNITS, OUTPUTS, spread=1)}
    head["out_b"] = normal(OUTPUTS)
    tower = {"proj": normal(ROW, 3 * WIDTH), "proj_b": normal(3 * WIDTH)}
    tower |= {"ln1_g": 1 + normal(3 * WIDTH), "ln1_b": normal(3 * WIDTH)}
    tower |= {"ln2_g": 1 + normal(FEATURES), "ln2_b": normal(FEATURES)}
    for n, _ in WINDOWS:
        for part in "ab":
            tower |= {f"{part}_{n}": normal(n * WIDTH, WIDTH), f"{part}_{n}_b": normal(WIDTH)}
    ones, zeros = np.ones(OUTPUTS, np.float32), np.zeros(OUTPUTS, np.float32)
    sentence = {**tower, "sum": normal(FEATURES, ROW), "sum_b": normal(ROW)}
    shapes = {"d0": (512, 320), "d1": (320, 320), "d2": (320, 512), "d3": (512, 512)}
    shapes |= {"p1": (512, 320), "p3": (320, 512)}
    sentence |= {name: normal(*shape) for name, shape in shapes.items()}
    joint = {"early": np.array([1, 1, 0]), "late": np.array([0.5, 1, 1, 0])}
    joint |= {"leave": np.array(0.5)}
    joint |= {"early_slope": ones, "early_shift": zeros, "late_slope": ones, "late_shift": zeros}
    static = {"table": table(8, 5), "scale": np.array(0.01), "hidden": normal(5, UNITS, spread=1)}
    files = {
        "fold": {"table": fold},
        "linear": {"table": table(10), "scale": np.array(0.01), "shift": np.array(0.1)},
        "static": {**static, **head},
        "tower": {**tower, "hidden": normal(POOLED, UNITS), **head},
        "sentence": {**sentence, "hidden": normal(SENTENCE, UNITS), **head},
        "shifts": {
            "ids": np.array([5, 9]), "steps": table(1, ROW)[:2], "scales": np.array([0.01, 0.02]),
        },
        "joint": joint,
    }  # fmt: skip
    return {
        f"{file}/{name}": array for file, arrays in files.items() for name, array in arrays.items()
    }


class Letters:
    """Pieces are single characters, and their rows a fixed random table."""

    table = normal(64, ROW, spread=1)

    def ids(self, text):
        return [1, *(ord(c) % 64 for c in text), 2]

    def rows(self, ids):
        return self.table[ids].copy()


ARRAYS = planted()
CASCADE = Cascade(weights_of(ARRAYS), Letters())
texts = st.text(alphabet="ab 国杀,😀", max_size=30)


@settings(deadline=None)
@given(st.lists(texts, max_size=6), texts)
def test_a_view_does_not_depend_on_the_batch(others, text):
    """Planted fault: a layout that leaves out the empty places between texts fails at once."""
    together = CASCADE.look([*others, text])[-1]
    alone = CASCADE.look([text])[0]
    assert together.stage == alone.stage
    assert together.probabilities == pytest.approx(alone.probabilities, abs=1e-5)


def test_below_the_bound_a_text_leaves_before_the_tower_and_above_it_does_not():
    some = [chr(0x4E00 + 7 * i) * (1 + i % 5) for i in range(60)]
    low = Cascade(weights_of({**ARRAYS, "joint/leave": np.array(0.0)}), Letters())
    early = 1 / (1 + np.exp(-CASCADE.early_logits([CASCADE.weights.plain.codes(t) for t in some])))
    stages = [view.stage for view in CASCADE.look(some)]
    assert stages == ["tower" if p >= 0.5 else "static" for p in early[:, 0]]
    assert set(stages) == {"tower", "static"}
    assert {view.stage for view in low.look(some)} == {"tower"}


@pytest.mark.parametrize("size", [0, 1, WINDOW, WINDOW + 1, 5 * WINDOW])
def test_windows_overlap_and_leave_nothing_out(size):
    """Planted fault: stepping by WINDOW leaves no overlap."""
    codes = np.arange(size, dtype=np.uint32)
    found = list(windows(codes))
    assert sorted({int(c) for window in found for c in window}) == list(range(size))
    for one, other in pairwise(found):
        assert len(set(one.tolist()) & set(other.tolist())) >= OVERLAP


def test_a_long_text_is_as_unsafe_as_its_worst_window():
    parts = ["ab" * (WINDOW // 2), "国杀" * (WINDOW // 2)]
    whole = CASCADE.look(["".join(parts)])[0].probabilities
    codes = CASCADE.weights.plain.codes("".join(parts))
    each = [CASCADE.look(["".join(map(chr, w))])[0].probabilities for w in windows(codes)]
    assert whole == pytest.approx(np.max(each, 0), abs=1e-5)


def test_a_view_is_finite_for_whatever_is_read():
    odd = ["", "\x00", "\ud800", "😀" * 9, "\u200b", "a" * 100_000, "𝐤𝐢𝐥𝐥\n\n\t "]
    for view in CASCADE.look(odd):
        assert np.isfinite(view.probabilities).all()
        assert ((view.probabilities >= 0) & (view.probabilities <= 1)).all()


def test_unsafe_is_a_weighted_sum_and_the_rest_a_mean_of_the_later_parts():
    parts = [normal(2, OUTPUTS) for _ in range(3)]
    joined = joined_logits(parts, np.array([1.0, 0, 2, 5]))
    assert joined[:, 0] == pytest.approx(parts[0][:, 0] + 2 * parts[2][:, 0] + 5)
    assert joined[:, 1:] == pytest.approx((parts[1] + parts[2])[:, 1:] / 2)


def test_shifts_move_their_own_pieces_only():
    moved = CASCADE.weights.shifts.of(np.array([5, 6, 9, 100_000]))
    assert moved[0] == pytest.approx(ARRAYS["shifts/steps"][0] * 0.01)
    assert moved[2] == pytest.approx(ARRAYS["shifts/steps"][1] * 0.02)
    assert not moved[[1, 3]].any()


def test_weights_that_lack_an_array_are_refused():
    lacking = {name: array for name, array in ARRAYS.items() if name != "static/scale"}
    with pytest.raises(KeyError, match="static/scale"):
        weights_of(lacking)


@given(st.lists(st.integers(1, 900), max_size=40))
def test_every_text_is_in_one_batch(lengths):
    found = list(batches(lengths))
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))


def test_the_worse_of_two_views_is_worse_in_every_category():
    one = View(np.array([0.2, 0.9], np.float32), "static")
    other = View(np.array([0.7, 0.1], np.float32), "tower")
    both = worse(one, other)
    assert both.stage == "tower"
    assert both.probabilities.tolist() == pytest.approx([0.7, 0.9])
    assert bits_of(table(6)) == 6
