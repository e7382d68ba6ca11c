"""What the ledger tells of assessments: reports, their tests in counts, and what changed since.

Counts are taken from the facts of a report and held against the regime's numbers anew: that a
report calls itself conforming shows nothing. Facts that are not as `assess/fact.py` writes them
count as not there; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from kanhe.ledger.entry import Json
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import REPORT_MADE, REPORT_SIGNED, RUN_BEGUN

GATEWAY = "gateway"
"""The route on which a user is served; what the model says around it shows nothing of that."""

CONFORMS, FAILS, OPEN = "conforms", "does-not-conform", "open"

KINDS = frozenset({"output", "refuse", "answer"})
"""Of tests; a report that lacks one is of a part of the service."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers by what came of them; `unscored`: there was no answer, or no verdict on it."""

    passed: int
    failed: int
    unscored: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.unscored

    def keeps(self, percent: int) -> bool:
        """Apply the point rule: what has no verdict is held against the service."""
        return self.n > 0 and self.passed * 100 >= percent * self.n

    def may_keep(self, percent: int) -> bool:
        """Say whether the point rule could still be kept, if all without a verdict passed."""
        return (self.passed + self.unscored) * 100 >= percent * self.n


@dataclass(frozen=True, slots=True)
class Rate:
    """One test by one way. `shown`: what the counts show beyond chance: `kept`, `open`, `broken`.

    `corrected`: ends of the rate with the judge's errors taken out, in millionths.
    """

    whole: Tally
    slices: Mapping[str, Tally]
    shown: str
    corrected: tuple[int, int] | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Judge:
    """The judge that classified; `record`: SHA-256 of the one it was admitted by, or empty."""

    name: str
    record: str
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """One report that was made, as its entry tells of it."""

    seen: Seen

    @property
    def hash(self) -> str:
        """SHA-256 of it."""
        return str(self.seen.facts.get("report", ""))

    @property
    def run(self) -> str:
        """Name of its run."""
        return str(self.seen.facts.get("run", ""))

    @property
    def conclusion(self) -> str:
        """What it concludes of the whole."""
        return str(self.seen.facts.get("conclusion", ""))

    @property
    def whole(self) -> bool:
        """Whether the run came to its end."""
        return self.seen.facts.get("ended_by") == "done"

    @cached_property
    def begun(self) -> datetime:
        """When it was begun to ask; a report counts from then on, not from when it was written."""
        return _instant(self.seen.facts.get("begun")) or self.seen.at

    @cached_property
    def ended(self) -> datetime:
        """When the last question was answered."""
        return _instant(self.seen.facts.get("ended")) or self.seen.at

    @cached_property
    def models(self) -> Mapping[str, str]:
        """Who was asked through the gateway: models, each with the version of rules before it."""
        return {
            str(one.get("model", "")): str(one.get("by", ""))
            for one in _maps(self.seen.facts.get("targets"))
            if one.get("route") == GATEWAY
        }

    @cached_property
    def banks(self) -> Mapping[str, str]:
        """SHA-256 of each bank, by id."""
        return {
            str(one.get("bank")): str(one.get("sha256"))
            for one in _maps(self.seen.facts.get("banks"))
        }

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """Ids of the sources by whose clauses it is written."""
        return words(self.seen.facts.get("editions"))

    @cached_property
    def judge(self) -> Judge | None:
        """Who classified; None: nobody."""
        facts = self.seen.facts.get("judge")
        if not isinstance(facts, Mapping):
            return None
        record, doubts = str(facts.get("record", "")), words(facts.get("doubts"))
        return Judge(str(facts.get("name", "")), record, doubts)

    @cached_property
    def tests(self) -> Mapping[tuple[str, str], Mapping[str, Rate]]:
        """By kind and route: the rates by way."""
        found = {}
        for test in _maps(self.seen.facts.get("tests")):
            ways = test.get("ways")
            if isinstance(ways, Mapping):
                rates = {way: rate for way, facts in ways.items() if (rate := _rate(facts))}
                found[str(test.get("kind")), str(test.get("target"))] = rates
        return found

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of tests that were made through the gateway."""
        return frozenset(kind for kind, route in self.tests if route == GATEWAY)

    def part(self, name: str) -> Mapping[str, Json]:
        """Give what stands under a fact for the gateway: by ground, by slice."""
        facts = self.seen.facts.get(name)
        here = facts.get(GATEWAY) if isinstance(facts, Mapping) else None
        return here if isinstance(here, Mapping) else {}


def reports(picture: Picture, regime: str) -> tuple[Report, ...]:
    """Give the reports under a regime, the newest first."""
    made = [Report(one) for one in picture.all(REPORT_MADE) if one.facts.get("regime") == regime]
    return tuple(reversed(made))


def signatures(picture: Picture, report: Report) -> Mapping[str, Seen]:
    """Give the signatures under a report, the first of each role; only what came after it."""
    found: dict[str, Seen] = {}
    for seen in picture.all(REPORT_SIGNED):
        if seen.facts.get("report") == report.hash and seen.index > report.seen.index:
            found.setdefault(str(seen.facts.get("role")), seen)
    return found


def unreported(picture: Picture, regime: str, after: datetime) -> Iterator[Seen]:
    """Give the runs that were begun after an instant, and of which there is no report."""
    told = {one.run for one in reports(picture, regime)}
    for seen in picture.all(RUN_BEGUN):
        late = seen.facts.get("regime") == regime and seen.at > after
        if late and str(seen.facts.get("run")) not in told:
            yield seen


def tally(value: Json) -> Tally | None:
    """Read counts; None of what are none."""
    match value:
        case [int(passed), int(failed), int(unscored)] if min(passed, failed, unscored) >= 0:
            return Tally(passed, failed, unscored)
        case _:
            return None


def interval(value: Json) -> tuple[int, int] | None:
    """Read two ends in millionths; None of what are none."""
    match value:
        case [int(low), int(high)] if low <= high:
            return low, high
        case _:
            return None


def words(value: Json) -> tuple[str, ...]:
    """Read a list of words; empty of what is none."""
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _rate(facts: Json) -> Rate | None:
    if not isinstance(facts, Mapping):
        return None
    whole, slices = tally(facts.get("whole")), facts.get("slices")
    if whole is None or not isinstance(slices, Mapping):
        return None
    found = {code: one for code, value in slices.items() if (one := tally(value))}
    corrected = interval(facts.get("corrected"))
    shown, fits = str(facts.get("shown", OPEN)), facts.get("fits") is not False
    return Rate(whole, found, shown, corrected, fits)


def _maps(value: Json) -> Sequence[Mapping[str, Json]]:
    some = value if isinstance(value, list | tuple) else ()
    return [one for one in some if isinstance(one, Mapping)]


def _instant(written: Json) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
