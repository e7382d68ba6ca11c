"""What the ledger shows at one instant: everything that controls may look at, and nothing else.

A fold over entries, in their order: `take` one entry after the other, then `picture`. What the
service's own wing writes for every request (`gateway:…`) is counted; everything else is rare and
kept whole. The same fold answers for today and for any day before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kanhe.ledger.entry import Json


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry that was kept whole."""

    index: int
    at: datetime
    tag: str
    facts: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Count:
    """How often a tag occurs: indices and instants of the first and the last entry with it."""

    number: int
    first: int
    first_at: datetime
    last: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Sound:
    """The entries are as the log's key has signed them: `size` of them, with this root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Unsound:
    """They are not, or nobody could look; nothing may be concluded from them. `why`: a sentence."""

    index: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The state of the record at `at` (aware, UTC)."""

    at: datetime
    size: int
    """Entries that were taken in."""
    soundness: Sound | Unsound
    counts: Mapping[str, Count]
    """By tag, all tags."""
    kept: Mapping[str, Sequence[Seen]]
    """By tag, oldest first: every entry whose tag does not begin with `gateway:`."""
    nameless: Count | None = None
    """Requests that named no end user: whoever made them cannot be told from others."""
    unlabelled: Count | None = None
    """Answers that were to have no visible label, since JSON was asked for."""

    def all(self, tag: str) -> Sequence[Seen]:
        """Give the kept entries of a tag, oldest first."""
        return self.kept.get(tag, ())

    def last(self, tag: str) -> Seen | None:
        """Give the latest kept entry of a tag."""
        entries = self.all(tag)
        return entries[-1] if entries else None
