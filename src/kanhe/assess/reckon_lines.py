"""Lines of evidence, looked at once and laid out by what figures are made of.

A line that was drawn and is not there is counted as one without a verdict: leaving out what went
wrong must not help. Refused: the same trial twice, one question counted under two names, and a line
about a bank or a target that the head does not name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kanhe.assess.head import Head
from kanhe.assess.item import BankKind
from kanhe.assess.line import Line, Part
from kanhe.assess.outcome import Answered, Verdict, Way
from kanhe.assess.strength import Tally
from kanhe.errors import AssessError

ROUTES = ("gateway", "model")
"""In the order in which targets are told."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A line with what counts of it.

    Attributes:
        name: Of the item, across banks.
        ways: By way, the verdict that counts; nothing where there was no answer.
        machine: All ways but people.
        passed: All ways.
    """

    line: Line
    name: str
    ways: Mapping[Way, Verdict]
    machine: bool | None
    passed: bool | None

    def by(self, way: Way) -> bool | None:
        """Give whether it passed in one way; None: there is no score."""
        found = self.ways.get(way)
        return found.passed if found else None


@dataclass(frozen=True, slots=True)
class Laid:
    """All lines, by target and part, in the order in which they stand.

    Attributes:
        targets: In order, `gateway` first.
        absent: By kind of bank, target and slice: drawn and not there.
    """

    targets: tuple[str, ...]
    parts: Mapping[tuple[str, Part], Sequence[Seen]]
    absent: Mapping[tuple[BankKind, str, str], int]

    def of(self, target: str, part: Part) -> Sequence[Seen]:
        """Give the lines of one part at one target."""
        return self.parts.get((target, part), ())

    def bank(self, target: str, kind: BankKind) -> list[Seen]:
        """Give the plain lines of one kind of bank at one target."""
        return [one for one in self.of(target, Part.BANK) if one.line.kind is kind]


def lay(head: Head, lines: Iterable[Line]) -> Laid:
    """Lay out lines.

    Raises:
        AssessError: They contradict each other, or the head.
    """
    routes = {one.route for one in head.targets}
    targets = tuple(sorted(routes, key=lambda one: (one not in ROUTES, one != ROUTES[0], one)))
    kinds = {bank.id: bank.kind for bank in head.banks}
    trials: set[tuple[str, str, Part, str, str, int]] = set()
    counted: set[tuple[str, str]] = set()
    parts: dict[tuple[str, Part], list[Seen]] = {}
    for line in lines:
        trial = line.outcome.trial
        key = (line.bank, line.id, line.part, trial.target, trial.variant, trial.repeat)
        if key in trials:
            raise _contradiction(f"the trial of {line.bank}/{line.id} stands twice")
        trials.add(key)
        if trial.target not in routes:
            raise _contradiction(f"{line.bank}/{line.id} was asked of {trial.target!r}")
        if line.part in _OF_BANKS and kinds.get(line.bank) is not line.kind:
            raise _contradiction(f"{line.bank}/{line.id} is of a bank that was not drawn from")
        if line.part is Part.BANK and (trial.variant or trial.repeat):
            raise _contradiction(f"{line.bank}/{line.id} counts, and was not asked as it stands")
        if line.part is Part.BANK:
            if (trial.target, trial.item) in counted:
                raise _contradiction(f"the question of {line.bank}/{line.id} counts twice")
            counted.add((trial.target, trial.item))
        parts.setdefault((trial.target, line.part), []).append(seen(line))
    return Laid(targets, parts, _absent(head, targets, parts))


_OF_BANKS = frozenset({Part.BANK, Part.ROBUST, Part.RELIABLE})


def seen(line: Line) -> Seen:
    """Look at one line."""
    name = f"{line.bank}/{line.id}"
    if not isinstance(line.outcome.reply, Answered):
        return Seen(line, name, {}, None, None)
    ways: dict[Way, Verdict] = {}
    for one in line.outcome.verdicts:
        # The first with a score, as in `Outcome.by`.
        if one.way not in ways or (ways[one.way].passed is None and one.passed is not None):
            ways[one.way] = one
    machine, manual = line.outcome.by_machine, ways.get(Way.MANUAL)
    decided = manual is not None and manual.passed is not None
    return Seen(line, name, ways, machine, manual.passed if manual and decided else machine)


def slices(found: Iterable[tuple[str, bool | None]]) -> dict[str, Tally]:
    """Count verdicts by slice, in the order of the slices' names."""
    counts = Counter(found)
    return {
        name: Tally(counts[name, True], counts[name, False], counts[name, None])
        for name in sorted({name for name, _ in counts})
    }


def _absent(
    head: Head, targets: Sequence[str], parts: Mapping[tuple[str, Part], Sequence[Seen]]
) -> dict[tuple[BankKind, str, str], int]:
    absent: Counter[tuple[BankKind, str, str]] = Counter()
    for target in targets:
        there = Counter(
            (one.line.bank, one.line.slice) for one in parts.get((target, Part.BANK), ())
        )
        for bank in head.banks:
            for name, drawn in bank.drawn.items():
                missing = drawn - there.pop((bank.id, name), 0)
                if missing < 0:
                    raise _contradiction(f"more items of {bank.id}/{name} were asked than drawn")
                absent[bank.kind, target, name] += missing
        if there:
            raise _contradiction(f"items of {'/'.join(min(there))} were asked and not drawn")
    return dict(absent)


def _contradiction(what: str) -> AssessError:
    return AssessError(
        f"the evidence contradicts itself: {what}",
        advice="Take head and lines from one and the same run, unchanged.",
    )
