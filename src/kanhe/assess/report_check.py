"""Whether a report says what its evidence gives: the root, every figure, every conclusion.

What cannot be told from head and lines has to be held against something else: that the head is the
one of the run, against the ledger; that it asks for what the law asks for, against the regime. That
clauses follow from the status of that day is not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kanhe.assess.demand import Demands
from kanhe.assess.evidence_tree import root_of
from kanhe.assess.fact import made_facts
from kanhe.assess.head import Head
from kanhe.assess.line import Line
from kanhe.assess.line_file import read_line
from kanhe.assess.plain_json import differences, told
from kanhe.assess.reckon import results
from kanhe.assess.report_file import Written
from kanhe.errors import AssessError
from kanhe.ledger.entry import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two things differ.

    Attributes:
        path: Where, as `results.tested[0].rates[1].whole.tally.passed`.
        told: What the report says there; None: nothing.
        found: What comes out; None: nothing.
    """

    path: str
    told: object
    found: object


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking. `figures`: how many values of the results were computed anew."""

    lines: tuple[Line, ...]
    root: str
    figures: int
    differences: tuple[Difference, ...]


def check_report(report: Written, leaves: Sequence[bytes]) -> Checked:
    """Compute everything anew from head and lines, and give every difference.

    Raises:
        AssessError: A line is none, or the lines contradict each other or the head; from such
            nothing can be computed.
    """
    root = root_of(leaves)
    found = []
    if report.head.lines != len(leaves):
        found.append(Difference("head.lines", report.head.lines, len(leaves)))
    if report.head.root != root:
        found.append(Difference("head.root", report.head.root, root))
    lines = tuple(read_line(leaf, number) for number, leaf in enumerate(leaves, 1))
    try:
        anew = told(results(report.head, lines))
    except (ArithmeticError, ValueError) as error:
        raise AssessError(
            f"from this head no figure can be computed: {error}",
            advice="It was altered, or written by another program: ask for the report anew.",
        ) from error
    said = told(report.results)
    found += [Difference(f"results.{path}", *both) for path, *both in differences(said, anew)]
    return Checked(lines, root, _values(anew), tuple(found))


def check_demands(head: Head, wanted: Demands) -> tuple[Difference, ...]:
    """Compare what a report holds its tests and banks to with what a regime demands.

    A report that sets its own bounds keeps them easily, and every figure of it is right.

    Args:
        head: Of the report.
        wanted: What the regime demands on the day on which the run was begun.
    """
    pairs: list[tuple[str, object, object]] = [("tests", head.tests, (*wanted.tests.values(),))]
    for at, bank in enumerate(head.banks):
        demand = wanted.banks.get(bank.kind)
        pairs.append((f"banks[{at}].wanted", bank.wanted, demand.each if demand else {}))
    return tuple(
        Difference(f"head.{path}{'.' * (rest[:1] not in ('', '['))}{rest}", *both)
        for path, one, other in pairs
        for rest, *both in differences(told(one), told(other))
    )


def check_entry(report: Written, lines: Sequence[Line], facts: Mapping[str, Json]) -> Checked:
    """Compare a report with what the ledger was told of it when it was made."""
    editions = facts.get("editions")
    clauses = Counter(str(one.finding) for one in report.clauses)
    mine = made_facts(
        report.head, report.results, lines, report.sha256,
        editions=[str(one) for one in editions] if isinstance(editions, list) else [],
        clauses=clauses,
    )  # fmt: skip
    found = tuple(
        Difference(path, told_, recorded)
        for path, told_, recorded in differences(mine, facts)
        # Of what nothing was found the entry need not speak.
        if not (path.startswith("clauses.") and not (told_ or recorded))
    )
    return Checked(tuple(lines), report.head.root, _values(mine), found)


def _values(json: Json) -> int:
    if isinstance(json, Mapping):
        return sum(map(_values, json.values()))
    if isinstance(json, list | tuple):
        return sum(map(_values, json))
    return 1
