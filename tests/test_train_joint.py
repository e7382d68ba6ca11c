"""Joining stages and choosing thresholds, on planted numbers."""

from __future__ import annotations

import numpy as np
import pytest
from train.joint import (
    LOST,
    Goal,
    expected_calibration_error,
    join,
    leave_below,
    lines_of,
    set_weights,
    threshold_of,
)
from train.targets import Targets

RANDOM = np.random.default_rng(11)


def planted(n=20_000):
    """Logits of which the first is half of the truth, and the second nothing."""
    truth = RANDOM.normal(0, 2, n)
    unsafe = RANDOM.random(n) < 1 / (1 + np.exp(-truth))
    return np.stack([truth / 2, RANDOM.normal(0, 1, n)], 1).astype(np.float32), unsafe


def test_joining_finds_what_each_stage_is_worth():
    columns, unsafe = planted()
    found = join(columns, unsafe.astype(np.float32), np.ones(len(unsafe), np.float32))
    assert found == pytest.approx([2, 0, 0], abs=0.1)


def test_lines_are_fitted_for_categories_with_cases_and_left_alone_for_others():
    columns, unsafe = planted()
    logits = np.stack([columns[:, 0], columns[:, 0], columns[:, 0]], 1)
    wanted = np.stack([unsafe, unsafe, np.zeros_like(unsafe)], 1).astype(np.float32)
    lines = lines_of(logits, Targets(wanted, np.ones_like(wanted)), np.ones(len(unsafe)), even=True)
    assert lines.slope == pytest.approx([1, 2, 1], abs=0.1)
    assert lines.shift == pytest.approx([0, 0, 0], abs=0.1)


def test_a_set_weighs_as_the_root_of_its_rows():
    weights = set_weights(["a"] * 9 + ["b"])
    assert weights.tolist() == pytest.approx([1 / 3] * 9 + [1])


def test_few_of_the_unsafe_leave_early():
    early = np.linspace(0, 1, 1001).astype(np.float32)
    found = leave_below(early, np.ones(1001, np.float32), np.ones(1001, np.bool_), 0.5)
    assert float(np.mean(early < found)) == pytest.approx(LOST, abs=0.001)
    assert leave_below(early, np.zeros(1001), np.ones(1001, np.bool_), 0.5) == 0


def test_the_threshold_lies_where_the_tightest_bound_has_the_most_room():
    """Planted: a fiftieth of the benign rows may reach the threshold, and does up to 0.588; from
    there on attacks, evenly from 0.5 to 0.9, are missed. With either bound let go of, the other
    one alone would push the threshold to an end."""
    benign = np.linspace(0, 0.6, 100).astype(np.float32)
    attacks = np.linspace(0.5, 0.9, 200).astype(np.float32)
    sets = {
        "benign_x": (benign, np.zeros(100, np.bool_)),
        "catqa_zh": (attacks, np.ones(200, np.bool_)),
    }
    assert 0.57 < threshold_of(sets, Goal(missed_at_most=0.3)) <= 0.605
    assert threshold_of(sets, Goal(benign_at_most=100.0)) <= 0.5
    assert threshold_of(sets, Goal(missed_at_most=100.0)) > 0.59
    twins = {**sets, "xstest_en": (np.full(50, 0.7, np.float32), np.zeros(50, np.bool_))}
    assert threshold_of(twins, Goal(missed_at_most=0.6)) > 0.7


def test_even_lines_rise_where_a_category_is_rare_and_others_do_not():
    logits, unsafe = planted()
    rare = unsafe & (RANDOM.random(len(unsafe)) < 0.02)
    both = np.stack([logits[:, 0], logits[:, 0]], 1)
    wanted = np.stack([unsafe, rare], 1).astype(np.float32)
    targets = Targets(wanted, np.ones_like(wanted))
    even, plain = (
        lines_of(both, targets, np.ones(len(unsafe), np.float32), even=flag)
        for flag in (True, False)
    )
    assert even.shift[1] > plain.shift[1] + 2


def test_calibration_error_is_the_distance_from_what_was_said():
    said = np.full(1000, 0.9, np.float32)
    unsafe = np.arange(1000) < 600
    assert expected_calibration_error(said, unsafe) == pytest.approx(0.3, abs=1e-6)
    assert expected_calibration_error(np.full(1000, 0.6, np.float32), unsafe) < 1e-6
