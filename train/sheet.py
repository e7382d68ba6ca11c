"""The data sheet beside the weights: what they were made of, and what they reach."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version

import numpy as np

from kanhe.judge.cascade import View
from kanhe.judge.labelled import LabelledSet
from train.course import Course, Trained
from train.joint import expected_calibration_error
from train.measure import by_category, by_name, pooled, rate
from train.rows import Example

ATTACKS = ("jade_prompts_zh", "jade_prompts_en", "catqa_zh", "catqa_en", "jailbench_zh")
FORM = 1

Sheet = dict[str, object]


def origins(sets: Sequence[LabelledSet], examples: Sequence[Example]) -> list[Sheet]:
    """Give, for each set: where it comes from, its licence, and how many rows went where."""
    rows: list[Sheet] = []
    for one in sets:
        mine = [e for e in examples if e.name.removeprefix("seed:") == one.name]
        used = Counter(str(e.part) for e in mine if not e.left)
        left = Counter(e.left for e in mine if e.left)
        sources = sorted({row.source for row in one.rows if row.source}) or ["written by us"]
        rows.append({
            "set": one.name, "source": sources, "sha256": one.sha256,
            "rows": dict(sorted(used.items())), "left_out": dict(sorted(left.items())),
        })  # fmt: skip
    return rows


def figures(examples: Sequence[Example], views: Sequence[View], trained: Trained) -> Sheet:
    """Give what was reached on the rows that measure, at the one threshold."""
    looked = np.stack([view.probabilities for view in views])
    p, threshold = looked[:, 0], trained.threshold
    sets = by_name(examples, p, threshold)
    unsafe = np.array([e.row.unsafe for e in examples])
    early = np.array([view.stage == "static" for view in views])
    benign = [name for name in sets if name.startswith("benign")]
    seeds = [name for name in sets if name.startswith("seed:")]
    return {
        "sets": sets,
        "together": {
            "attacks": pooled(sets, ATTACKS),
            "benign": pooled(sets, benign),
            "seeds": pooled(sets, seeds),
        },
        "categories": by_category(examples, looked, trained.outputs),
        "calibration_error": round(expected_calibration_error(p, unsafe), 4),
        "left_early": {
            "unsafe": rate(int((early & unsafe).sum()), int(unsafe.sum())),
            "safe": rate(int((early & ~unsafe).sum()), int((~unsafe).sum())),
        },
    }


def sheet(
    trained: Trained, course: Course, digests: Mapping[str, str], encoder: Mapping[str, str]
) -> Sheet:
    """Give what the run time needs: names, threshold, and what each file must hash to."""
    return {
        "form": FORM,
        "outputs": list(trained.outputs),
        "threshold": round(trained.threshold, 6),
        "files": dict(sorted(digests.items())),
        "encoder": dict(encoder),
        "course": asdict(course),
        "made_with": {
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "scipy": version("scipy"),
        },
    }
