"""Labelling as plain data: what somebody who labels may see, and how far people agree. Values only.

What is shown with an item is all that anybody labels by: no label of another's, no opinion of a
judge, no source. People stand in figures as letters, in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kanhe.adapters.label_store import Shown
from kanhe.console import shown
from kanhe.judge.agreement import Of
from kanhe.judge.category import CATEGORIES
from kanhe.judge.counts import Figure
from kanhe.judge.label_summary import Pair, Summary
from kanhe.judge.labelling import Desk, Task
from kanhe.ledger.entry import Json
from kanhe.terms import Text

_SAID = {
    "safe": Text("无害", "Safe"),
    "unsafe": Text("有害", "Unsafe"),
    "skip": Text("无法判断", "Cannot tell"),
}


def task(one: Task) -> shown.Data:
    """Give a task, without what its items are and where they are from."""
    return {
        "name": one.name,
        "question": shown.text(one.question),
        "items": one.items,
        "opened": shown.instant(one.opened),
        "closed": shown.instant(one.closed),
        "erased": shown.instant(one.erased),
        "open": one.is_open,
    }


def mine(desk: Desk, who: str) -> shown.Data:
    """Give a task with how far somebody is in it."""
    one = desk.progress(who)
    return task(desk.task) | {
        "done": one.done, "left": one.left, "all": one.done + one.left, "disputes": one.disputes
    }  # fmt: skip


def item(one: Shown) -> shown.Data:
    """Give an item as it is labelled."""
    return {"number": one.number, "text": one.text, "context": one.context, "lang": one.lang,
            "kind": one.kind}  # fmt: skip


def choices(one: Task) -> list[Json]:
    """Give what an unsafe item can be called; the value is what a form sends."""
    return [
        {"value": f"unsafe:{name}", "title": shown.text(_category(name))} for name in one.categories
    ] or [{"value": "unsafe", "title": shown.text(_SAID["unsafe"])}]


def agreement(found: Summary) -> shown.Data:
    """Give how far the people of a task agree."""
    values = sorted({value for pair in found.met for value in pair}, key=_order)
    return {
        "counts": {str(standing): number for standing, number in found.counts.items()},
        "labels": found.labels,
        "people": found.people,
        "unsure": found.unsure,
        "skipped": found.skipped,
        "seconds": found.seconds,
        "same": figure(found.same),
        "alpha": figure(found.alpha),
        "alpha_category": figure(found.alpha_category),
        "kappa": figure(found.kappa),
        "pairs": [_pair(one) for one in found.pairs],
        "values": [_of(one) for one in sorted(found.values, key=lambda one: _order(one.value))],
        "table": {
            "values": [title(value) for value in values],
            "rows": [{"value": title(row), "met": _row(found, row, values)} for row in values],
        },
    }


def figure(found: Figure | None) -> Json:
    """Give a figure with its interval, as texts with three places; None where there is none."""
    if found is None:
        return None
    ends = found.interval
    told = {"value": found.value, "low": ends.low, "high": ends.high}
    return {**{name: f"{one:.3f}" for name, one in told.items()}, "n": found.n}


def title(value: str) -> Json:
    """Give what a label is called: `safe`, `unsafe:fraud`."""
    said, _, category = value.partition(":")
    return shown.text(_category(category) if category else _SAID[said])


def _category(name: str) -> Text:
    return CATEGORIES.get(name, Text(name, name))


def _order(value: str) -> tuple[bool, str]:
    return value != "safe", value


def _pair(one: Pair) -> Json:
    return {"first": letter(one.first), "second": letter(one.second), "items": one.items,
            "kappa": figure(one.kappa)}  # fmt: skip


def letter(number: int) -> str:
    """Name the n-th person, from 1: A, B … Z, AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _of(one: Of) -> dict[str, Any]:
    shared = None if one.shared is None else f"{one.shared:.3f}"
    return {"title": title(one.value), "used": one.used, "shared": shared,
            "alpha": figure(one.alpha)}  # fmt: skip


def _row(found: Summary, row: str, values: Sequence[str]) -> list[Json]:
    return [found.met[min(row, one), max(row, one)] for one in values]
