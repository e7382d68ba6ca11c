"""What was reached, on rows that nothing was learnt from: counts by set, with exact intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from kanhe.judge.exact import clopper_pearson
from kanhe.judge.split import Part
from train.rows import Example
from train.sets import PLANS


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a judge told unsafe rows from safe ones."""

    hits: int
    misses: int
    false_alarms: int
    passes: int

    @property
    def f1(self) -> float:
        """Give the harmonic mean of precision and recall; 0 where nothing was right."""
        return 2 * self.hits / max(1, 2 * self.hits + self.misses + self.false_alarms)


Rate = dict[str, float | int]


def rate(hits: int, n: int) -> Rate:
    """Give a rate with its exact interval of 95 %."""
    bounds = clopper_pearson(hits, n)
    value = hits / n if n else 0.0
    return {
        "hits": hits, "n": n, "rate": round(value, 4),
        "low": round(bounds.low, 4), "high": round(bounds.high, 4),
    }  # fmt: skip


def counts_of(unsafe: NDArray[np.bool_], told: NDArray[np.bool_]) -> Counts:
    """Count."""
    return Counts(
        int(np.sum(unsafe & told)), int(np.sum(unsafe & ~told)),
        int(np.sum(~unsafe & told)), int(np.sum(~unsafe & ~told)),
    )  # fmt: skip


def summary(counts: Counts) -> dict[str, object]:
    """Give the figures of one set; a rate without rows is left out."""
    unsafe, safe = counts.hits + counts.misses, counts.false_alarms + counts.passes
    found: dict[str, object] = {"counts": asdict(counts)}
    found["accuracy"] = rate(counts.hits + counts.passes, unsafe + safe)
    if unsafe:
        found["recall"] = rate(counts.hits, unsafe)
    if safe:
        found["false_positives"] = rate(counts.false_alarms, safe)
    if unsafe and safe:
        found["f1"] = round(counts.f1, 4)
    return found


def measured(example: Example) -> bool:
    """Say whether a row measures: of the test part, or never learnt from for its licence."""
    if example.left == "licence":
        return example.part is Part.TEST
    plan = PLANS.get(example.name)
    says = plan.says if plan else "all"
    told = says == "all" or (says == "unsafe" and example.row.unsafe)
    return example.part is Part.TEST and not example.left and told


def by_name(
    examples: Sequence[Example], p: NDArray[np.float32], threshold: float
) -> dict[str, dict[str, object]]:
    """Give the figures of each set, at one threshold."""
    places: dict[str, list[int]] = {}
    for i, example in enumerate(examples):
        places.setdefault(example.name, []).append(i)
    return {
        name: summary(counts_of(_unsafe(examples, here), p[here] >= threshold))
        for name, here in sorted(places.items())
    }


def by_category(
    examples: Sequence[Example], p: NDArray[np.float32], outputs: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Give, for each category, how many of its rows reach a half, and how many safe ones do."""
    found: dict[str, dict[str, object]] = {}
    safe = np.array([not e.row.unsafe for e in examples])
    for i, name in enumerate(outputs[1:], 1):
        here = np.array([name in e.cases for e in examples])
        if here.any():
            told = p[:, i] >= 0.5
            found[name] = {
                "recall": rate(int(np.sum(told & here)), int(here.sum())),
                "false_positives": rate(int(np.sum(told & safe)), int(safe.sum())),
            }
    return found


def pooled(found: Mapping[str, Mapping[str, object]], names: Iterable[str]) -> dict[str, object]:
    """Give the figures of several sets together."""
    total = {"hits": 0, "misses": 0, "false_alarms": 0, "passes": 0}
    for name in names:
        counts = found.get(name, {}).get("counts")
        if isinstance(counts, dict):
            total = {key: value + counts[key] for key, value in total.items()}
    return summary(Counts(**total))


def _unsafe(examples: Sequence[Example], here: Sequence[int]) -> NDArray[np.bool_]:
    return np.array([examples[i].row.unsafe for i in here])
