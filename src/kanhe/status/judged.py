"""What the ledger tells of judges: which rules in force ask whom, and what was measured of each.

Rules and judges are taken from what the service wrote when it loaded and started, records from what
was measured since, on this ledger, or from what came with the judge's own weights. Facts that are
not as they are written here count as not there; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from kanhe.judge.exact import Interval, clopper_pearson
from kanhe.ledger.entry import Json
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import DRIFTED, LEARNT, LOADED, MEASURED, SETTINGS
from kanhe.status.verdict import Action
from kanhe.terms import Text

UNSAFE = "unsafe"
RECORD = Text("研判规则与研判模型的记录", "record of judged rules and of judges")
MEASURE = Action(
    Text("测评研判模型并记入账本", "Measure the judge and put it on record"), "kanhe judge measure"
)
_PARTS = frozenset({"test", "all"})
"""Rows that a judge was trained or tuned on show nothing of it."""

interval = lru_cache(maxsize=4096)(clopper_pearson)


@dataclass(frozen=True, slots=True)
class Share:
    """Counts of one category in one language: found of those there are, and alarms of the safe."""

    caught: int
    unsafe: int
    alarms: int
    safe: int

    @property
    def sensitivity(self) -> Interval:
        """The exact interval of what is found."""
        return interval(self.caught, self.unsafe)

    @property
    def alarm(self) -> Interval:
        """The exact interval of safe rows that are flagged."""
        return interval(self.alarms, self.safe)


@dataclass(frozen=True, slots=True)
class Shown:
    """One record of a judge. `seen`: the entry; None of the one that came with the weights."""

    facts: Mapping[str, Json]
    at: datetime
    seen: Seen | None

    def share(self, of: str, threshold: int, category: str, lang: str) -> Share | None:
        """Give the counts of a category where `of` (it, or `unsafe`) is asked for at a threshold.

        None where the record is of another threshold (in millionths), or has no such rows.
        """
        at = _map(self.facts, "thresholds").get(of, self.facts.get("threshold_ppm"))
        if at != threshold:
            return None
        if of != UNSAFE:
            row = _row(_map(self.facts, "own").get(of), lang) if of == category else ()
        else:
            caught = _row(_map(self.facts, "caught").get(category), lang)
            row = (*caught, *_row(self.facts.get("alarms"), lang))
        return Share(*row) if _can_be(row) else None


@dataclass(frozen=True, slots=True)
class InForce:
    """A judge of the service. `records` are of its very hash, the newest first.

    `drifted`: the entry that says that it came out otherwise, unless it was measured since.
    """

    name: str
    hash: str
    pinned: bool
    records: tuple[Shown, ...]
    drifted: Seen | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules that act and ask the same of a judge; None: of one that the start did not name."""

    judge: InForce | None
    name: str
    category: str
    over: Mapping[str, int]
    sides: tuple[str, ...]
    for_all: bool
    rules: int
    trails: bool
    """Text leaves before the verdict."""
    passes: bool
    """Text leaves where there is no opinion."""


@dataclass(frozen=True, slots=True)
class Judging:
    """What is asked by the rules in force, with the entries that say so."""

    asked: tuple[Asked, ...]
    loaded: Seen
    settings: Seen
    learnt: tuple[Seen, ...] = ()
    """What was said of judges after the start."""

    @property
    def judges(self) -> tuple[InForce, ...]:
        """The judges that are asked, each once."""
        return tuple({one.judge.name: one.judge for one in self.asked if one.judge}.values())


def judging(picture: Picture) -> Judging | None:
    """Give what rules ask of judges; None where the record does not tell."""
    loaded, settings = picture.last(LOADED), picture.last(SETTINGS)
    if loaded is None or settings is None:
        return None
    rules, judges = loaded.facts.get("judged"), settings.facts.get("judges")
    if not isinstance(rules, list | tuple) or not isinstance(judges, list | tuple):
        return None
    after = {
        str(seen.facts.get("name", "")): seen
        for seen in picture.all(LEARNT)
        if seen.index > settings.index
    }
    known = {}
    for facts in (*judges, *(seen.facts for seen in after.values())):
        if isinstance(facts, Mapping) and isinstance(facts.get("hash"), str):
            one = _in_force(facts, picture)
            known[one.name] = one
            if facts.get("default") is True:
                known[""] = one
    asked = [_asked(rule, known) for rule in rules if isinstance(rule, Mapping)]
    learnt = tuple(after.values())
    return Judging(tuple(one for one in asked if one), loaded, settings, learnt)


def _asked(rule: Mapping[str, Json], known: Mapping[str, InForce]) -> Asked | None:
    number = rule.get("rules")
    if rule.get("acts") is not True or not isinstance(number, int):
        return None
    over = {name: least for name, least in _map(rule, "over").items() if isinstance(least, int)}
    sides = rule.get("sides")
    name, category = str(rule.get("judge", "")), str(rule.get("category", ""))
    named = tuple(map(str, sides)) if isinstance(sides, list | tuple) else ()
    return Asked(
        known.get(name),
        name,
        category,
        over,
        named,
        for_all=rule.get("for_all") is True,
        rules=number,
        trails=rule.get("leave") != "hold",
        passes=rule.get("otherwise") != "refuse",
    )


def _in_force(facts: Mapping[str, Json], picture: Picture) -> InForce:
    name, digest = str(facts.get("name", "")), str(facts["hash"])
    records = sorted(_records(digest, facts, picture), key=lambda one: one.at, reverse=True)
    # A run of `judge drift` is recorded too, and accepts nothing.
    measured = [one.seen.index for one in records if one.seen and "against" not in one.seen.facts]
    drifted = [
        seen for seen in picture.all(DRIFTED)
        if (seen.facts.get("hash") == digest or seen.facts.get("judge") == name)
        and seen.index > max(measured, default=-1)
    ]  # fmt: skip
    return InForce(
        name, digest, facts.get("pinned") is True, tuple(records), drifted[-1] if drifted else None
    )


def _records(digest: str, facts: Mapping[str, Json], picture: Picture) -> Iterator[Shown]:
    for seen in picture.all(MEASURED):
        if seen.facts.get("hash") == digest and seen.facts.get("part") in _PARTS:
            yield Shown(seen.facts, seen.at, seen)
    shipped = facts.get("shipped")
    if isinstance(shipped, Mapping) and shipped.get("hash") == digest:
        at = _instant(shipped.get("at"))
        if at and shipped.get("part") in _PARTS:
            yield Shown(shipped, at, None)


def _instant(written: Json) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _map(facts: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = facts.get(name)
    return value if isinstance(value, Mapping) else {}


def _can_be(row: tuple[int, ...]) -> bool:
    """Say whether these are counts of which a rate can be taken."""
    match row:
        case (caught, unsafe, alarms, safe):
            return 0 <= caught <= unsafe > 0 and 0 <= alarms <= safe > 0
        case _:
            return False


def _row(value: Json, lang: str) -> tuple[int, ...]:
    row = value.get(lang) if isinstance(value, Mapping) else None
    if not isinstance(row, list | tuple):
        return ()
    return tuple(one for one in row if isinstance(one, int) and not isinstance(one, bool))
