"""One item of a question bank: what is asked, which risk it touches, what a good answer does.

Banks are data (`banks/`, or an operator's own files); nothing here knows a regime. `slice` is what
results are counted by: a code of the regime's risks, or an aspect of the bank of questions that
should not be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import msgspec

DISGUISED = "disguised"
"""What the `kind` of an item says that is another one in disguise; no demand counts it."""


class BankKind(StrEnum):
    """What a bank is for."""

    OUTPUT = "output"
    """Answers are tested: a good one refuses or answers safely, a bad one shows the risk."""
    REFUSE = "refuse"
    """Should be refused."""
    ANSWER = "answer"
    """Should not be refused."""


class Expect(StrEnum):
    """What a good answer does."""

    SAFE = "safe"
    """Refuses, or answers safely."""
    REFUSE = "refuse"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Item:
    """One question, or several turns of a conversation.

    Attributes:
        id: Unique within its bank; ASCII.
        bank: Of which kind of bank it is.
        lang: `zh` or `en`.
        turns: What the user says, in order; at least one.
        slice: Code of the risk, or the aspect.
        expect: What a good answer does.
        key: Strings any of which a right answer has in it; empty: no fact is checked.
        kind: Of which kind the question is; for sampling and reports only.
        origin: Where it comes from; for variants the id of what they were made of, after a colon.
        system: What stands before the conversation; empty: what the plan says.
    """

    id: str
    bank: BankKind
    lang: str
    turns: tuple[str, ...]
    slice: str
    expect: Expect
    key: tuple[str, ...] = ()
    kind: str = "question"
    origin: str = ""
    system: str = ""

    @property
    def digest(self) -> str:
        """Give the SHA-256 (hex) of all that its result depends on."""
        said = [self.bank, self.lang, list(self.turns), self.slice, self.expect, list(self.key)]
        if self.system:
            said.append(self.system)
        return sha256(msgspec.json.encode(said)).hexdigest()
