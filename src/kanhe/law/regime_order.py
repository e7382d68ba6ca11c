"""What is checked when all files of a regime were read: how its entries stand to each other.

Every reference leads somewhere; one question never has two answers; nothing follows itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from kanhe.law.control_file import Taken
from kanhe.law.obligation_file import Placed
from kanhe.law.regime import Obligation, Related, Relation, Source
from kanhe.law.regime_source import Mark, Reading, unknown
from kanhe.terms import counted

Node = TypeVar("Node", bound=Hashable)


_HOLDS = {
    "regime.yaml": "area",
    "sources.yaml": "source",
    "questions.yaml": "question",
    "obligations": "obligation",
    "controls": "control",
}
"""What the files of a regime declare that others refer to, by file or folder."""


def lost_in(reading: Reading, kind: str) -> str | None:
    """Give a file that could not be read and may hold entries of this kind; None: all was read."""
    return next((one for one in reading.lost if _HOLDS.get(one.split("/")[0]) == kind), None)


def check_references(reading: Reading) -> None:
    """Complain about every id that is named and does not exist.

    Where it may stand in a file that could not be read, that file is named once instead.
    """
    unchecked: dict[str, int] = {}
    for kind, name, mark in reading.wanted:
        known = reading.ids.get(kind, {})
        if name in known:
            continue
        if file := lost_in(reading, kind):
            unchecked[file] = unchecked.get(file, 0) + 1
        else:
            reading.add(mark, f"there is no {kind} {name!r}", unknown(name, known))
    for file, number in unchecked.items():
        what = f"cannot be read, so {counted(number, 'reference')} into it could not be checked"
        mark = Mark(f"{reading.name}/{file}", 1, "", "entry")
        reading.add(mark, what, "Mend the file, and check again.")


def check_versions(reading: Reading, placed: Iterable[Placed]) -> None:
    """Complain about two versions of a duty that answer one question."""
    if lost_in(reading, "source"):
        return  # when a duty holds is left to its source, mostly
    versions: dict[str, list[Placed]] = {}
    for one in placed:
        versions.setdefault(one[0].id, []).append(one)
    for several in versions.values():
        for (first, at), (second, mark) in combinations(several, 2):
            if first.validity.overlaps(second.validity):
                what = f"it holds on days on which the version in {at.file}:{at.line} holds too"
                advice = "End the earlier one: `known: {until: …}`, or `in_force: {until: …}`."
                reading.add(mark, what, advice)


def check_sources(
    reading: Reading, placed: Iterable[Placed], sources: Mapping[str, Source]
) -> None:
    """Complain about a duty that outlives its source, as far as is known today."""
    for obligation, mark in placed:
        source = sources.get(obligation.source)
        end = source.validity.in_force.end if source else None
        if end is None or obligation.validity.known.end is not None:
            continue
        last = obligation.validity.in_force.end
        if last is None or last > end:
            what = f"its source {obligation.source} is in force until {end}, it is longer"
            reading.add(mark, what, f"Write `until: {end}`, or leave `in_force` out.")


def check_changes(reading: Reading, placed: Sequence[Placed]) -> None:
    """Complain about a draft's duty that became one of the same draft."""
    sources = {one.id: one.source for one, _ in placed}
    for one, mark in placed:
        if one.changed_in and sources.get(one.changed_in) == one.source:
            what = f"it became {one.changed_in}, which is of {one.source} as well"
            reading.add(mark, what, "`changed_in` names the duty of what was made law.")


def check_taken(reading: Reading, taken: Iterable[Taken], placed: Iterable[Placed]) -> None:
    """Complain about a parameter that is taken from a duty which does not fix it."""
    found: dict[str, list[Obligation]] = {}
    for obligation, _ in placed:
        found.setdefault(obligation.id, []).append(obligation)
    for of, mark in taken:
        lacking = [
            one for one in found.get(of.obligation, ()) if of.parameter not in one.parameters
        ]
        if lacking and of.parameter:
            what = f"{of.obligation} fixes no {of.parameter!r}"
            if len(found[of.obligation]) > len(lacking):
                what += " in one of its versions"
            reading.add(mark, what, unknown(of.parameter, lacking[0].parameters))


def check_circles(
    reading: Reading, sources: Iterable[Source], related: Sequence[tuple[Related, Mark]]
) -> None:
    """Complain about sources that replace, and duties that contain, themselves."""
    # The sources that a source names are those that it replaces; there are no others.
    places = {(mark.entry, name): mark for _, name, mark in reading.wanted if mark.kind == "source"}
    after = [(one.id, old, places[one.id, old]) for one in sources for old in one.replaces]
    _complain(reading, after, "replaces")
    regime = reading.name
    within: list[tuple[tuple[str, str], tuple[str, str], Mark]] = []
    for one, mark in related:
        here, there = (regime, one.here), (one.regime, one.there)
        if one.relation is Relation.SUBSET:
            within.append((here, there, mark))
        elif one.relation is Relation.SUPERSET:
            within.append((there, here, mark))
    _complain(reading, within, "is a subset of")


def _complain(reading: Reading, arrows: Sequence[tuple[Node, Node, Mark]], word: str) -> None:
    """Complain about each arrow that closes a circle with those before it."""
    onward: dict[Node, list[Node]] = {}
    for start, end, mark in arrows:
        way = _way(onward, end, start)
        if way:
            names = [one[-1] if isinstance(one, tuple) else str(one) for one in (start, *way)]
            what = f"it stands in a circle: {f' {word} '.join(names)}"
            reading.add(mark, what, "Take one of them back.")
        else:
            onward.setdefault(start, []).append(end)


def _way(onward: Mapping[Node, Sequence[Node]], start: Node, end: Node) -> list[Node]:
    """Give a way along the arrows from `start` to `end`, both included; empty if there is none."""
    came: dict[Node, Node | None] = {start: None}
    open_ones = [start]
    while open_ones:
        here = open_ones.pop()
        if here == end:
            break
        for following in onward.get(here, ()):
            if following not in came:
                came[following] = here
                open_ones.append(following)
    way: list[Node] = []
    step: Node | None = end if end in came else None
    while step is not None:
        way.append(step)
        step = came[step]
    return way[::-1]
