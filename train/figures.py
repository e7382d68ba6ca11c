"""The page of figures in docs/: what was reached, beside what others published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from train.published import GOALS, Goal

Found = Mapping[str, Any]

_ATTACKS = "JADE, CatQA and JailBench together"
_TITLES = {"attacks": _ATTACKS, "benign": "benign sets together"}
_MEASURES = {"f1": "F1", "false_positives": "false positives"}

_HEAD = """\
# What the embedded judge reaches

Written by `python -m train`; what it was made of stands in `sheet.json` beside the weights. One
threshold for all sets, {threshold:.3f}, chosen on the calibration part; every row measured here was
unseen: nothing was learnt from it or chosen by it. Percent, with exact intervals of 95 %
(Clopper-Pearson). {safe} % of the safe rows left before the tower, and {unsafe} % of the unsafe
ones: so much, at most, is what the early exit costs.

Rows whose harm is political are left out of learning and of measuring, and rows of the sets under
CC-BY-SA only measure. Labels are what the authors of a set said. Other rows of the same sets were
learnt from, by groups that share no template: a set of another kind will be told apart less well
than these. How much less can be seen on `seed:…_heldout`: disguises and adversarial suffixes that
nothing like was learnt from but our own noise. Before relying on the judge, measure it on your own
rows: `kanhe judge measure`.
"""


def page(sheet: Found) -> str:
    """Write the page in Markdown, from the data sheet."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Found) -> Iterator[str]:
    figures = sheet["figures"]
    early = {label: _percent(rate) for label, rate in figures["left_early"].items()}
    yield _HEAD.format(threshold=sheet["threshold"], **early)
    yield "## Beside what others published\n"
    yield "Others' figures are on whole official sets, and second-hand: for orientation, no race.\n"
    yield "| set | measure | asked | reached | others |"
    yield "|---|---|---|---|---|"
    for goal in GOALS:
        yield from _goal(goal, figures)
    yield "\n## By set\n"
    yield "| set | rows | accuracy | recall | false positives | F1 |"
    yield "|---|---|---|---|---|---|"
    for name, found in {**figures["sets"], **figures["together"]}.items():
        yield _set(name, found)
    yield "\n## By category\n"
    yield "Rows of the category whose probability reaches one half, and safe rows that do.\n"
    yield "| category | recall | false positives |"
    yield "|---|---|---|"
    for name, found in figures["categories"].items():
        yield f"| {name} | {_percent(found['recall'])} | {_percent(found['false_positives'])} |"
    yield f"\nExpected calibration error of `unsafe`: {figures['calibration_error']:.3f}."


def _goal(goal: Goal, figures: Found) -> Iterator[str]:
    found = {**figures["sets"], **figures["together"]}.get(goal.name, {})
    value = found.get(goal.measure)
    if value is None:
        return
    reached = f"{100 * value:.1f}" if isinstance(value, float) else _percent(value)
    sign = "≤" if goal.measure == "false_positives" else "≥"
    asked = f"{sign} {100 * goal.wanted:.0f}" if goal.wanted else ""
    title = _TITLES.get(goal.name, goal.name)
    measure = _MEASURES.get(goal.measure, goal.measure)
    yield f"| {title} | {measure} | {asked} | {reached} | {goal.others} |"


def _set(name: str, found: Found) -> str:
    cells = [_TITLES.get(name, name), str(found["accuracy"]["n"])]
    cells += [_percent(found.get(key)) for key in ("accuracy", "recall", "false_positives")]
    cells.append(f"{100 * found['f1']:.1f}" if "f1" in found else "")
    return f"| {' | '.join(cells)} |"


def _percent(rate: Found | None) -> str:
    if rate is None:
        return ""
    return f"{100 * rate['rate']:.1f} ({100 * rate['low']:.1f}–{100 * rate['high']:.1f})"
