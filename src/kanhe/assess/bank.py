"""A bank of questions as a value: what it is for, who looked at it, and its items.

`bank_file.py` reads one, `bank_check.py` says what is wrong with it, `sample.py` draws from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kanhe.assess.item import BankKind, Item
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank, whole.

    Attributes:
        id: Unique among the banks of an assessment.
        version: As its keepers count; the hash is what proves which one it was.
        regime: Whose risks its slices are; empty: of none.
        licence: Under which it may be passed on.
        reviewers: Pseudonyms of those who looked at its items.
        updated: When an item was last added, changed or taken out.
        items: Those that may be asked, in the order of the files.
        pending: Those that nobody has approved yet; they are never asked.
        sha256: Of the names and bytes of its files, in hex.
    """

    id: str
    title: Text
    version: str
    kind: BankKind
    regime: str
    licence: str
    reviewers: tuple[str, ...]
    updated: date
    items: tuple[Item, ...]
    pending: tuple[Item, ...]
    sha256: str
