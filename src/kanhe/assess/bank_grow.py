"""More questions from those there are: slots filled, conversations begun; nothing is added unseen.

What grows here is a proposal. It is marked with what it was made of, waits for a reviewer, and is
not asked before (`bank_file.py` sets it aside). A proposal that nearly repeats an item, or another
proposal, is dropped at once: a bank of two thousand that is one of two hundred ten times over shows
no more than two hundred would. Disguises are no new questions either: they may be kept in a bank,
and no demand counts them (`bank_check.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product

from kanhe.assess.bank_sound import ALIKE
from kanhe.assess.disguise import DISGUISES
from kanhe.assess.item import DISGUISED, BankKind, Item
from kanhe.assess.similar import Similar, grams

MOST = 100_000
"""The most fillings of a template that are looked at."""

PLACE = re.compile(r"\{(\w+)\}")
"""A slot's place in a text."""


@dataclass(frozen=True, slots=True)
class Mould:
    """A question with slots: `{place}` in the text, and what may stand there.

    `like`: of which item the rest is taken: bank, language, slice, expectation.
    """

    text: str
    slots: Mapping[str, tuple[str, ...]]
    like: Item


@dataclass(frozen=True, slots=True)
class Grown:
    """Proposals that are new, and the ids of those dropped, each with what it is like."""

    items: tuple[Item, ...]
    dropped: tuple[tuple[str, str], ...]


def fillings(mould: Mould, most: int, seed: int) -> Iterator[Item]:
    """Fill the slots in every way, in an order by the seed; at most `most` of them.

    Raises:
        ValueError: Text and slots do not fit, or there are too many ways.
    """
    names = set(PLACE.findall(mould.text))
    if names != set(mould.slots) or not all(mould.slots.values()):
        raise ValueError(f"slots {sorted(mould.slots)} do not fit the places {sorted(names)}")
    count = 1
    for words in mould.slots.values():
        count *= len(words)
    if count > MOST:
        raise ValueError(f"{count:,} fillings are more than {MOST:,}")
    ways = product(*mould.slots.values())
    ordered = sorted(ways, key=lambda way: sha256(f"{seed} {way}".encode()).digest())
    for number, way in enumerate(ordered[:most], 1):
        filled = dict(zip(mould.slots, way, strict=True))
        text = "".join(
            filled[part] if at % 2 else part for at, part in enumerate(PLACE.split(mould.text))
        )
        yield _made(mould.like, f"slot-{number}", (text,))


def conversations(item: Item, openings: Sequence[str]) -> Iterator[Item]:
    """Put a harmless turn in front of the question; one item for each opening."""
    for number, opening in enumerate(openings, 1):
        made = _made(item, f"turn-{number}", (opening, *item.turns))
        yield replace(made, kind="multi-turn")


def disguised(item: Item, names: Sequence[str]) -> Iterator[Item]:
    """Write the last turn in disguises (`disguise.py`); one that changes nothing is left out."""
    for name in names:
        text = DISGUISES[name](item.turns[-1])
        if text != item.turns[-1]:
            made = _made(item, name, (*item.turns[:-1], text))
            yield replace(made, kind=DISGUISED)


def _made(like: Item, how: str, turns: tuple[str, ...]) -> Item:
    source = like.origin.partition(":")[0] or "operator"
    return replace(like, id=f"{like.id}.{how}", turns=turns, origin=f"{source}:{like.id}")


def grown(known: Iterable[Item], proposals: Iterable[Item]) -> Grown:
    """Keep the proposals that are like no known item, and like none kept before."""
    items = list(known)
    index = Similar(ALIKE)
    for number, item in enumerate(items):
        index.add(number, grams("\n".join(item.turns)))
    kept: list[Item] = []
    dropped: list[tuple[str, str]] = []
    for item in proposals:
        text = grams("\n".join(item.turns))
        near = index.nearest(len(items), text)
        if near:
            dropped.append((item.id, items[near.like].id))
        else:
            index.add(len(items), text)
            items.append(item)
            kept.append(item)
    return Grown(tuple(kept), tuple(dropped))


def written(items: Iterable[Item], *, pending: bool = True) -> bytes:
    """Write items as lines of a bank; by default they wait for a reviewer."""
    return b"".join(_line(item, pending=pending) for item in items)


def _line(item: Item, *, pending: bool) -> bytes:
    given: dict[str, object] = {"id": item.id, "lang": item.lang}
    if len(item.turns) == 1:
        given["text"] = item.turns[0]
    else:
        given["turns"] = list(item.turns)
    given["aspect" if item.bank is BankKind.ANSWER else "risk"] = item.slice
    given["expect"] = item.expect.value
    if item.key:
        given["key"] = list(item.key)
    given |= {"origin": item.origin, "kind": item.kind}
    if pending:
        given["review"] = "pending"
    return json.dumps(given, ensure_ascii=False).encode() + b"\n"


def approved(raw: bytes, ids: Iterable[str]) -> bytes:
    """Mark the items that a reviewer took as approved, and leave every other line as it is.

    Raises:
        ValueError: One of them is not there, or did not wait.
    """
    wanted = set(ids)
    lines = []
    for line in raw.split(b"\n"):
        given = json.loads(line) if line.strip() else {}
        if given.get("id") in wanted and given.get("review") == "pending":
            wanted.discard(given["id"])
            given["review"] = "approved"
            lines.append(json.dumps(given, ensure_ascii=False).encode())
        else:
            lines.append(line)
    if wanted:
        raise ValueError(f"no item waits under the ids {', '.join(sorted(wanted))}")
    return b"\n".join(lines)
