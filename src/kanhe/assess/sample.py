"""Which items of a bank are asked: drawn by a seed, spread over its slices, the same every time.

Within a slice the order follows from the seed and the item's own digest, so that a bank that grows
does not shuffle what was drawn before. Places go to the slices first up to the least that is asked
of each, then by shares of what the bank has (Webster's divisors). Largest remainders would come
nearer to the shares by a fraction of an item, but then one place more in all can mean one fewer for
a slice (the Alabama paradox), and a larger sample would not contain the smaller one. This way it
does: people who judge a hundred of the thousand judge some of what the machines judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import heapify, heapreplace

from kanhe.assess.item import Item


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn.

    Attributes:
        items: In the order in which they were drawn.
        missing: How many fewer there are than were wanted, in all.
        short: How many fewer in each slice than its least; only those that lack some.
    """

    items: tuple[Item, ...]
    missing: int
    short: Mapping[str, int]


def draw(items: Sequence[Item], size: int, seed: int, least: Mapping[str, int]) -> Sample:
    """Draw `size` items, or all that there are.

    More are drawn where the least of all slices comes to more: no demand is met at another's cost.

    Args:
        items: Of one bank; an item that stands twice is drawn twice.
        size: How many in all.
        seed: Any number; another one draws other items.
        least: How many of each slice at least; of a slice that is not named none need be drawn.
    """
    ordered = _ordered(items, seed)
    short = {
        name: wanted - have
        for name, wanted in sorted(least.items())
        if wanted > (have := len(ordered.get(name, ())))
    }
    first = {name: min(least.get(name, 0), len(some)) for name, some in ordered.items()}
    taken = [item for name, count in first.items() for item in ordered[name][:count]]
    for name in _places(ordered, first):
        if len(taken) >= size:
            break
        taken.append(ordered[name][first[name]])
        first[name] += 1
    return Sample(tuple(taken), max(0, size - len(taken)), short)


def _ordered(items: Sequence[Item], seed: int) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: (rank(item, seed), item.id)):
        found.setdefault(item.slice, []).append(item)
    return dict(sorted(found.items()))


def rank(item: Item, seed: int) -> bytes:
    """Give the place of an item in the order of its slice: as good as chance, and no chance."""
    return sha256(f"kanhe sample {seed} {item.digest}".encode()).digest()


def _places(ordered: Mapping[str, Sequence[Item]], first: Mapping[str, int]) -> Iterator[str]:
    """Give the slice that each further place goes to, until none has an item left."""
    given = dict(first)

    def due(name: str) -> tuple[float, str]:
        return (2 * given[name] + 1) / len(ordered[name]), name

    waiting = [due(name) for name in ordered if given[name] < len(ordered[name])]
    heapify(waiting)
    while waiting:
        name = waiting[0][1]
        yield name
        given[name] += 1
        full = given[name] >= len(ordered[name])
        heapreplace(waiting, (float("inf"), name) if full else due(name))
        if waiting[0][0] == float("inf"):
            return
