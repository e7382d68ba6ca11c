"""What can be said of a bank: a finding, how much it weighs, and which items it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kanhe.terms import Text


class Weight(StrEnum):
    """What follows from a finding."""

    REJECTS = "rejects"
    """A verdict on this bank would be worth nothing; it is not used."""
    FALLS_SHORT = "falls-short"
    """It can be used, and does not meet what the regime demands of a bank."""
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `code` is for machines; `items` are ids, all of those it is about."""

    code: str
    weight: Weight
    what: Text
    items: tuple[str, ...] = ()


def usable(findings: Iterable[Finding]) -> bool:
    """Say whether nothing rejects the bank."""
    return all(one.weight is not Weight.REJECTS for one in findings)
