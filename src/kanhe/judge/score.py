"""From labelled rows and a judge's answers to counts: one table, of which every figure is a sum.

A probability is taken to the millionth, so that a record can hold thresholds as whole numbers and
be read again to the very same counts. An opinion that is no probability is no opinion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kanhe.judge.category import UNSAFE, is_category
from kanhe.judge.counts import Counts
from kanhe.judge.labelled import Kind, Row
from kanhe.judge.port import Answer, Opinion, Question, Unscored

MILLION = 1_000_000

Mark: TypeAlias = Literal["1", "0", "u", "f"]
"""One row's outcome: flagged, not flagged, unscored, failed."""

By: TypeAlias = Literal["all", "set", "category", "lang", "kind"]


@dataclass(frozen=True, slots=True)
class Failed:
    """The judge gave no answer to a row: it was down, late or busy."""

    why: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A row, what the judge said to it, and the microseconds it took."""

    set: str
    row: Row
    answer: Answer | Failed
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """The counts of the rows that share set, language, kind and head of category."""

    set: str
    lang: str
    kind: Kind
    category: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Found:
    """How well the judge's own probability of `category` finds rows of it, in one language.

    Unsafe: rows labelled with it. Safe: the safe rows, and those of our other categories.
    """

    category: str
    lang: str
    counts: Counts


def asked(row: Row) -> Question:
    """Give a row as a judge is asked about it; a post is what somebody writes, as a prompt is."""
    return Question(row.text, row.context, "answer" if row.kind == "response" else "prompt")


def probability(answer: Answer | Failed, of: str = UNSAFE) -> int | None:
    """Give a probability in millionths; None where there is no opinion of it."""
    given = answer.of(of) if isinstance(answer, Opinion) else None
    # NaN compares false with everything, and so is none either.
    if given is None or not 0 <= given <= 1:
        return None
    return round(given * MILLION)


def mark(answer: Answer | Failed, threshold: int, of: str = UNSAFE) -> Mark:
    """Say what became of a row at a threshold in millionths: flagged from there on."""
    match answer:
        case Failed():
            return "f"
        case Unscored():
            return "u"
        case Opinion():
            given = probability(answer, of)
            return "u" if given is None else "1" if given >= threshold else "0"


def count(marks: Iterable[tuple[bool, Mark]]) -> Counts:
    """Count rows by whether they are unsafe, and their outcomes."""
    seen: dict[tuple[bool, Mark], int] = defaultdict(int)
    for one in marks:
        seen[one] += 1
    order: tuple[tuple[bool, Mark], ...] = (
        (True, "1"), (True, "0"), (False, "1"), (False, "0"),
        (True, "u"), (True, "f"), (False, "u"), (False, "f"),
    )  # fmt: skip
    return Counts(*(seen[one] for one in order))


def cells(scored: Iterable[Scored], threshold: int) -> tuple[Cell, ...]:
    """Count all rows at a threshold in millionths, by everything that tells them apart."""
    groups: dict[tuple[str, str, Kind, str], list[tuple[bool, Mark]]] = defaultdict(list)
    for one in scored:
        row = one.row
        outcome = (row.unsafe, mark(one.answer, threshold))
        groups[one.set, row.lang, row.kind, row.head].append(outcome)
    return tuple(Cell(*key, count(marks)) for key, marks in sorted(groups.items()))


def total(table: Iterable[Cell], keep: Callable[[Cell], bool] = lambda _: True) -> Counts:
    """Add up the cells that are wanted."""
    return sum((cell.counts for cell in table if keep(cell)), Counts())


def slices(table: Sequence[Cell], by: By) -> dict[str, Counts]:
    """Add up the cells by one of their names, in order; `all`: in one sum."""
    sums: dict[str, Counts] = defaultdict(Counts)
    for cell in table:
        sums[_key(cell, by)] += cell.counts
    return dict(sorted(sums.items()))


def _key(cell: Cell, by: By) -> str:
    match by:
        case "all":
            return "all"
        case "set":
            return cell.set
        case "category":
            return cell.category
        case "lang":
            return cell.lang
        case "kind":
            return cell.kind


def found(
    scored: Sequence[Scored], categories: Collection[str], thresholds: Mapping[str, int]
) -> tuple[Found, ...]:
    """Count how the judge's own categories are found, where rows are labelled with them.

    Unsafe rows under a name that only their authors use say nothing about ours and are left out.

    Args:
        scored: The rows.
        categories: Those that the judge looks for.
        thresholds: In millionths, by category; `unsafe` where there is none of its own.
    """
    known = [one for one in scored if not one.row.unsafe or is_category(one.row.head)]
    named = {(one.row.head, one.row.lang) for one in known if one.row.unsafe}
    tables = []
    for category, lang in sorted(named):
        if category in categories and category != UNSAFE:
            at = thresholds.get(category, thresholds[UNSAFE])
            marks = (
                (one.row.unsafe and one.row.head == category, mark(one.answer, at, category))
                for one in known
                if one.row.lang == lang
            )
            tables.append(Found(category, lang, count(marks)))
    return tuple(tables)
