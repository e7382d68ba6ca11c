"""The part of a rule that asks a judge, as it is written in a ruleset file.

Under `match`: which `judge`; `over` which thresholds of which categories it finds something; shown
what `unit`; whether text may `leave` before the verdict; how long to `wait`, and what happens
`otherwise`; what its measured record `needs` to show. docs/judges.md has it all with examples.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TypeAlias

import yaml

from kanhe.policy.rule import Judged, Leave, Needs, Otherwise, Unit
from kanhe.yaml_source import Section, meant

JUDGED_KEYS = ("judge", "over", "unit", "leave", "wait", "otherwise", "needs")
DEFAULT_JUDGE = "default"
"""How a rule names the judge that the settings name."""

PROSE = frozenset({"content", "reasoning", "refusal", "system", "assistant", "tool"})
"""Surfaces that carry sentences; a judged rule looks nowhere else."""

_PERCENT = re.compile(r"([0-9]{1,3}(?:[.][0-9]{1,9})?) ?%|([2-9]|[1-9][0-9]|100)")

Judges: TypeAlias = Mapping[str, Collection[str]]
"""Names of the judges that there are, the default one's is empty, and what each looks for."""

_FIGURES = ("sensitivity", "false_positives", "f1")
_NEEDS = (*_FIGURES, "rows", "days", "point")


def read_judged(match: Section, judges: Judges) -> Judged | None:
    """Read what a rule asks of which judge; None, and faults, where that is nothing."""
    name = match.text("judge", needed=True) or ""
    name = "" if name == DEFAULT_JUDGE else name
    if name not in judges:
        match.fault("judge", f"there is no judge {name or DEFAULT_JUDGE!r}", _advice(name, judges))
        return None
    over = _over(match, name or DEFAULT_JUDGE, judges[name])
    if not over:
        return None
    return Judged(
        name,
        over,
        match.choice("unit", Unit, Unit.SENTENCE),
        match.choice("leave", Leave, Leave.HOLD),
        match.fraction("wait", 2.0, least=0.01, most=60.0),
        match.choice("otherwise", Otherwise, Otherwise.REFUSE),
        _needs(match),
    )


def _advice(name: str, judges: Judges) -> str:
    known = [one or DEFAULT_JUDGE for one in judges]
    if not known:
        return "Here no judge is known: describe one under [[judges]] in the settings."
    return meant(name, known) + " Others are described under [[judges]] in the settings."


def _over(match: Section, judge: str, categories: Collection[str]) -> tuple[tuple[str, float], ...]:
    over = match.section("over", instead="categories and thresholds: `over: {fraud: 0.8}`")
    if over is None:
        if "over" not in match:
            match.fault("over", "`over` is missing", "Add `over: {unsafe: 0.9}`.")
        return ()
    found = []
    for category in over.keys:
        if category not in categories:
            what = f"the judge {judge!r} does not look for {category!r}"
            over.fault(category, what, _other_category(category, categories))
        found.append((category, _share(over, category, 1.0, least=0.001)))
    if not found:
        match.fault("over", "`over` names no category", "Add one: `over: {unsafe: 0.9}`.")
    return tuple(sorted(found))


def _other_category(category: str, categories: Collection[str]) -> str:
    grounds = [one for one in categories if one.startswith(f"{category}.")]
    if grounds:
        return f"Name the grounds, each with its threshold: {', '.join(grounds)}."
    near = get_close_matches(category.lower(), categories, n=1)
    guess = f"Did you mean `{near[0]}`? " if near else ""
    return f"{guess}It looks for {', '.join(categories)}. Every judge gives `unsafe`."


def _share(section: Section, key: str, otherwise: float, *, least: float) -> float:
    """Read a number up to 1; of what was meant as a percentage, say how it is written here."""
    node = section.node(key)
    written = node.value if isinstance(node, yaml.ScalarNode) else ""
    percent = _PERCENT.fullmatch(written)
    if percent and 0 < (number := float(percent[1] or percent[2])) <= 100:
        what = f"`{key}` is {written!r}, and no number up to 1"
        section.fault(key, what, f"Write {number / 100:g} for {number:g} %.")
        return otherwise
    return section.fraction(key, otherwise, least=least, most=1.0)


def _needs(match: Section) -> Needs | None:
    needs = match.section("needs", instead="{sensitivity: 0.8, false_positives: 0.02, rows: 300}")
    if needs is None:
        return None
    needs.allow(_NEEDS)

    if not any(key in needs for key in (*_FIGURES, "days")) or (
        "rows" in needs and not any(key in needs for key in _FIGURES)
    ):
        # `rows` and `point` say how a figure is looked at: without one they ask for nothing.
        what = "`needs` demands no figure of the judge"
        match.fault("needs", what, "Add one: `needs: {sensitivity: 0.7, false_positives: 0.05}`.")

    def rate(key: str) -> float | None:
        return _share(needs, key, 0.0, least=0.0) if key in needs else None

    days = needs.number("days", 0, least=1, most=3650) if "days" in needs else None
    rows = needs.number("rows", 0, least=0, most=10_000_000)
    return Needs(
        rate("sensitivity"), rate("false_positives"), rate("f1"), rows, days, needs.flag("point")
    )
