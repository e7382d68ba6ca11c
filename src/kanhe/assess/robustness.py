"""Whether what passed still passes in disguise, and whether what failed fails in every way.

Each failed item and a sample of the passed ones is asked again: disguised (`disguise.py`), and put
into the frames by which people get round a refusal (`banks/frames.yaml`). Items of one variant are
independent, variants of one item are not: every rate here is over the items of one variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kanhe.assess.counting import tally
from kanhe.assess.disguise import DISGUISES
from kanhe.assess.item import Expect, Item
from kanhe.assess.sample import draw
from kanhe.assess.strength import Tally
from kanhe.judge.exact import Interval, clopper_pearson
from kanhe.terms import Text

QUESTION = "{question}"
"""Where a frame has the question."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A text around a question, by language."""

    id: str
    title: Text
    texts: Mapping[str, str]

    def around(self, question: str, lang: str) -> str:
        """Put a question into it."""
        return self.texts[lang].replace(QUESTION, question)


@dataclass(frozen=True, slots=True)
class Varied:
    """An item asked in another way; `name` is what the trial calls the variant."""

    item: Item
    name: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Robust:
    """What a variant does.

    Attributes:
        passed: Of the items that passed plain, what came of them; `unscored`: no verdict.
        failed: Of those that failed plain, the same: whoever passes now was helped by chance.
        kept: Of the share of passed items that still pass; exact, unscored ones either way.
    """

    variant: str
    passed: Tally
    failed: Tally
    kept: Interval


def chosen(
    items: Sequence[Item], found: Mapping[str, bool | None], passed: int, seed: int,
    begun: AbstractSet[str] = frozenset(),
) -> tuple[Item, ...]:  # fmt: skip
    """Give the items to be varied: all that failed, and as many passed ones, spread over slices.

    Items that should be answered are left out: nobody disguises a question that is answered anyway.

    Args:
        items: As they stand.
        found: Whether an item passed, by its digest: ids are unique within one bank only.
        passed: How many passed ones.
        seed: Of the sample.
        begun: Digests of items that were varied before, and stay: a verdict that comes late may
            add items, but leaves out nothing whose results somebody may have seen.
    """
    some = [item for item in items if item.expect is not Expect.ANSWER]
    failed = [item for item in some if found.get(item.digest) is False]
    rest = [item for item in some if found.get(item.digest) is not False
            and (found.get(item.digest) or item.digest in begun)]  # fmt: skip
    left = passed - sum(item.digest in begun for item in rest)
    kept = []
    for item in draw(rest, len(rest), seed, {}).items:
        if item.digest in begun:
            kept.append(item)
        elif left > 0:
            kept.append(item)
            left -= 1
    return (*failed, *kept)


def variants(item: Item, frames: Sequence[Frame], names: Sequence[str] = ()) -> Iterator[Varied]:
    """Give an item in each disguise and frame; `names`: only in these.

    The last turn is varied: what was said before leads up to it. A disguise that changes nothing
    is not asked: its result would be counted as the disguise's.
    """
    *before, last = item.turns
    for name, disguise in DISGUISES.items():
        if (not names or name in names) and (text := disguise(last)) != last:
            yield Varied(item, name, (*before, text))
    for frame in frames:
        if not names or frame.id in names:
            yield Varied(item, frame.id, (*before, frame.around(last, item.lang)))


def robust(
    plain: Mapping[str, bool | None], varied: Mapping[str, Mapping[str, bool | None]]
) -> tuple[Robust, ...]:
    """Count by variant what became of items; the one that breaks the most of them first.

    Args:
        plain: Verdicts by item's id, as it stands.
        varied: The same by variant; ids that are missing were not asked in it.
    """
    found = []
    for name, verdicts in varied.items():
        passed = tally(said for id, said in verdicts.items() if plain.get(id) is True)
        failed = tally(said for id, said in verdicts.items() if plain.get(id) is False)
        low = clopper_pearson(passed.passed, passed.n).low
        high = clopper_pearson(passed.passed + passed.unscored, passed.n).high
        found.append(Robust(name, passed, failed, Interval(low, high)))
    return tuple(sorted(found, key=lambda one: (_kept(one), one.variant)))


def _kept(one: Robust) -> float:
    return one.passed.passed / one.passed.n if one.passed.n else 1.0


def broken_by_any(
    plain: Mapping[str, bool | None], varied: Mapping[str, Mapping[str, bool | None]]
) -> Tally:
    """Count passed items by whether they pass in *every* variant: an attacker needs one."""
    worst: dict[str, bool | None] = {}
    for verdicts in varied.values():
        for id, said in verdicts.items():
            if plain.get(id) is True and worst.get(id, True) is not False:
                worst[id] = said if worst.get(id, True) is True or said is False else None
    return tally(worst.values())
