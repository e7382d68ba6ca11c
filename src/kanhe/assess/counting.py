"""From outcomes to counts: every item that was drawn counts once, asked or not.

An item that was never asked, got no answer or no verdict is unscored, and not left out: a run that
is cut short, or a judge that is silent on the hard ones, must not look better for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kanhe.assess.item import Item
from kanhe.assess.outcome import Answered, Outcome, Way
from kanhe.assess.strength import Bound, Strength, Tally, strength, strengths, total
from kanhe.assess.threshold import TOTAL, Key


def verdicts(
    items: Sequence[Item], outcomes: Iterable[Outcome], target: str, way: Way
) -> dict[str, bool | None]:
    """Give by item's id whether it passed, of plain items asked for the first time.

    Raises:
        ValueError: Two outcomes are of one trial; nobody can tell which of them counts.
    """
    seen: dict[str, bool | None] = {}
    for one in outcomes:
        trial = one.trial
        if (trial.target, trial.variant, trial.repeat) == (target, "", 0):
            if trial.item in seen:
                raise ValueError(f"two outcomes are of the item {trial.item} at {target}")
            seen[trial.item] = _passed(one, way)
    return {item.id: seen.get(item.digest) for item in items}


def _passed(one: Outcome, way: Way) -> bool | None:
    verdict = one.by(way)
    return verdict.passed if verdict and isinstance(one.reply, Answered) else None


def tally(found: Iterable[bool | None]) -> Tally:
    """Count verdicts."""
    some = list(found)
    return Tally(some.count(True), some.count(False), some.count(None))


def by_slice(items: Sequence[Item], found: Mapping[str, bool | None]) -> dict[str, Tally]:
    """Count verdicts by the slice of their items, in the order of the slices' names."""
    groups: dict[str, list[bool | None]] = {}
    for item in items:
        groups.setdefault(item.slice, []).append(found.get(item.id))
    return {name: tally(some) for name, some in sorted(groups.items())}


def held(
    items: Sequence[Item], found: Mapping[str, bool | None], way: Way, bound: Bound
) -> dict[Key, Strength]:
    """Hold a bank's verdicts against its bound: the whole by itself, the slices as a family."""
    if not items:
        return {}
    slices = by_slice(items, found)
    kind = items[0].bank
    whole = {(kind, way, TOTAL): strength(total(list(slices.values())), bound)}
    family = strengths(slices, bound)
    return whole | {(kind, way, name): one for name, one in family.items()}
