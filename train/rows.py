"""The rows that are learnt from and measured on, each with its part, its targets and its weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kanhe.judge.category import CATEGORIES, is_category
from kanhe.judge.labelled import LabelledSet, Row, read_sets
from kanhe.judge.split import Part, part_of
from train.sets import MEASURED_ONLY, PLANS, Cases, cases_of

HELD_OUT = "_heldout"
"""How the name of a set ends that is only measured on."""


@dataclass(frozen=True, slots=True)
class Example:
    """A row as the training sees it.

    Attributes:
        name: Of the set; of seeds, `seed:` and the file.
        overall: Whether `row.unsafe` says what `unsafe` means; else only the cases are learnt.
        cases: The categories an unsafe row is a case of; `()` where nobody said.
        share: How often it is seen in an epoch; 0: never.
        left: Why it is not learnt from; empty where it is.
    """

    row: Row
    name: str
    part: Part
    overall: bool
    cases: tuple[str, ...]
    share: float
    left: str = ""


def read_folder(folder: Path) -> tuple[LabelledSet, ...]:
    """Read every set in a folder.

    Raises:
        FaultySet: One of them has faults.
    """
    return read_sets({file.name: file.read_bytes() for file in sorted(folder.glob("*.jsonl"))})


def examples_of(sets: Iterable[LabelledSet]) -> Iterator[Example]:
    """Give the examples of public sets that `sets.py` knows, or that are only measured on."""
    for one in sets:
        plan = PLANS.get(one.name)
        for row in one.rows:
            if plan is None:
                why = "licence" if one.name in MEASURED_ONLY else "not planned"
                # Rows that may not teach may still say where the threshold must not lie.
                part = Part.CALIBRATION if part_of(row) is Part.CALIBRATION else Part.TEST
                yield Example(row, one.name, part, True, (), 0.0, why)
                continue
            cases: Cases = cases_of(one.name, row) if row.unsafe else ()
            known = cases if isinstance(cases, tuple) else ()
            left = cases if isinstance(cases, str) else ""
            share = 0.0 if left else plan.share
            overall = plan.says == "all" or (plan.says == "unsafe" and row.unsafe)
            yield Example(row, one.name, part_of(row), overall, known, share, left)


def own_examples_of(
    sets: Iterable[LabelledSet], prefix: str, share: float, extra: Sequence[str] = ()
) -> Iterator[Example]:
    """Give the examples of seeds, or of an operator's sets: their categories are ours already.

    `extra` names the operator's own categories; an unknown one is taken as unsafe of no category.
    """
    for one in sets:
        for row in one.rows:
            named = row.category in extra or row.category in CATEGORIES
            cases = (row.category,) if row.unsafe and named else ()
            if one.name.endswith(HELD_OUT):
                yield Example(row, f"{prefix}{one.name}", Part.TEST, True, cases, 0.0)
            else:
                yield Example(row, f"{prefix}{one.name}", part_of(row), True, cases, share)


def check_categories(names: Iterable[str]) -> None:
    """Refuse names that cannot be an operator's category.

    Raises:
        ValueError: One is no `own.<name>`.
    """
    wrong = [name for name in names if not is_category(name)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: a category of your own is called own.<name>")


def apart(examples: Sequence[Example]) -> list[Example]:
    """Leave out of learning what is also measured, whatever the set: the same letters in a row."""
    measured = {
        _letters(example.row.text)
        for example in examples
        if example.part is not Part.TRAIN and not example.name.startswith("disguised:")
    }
    return [
        replace(example, share=0.0, left="also measured")
        if example.part is Part.TRAIN and _letters(example.row.text) in measured
        else example
        for example in examples
    ]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
