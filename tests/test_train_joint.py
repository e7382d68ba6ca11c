"""Joining stages and choosing thresholds, on planted numbers."""

from __future__ import annotations

import numpy as np
import pytest
from train.joint import (
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
    lines = lines_of(logits, Targets(wanted, np.ones_like(wanted)), np.ones(len(unsafe)))
    assert lines.slope == pytest.approx([1, 2, 1], abs=0.1)
    assert lines.shift == pytest.approx([0, 0, 0], abs=0.1)


def test_a_set_weighs_as_the_root_of_its_rows():
    weights = set_weights(["a"] * 9 + ["b"])
    assert weights.tolist() == pytest.approx([1 / 3] * 9 + [1])


def test_few_of_the_unsafe_leave_early():
    early = np.linspace(0, 1, 1001).astype(np.float32)
    found = leave_below(early, np.ones(1001, np.float32), np.ones(1001, np.bool_), 0.5)
    assert float(np.mean(early < found)) == pytest.approx(0.004, abs=0.001)
    assert leave_below(early, np.zeros(1001), np.ones(1001, np.bool_), 0.5) == 0


def test_the_threshold_is_high_enough_for_benign_rows_and_then_the_best_for_the_goal():
    """Planted: benign rows up to 0.6; unsafe ones of the goal's set from 0.5 on, all hits below
    0.62. Without the bound on benign rows 0.5 would be chosen."""
    benign = np.linspace(0, 0.6, 100).astype(np.float32)
    goal = np.concatenate([np.full(50, 0.1), np.linspace(0.5, 0.9, 50)]).astype(np.float32)
    unsafe = np.arange(100) >= 50
    sets = {"benign_x": (benign, np.zeros(100, np.bool_)), "cold_zh": (goal, unsafe)}
    assert 0.58 < threshold_of(sets, Goal()) <= 0.61
    assert threshold_of(sets, Goal(benign_at_most=1.0)) <= 0.5
    twins = {**sets, "xstest_en": (np.full(50, 0.7, np.float32), np.zeros(50, np.bool_))}
    assert threshold_of(twins, Goal()) > 0.7


def test_calibration_error_is_the_distance_from_what_was_said():
    said = np.full(1000, 0.9, np.float32)
    unsafe = np.arange(1000) < 600
    assert expected_calibration_error(said, unsafe) == pytest.approx(0.3, abs=1e-6)
    assert expected_calibration_error(np.full(1000, 0.6, np.float32), unsafe) < 1e-6
