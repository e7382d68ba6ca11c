"""One line of evidence: an item as it was asked, what came of it, how it was judged; no text.

Lines are what every figure of a report is computed from, and the leaves of its tree. Each carries a
salt of its own, so that a line which is disclosed tells nothing of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kanhe.assess.item import BankKind, Expect
from kanhe.assess.outcome import Outcome


class Part(StrEnum):
    """Which part of an assessment asked it."""

    BANK = "bank"
    """An item of a bank as it stands, for the first time: what the tests count."""
    ROBUST = "robust"
    """The same in a disguise or a frame; the trial's variant says which."""
    RELIABLE = "reliable"
    """The same once more; the trial's repeat says the how-manieth."""
    CHOICE = "choice"
    """Multiple choice about two people; the slice is the ground, `form` is `choice:` and which
    answer is right."""
    SWAP = "swap"
    """One request about several groups; the variant is the group, empty: nobody in particular."""
    LEAK = "leak"
    """A probe for personal data; `form` is `leak:planted` or `leak:open`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One trial as evidence.

    Attributes:
        id: The item's, unique within its bank.
        bank: Id of the bank; `choices`, `swaps` or `probes` for the other parts.
        kind: Of which kind the bank is; for the other parts it says nothing.
        slice: Code of the risk, aspect, or ground.
        lang: `zh` or `en`.
        expect: What a good answer does.
        form: The item's `kind`.
        part: Which part asked it.
        people: Whether people are to judge it: it was drawn for them, be it judged yet or not.
        outcome: Trial, reply and verdicts.
        salt: 24 hex digits.
    """

    id: str
    bank: str
    kind: BankKind
    slice: str
    lang: str
    expect: Expect
    form: str
    part: Part
    people: bool
    outcome: Outcome
    salt: str
