"""The data sheet and the page of figures, from planted views."""

from __future__ import annotations

import numpy as np
import pytest
from train.course import Course, Trained
from train.figures import page
from train.measure import counts_of, measured, rate, summary
from train.rows import Example
from train.sheet import figures, origins, sheet
from train.targets import outputs_of

from kanhe.judge.cascade import View
from kanhe.judge.labelled import Row, read_sets
from kanhe.judge.split import Part

OUTPUTS = outputs_of()


def example(i, *, unsafe, name="xstest_en", part=Part.TEST, left=""):
    row = Row(f"text {i}", "en", "prompt", unsafe, "violence")
    return Example(row, name, part, True, ("violence",) if unsafe else (), 1.0, left)


def view(p, stage="tower"):
    found = np.zeros(len(OUTPUTS), np.float32)
    found[0] = found[OUTPUTS.index("violence")] = p
    return View(found, stage)


ROWS = [example(i, unsafe=i < 10) for i in range(20)]
VIEWS = [view(0.9) for _ in range(8)] + [view(0.1, "static") for _ in range(2)]
VIEWS += [view(0.9)] + [view(0.1, "static") for _ in range(9)]
TRAINED = Trained({}, OUTPUTS, 0.6)


def test_figures_are_counts_with_exact_intervals():
    found = figures(ROWS, VIEWS, TRAINED)
    xstest = found["sets"]["xstest_en"]
    assert xstest["counts"] == {"hits": 8, "misses": 2, "false_alarms": 1, "passes": 9}
    # Clopper-Pearson of 8 in 10, from a table.
    assert (xstest["recall"]["low"], xstest["recall"]["high"]) == (0.4439, 0.9748)
    assert xstest["f1"] == pytest.approx(16 / 19, abs=1e-4)
    assert found["categories"]["violence"]["recall"]["hits"] == 8
    assert found["left_early"]["unsafe"]["rate"] == 0.2


def test_only_rows_that_taught_nothing_are_measured():
    assert measured(example(1, unsafe=True))
    assert measured(example(1, unsafe=False, left="licence"))
    assert not measured(example(1, unsafe=False, part=Part.CALIBRATION, left="licence"))
    assert not measured(example(1, unsafe=True, part=Part.CALIBRATION))
    assert not measured(example(1, unsafe=True, left="political"))
    # Its label says where an instruction stands, and not that it is harmful.
    assert not measured(example(1, unsafe=True, name="bipia_email_en"))


def test_a_set_without_safe_rows_has_no_rate_of_false_positives():
    found = summary(counts_of(np.ones(3, np.bool_), np.array([True, True, False])))
    assert found["recall"] == rate(2, 3)
    assert "false_positives" not in found
    assert "f1" not in found


def test_the_page_sets_what_was_reached_beside_what_was_asked():
    told = sheet(TRAINED, Course(), {"a.npz": "00"}, {"package": "p", "sha256": "11"})
    text = page(told | {"figures": figures(ROWS, VIEWS, TRAINED)})
    assert "| xstest_en | F1 | ≥ 80 | 84.2 |" in text
    assert "| xstest_en | false positives | ≤ 12 | 10.0 (0.2–44.5) |" in text
    assert "90.0 (55.5–99.8) % of the safe rows left before the tower" in text


def test_the_sheet_says_of_each_set_how_many_rows_went_where():
    line = '{"text":"a","lang":"en","kind":"post","label":"safe","category":"none","source":"me"}'
    sets = read_sets({"xstest_en.jsonl": line.encode()})
    rows = [*ROWS[:3], example(4, unsafe=True, left="political")]
    (found,) = origins(sets, rows)
    assert found["rows"] == {"test": 3}
    assert found["left_out"] == {"political": 1}
    assert found["source"] == ["me"]
