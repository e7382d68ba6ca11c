"""What the ledger is told of a labelling task: counts, figures in millionths, and hashes.

No text, no person, not even their ids. The hash of the exported set stands there, and a record of a
judge names the sets it was measured on by the same hash: so anybody can see that a judge was
measured on blind human labels, and how far people agreed (`label_summary.py` says it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kanhe.errors import RequestError
from kanhe.judge.labelling import MILLION, NAME, Task
from kanhe.ledger.entry import Json

OPENED = "judge:label:opened"
CLOSED = "judge:label:closed"
ERASED = "judge:label:erased"
LABELLING = frozenset({OPENED, CLOSED, ERASED})

_HASH = re.compile(r"[0-9a-f]{64}")


def opened_facts(task: Task) -> dict[str, Json]:
    """Give the facts of `judge:label:opened`."""
    return {
        "task": task.name,
        "set": task.set_sha256,
        "items": task.items,
        "doubled_ppm": task.doubled,
        "categories": len(task.categories),
    }


def erased_facts(task: Task) -> dict[str, Json]:
    """Give the facts of `judge:label:erased`: the texts were destroyed, the labels remain."""
    return {"task": task.name, "set": task.set_sha256, "items": task.items}


_COUNTS = frozenset({
    "items", "doubled_ppm", "categories", "open", "disputed", "alone", "agreed", "adjudicated",
    "skipped", "labels", "people",
})  # fmt: skip
_FIGURES = frozenset({"same_ppm", "kappa_ppm", "alpha_ppm", "alpha_category_ppm"})
_FACTS = {
    OPENED: {"task", "set", "items", "doubled_ppm", "categories"},
    CLOSED: {"task", "set", "exported", *_FIGURES, *_COUNTS} - {"doubled_ppm", "categories"},
    ERASED: {"task", "set", "items"},
}


def check_facts(tag: str, facts: Mapping[str, Json]) -> None:
    """Check what is to be recorded of a task: its name, hashes and numbers, and nothing else.

    Raises:
        RequestError: It may not be recorded.
    """
    if set(facts) != _FACTS[tag]:
        raise _refused(f"{tag} has the facts {', '.join(sorted(_FACTS[tag]))}")
    for name, value in facts.items():
        if not _holds(name, value):
            raise _refused(f"the fact {name!r} is not what it should be")


def _holds(name: str, value: Json) -> bool:
    if name == "task":
        return isinstance(value, str) and bool(NAME.fullmatch(value))
    if name in ("set", "exported"):
        none = name == "exported" and value is None
        return none or (isinstance(value, str) and bool(_HASH.fullmatch(value)))
    if name in _FIGURES:
        return value is None or (type(value) is int and -MILLION <= value <= MILLION)
    return type(value) is int and value >= 0


def _refused(why: str) -> RequestError:
    return RequestError(why, advice="Use `kanhe judge label`.", status=422, code="not_recorded")
