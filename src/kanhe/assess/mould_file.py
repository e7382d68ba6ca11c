"""Moulds of questions as they are written: a text with slots, and what may stand in each.

Refused: a mould like no item of the bank, slots that do not fit the places of the text, fewer than
two words for a slot (then it is no slot), more fillings than are looked at. All of it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kanhe.assess.bank_grow import MOST, PLACE, Mould
from kanhe.assess.item import Item
from kanhe.errors import FaultyBank
from kanhe.yaml_source import Faults, Section, meant, parse_list


def read_moulds(raw: bytes, file: str, items: Mapping[str, Item]) -> tuple[Mould, ...]:
    """Read the moulds.

    Args:
        raw: The file.
        file: How to call it.
        items: Those of the bank, by id; a mould takes slice, language and expectation of one.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="mould")
    sections = parse_list(raw, faults, aliases=0, instead="`- {like: …, text: …, slots: {…}}`")
    found = tuple(_moulds(sections, items))
    if faults.found:
        raise FaultyBank(faults.found)
    return found


def _moulds(sections: list[Section], items: Mapping[str, Item]) -> Iterator[Mould]:
    for section in sections:
        section.allow(("like", "text", "slots"))
        name = section.text("like", needed=True) or ""
        text = section.text("text", needed=True) or ""
        if name and name not in items:
            section.fault("like", f"there is no item {name!r}", meant(name, tuple(items)[:20]))
        slots = _slots(section)
        _check(section, text, slots)
        if name in items:
            yield Mould(text, slots, items[name])


def _slots(section: Section) -> dict[str, tuple[str, ...]]:
    inner = section.section("slots", instead="`{place: [word, word]}`")
    if inner is None:
        section.fault("slots", "`slots` is missing", "Write `slots: {place: [word, word]}`.")
        return {}
    slots = {name: tuple(line.text for line in inner.texts(name)) for name in inner.keys}
    for name, words in slots.items():
        if len(set(words)) < 2:
            inner.fault(name, f"the slot {name} has fewer than two words", "Give it another.")
    return slots


def _check(section: Section, text: str, slots: Mapping[str, tuple[str, ...]]) -> None:
    places = set(PLACE.findall(text))
    if slots and places != set(slots):
        told = ", ".join(sorted(places ^ set(slots)))
        section.fault("text", f"places and slots do not fit: {told}", "Name each in both.")
    count = 1
    for words in slots.values():
        count *= len(words)
    if count > MOST:
        section.fault("slots", f"{count:,} fillings are more than {MOST:,}", "Split the mould.")
