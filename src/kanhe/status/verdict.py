"""What a control says: how a duty stands, why, by which entries of the ledger, what to do next.

`UNKNOWN` is what is said whenever it cannot be seen; `MET` is only ever said of what was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kanhe.terms import Text


class Standing(StrEnum):
    """How a duty stands; the best comes last, so that the worst of several can be taken."""

    GAP = "gap"
    """Not met."""
    UNKNOWN = "unknown"
    """It cannot be seen whether it is met."""
    STALE = "stale"
    """It was met, and the evidence has grown too old."""
    MET = "met"
    """Met, and proven by entries of the ledger."""
    NOT_APPLICABLE = "not-applicable"
    """It does not bind this service now."""


@dataclass(frozen=True, slots=True)
class Action:
    """The next step: words that begin with a verb, and the command or the page that does it."""

    what: Text
    command: str = ""
    """e.g. `kanhe scope`."""
    page: str = ""
    """Path below the console, e.g. `scope`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one control says of one duty.

    `reasons` are sentences with their numbers. `evidence` are numbers of ledger entries, the most
    telling first, at most a dozen. `since`: from when on it has stood so, as far as the evidence
    tells; the status sharpens it with recorded changes.
    """

    standing: Standing
    reasons: tuple[Text, ...]
    evidence: tuple[int, ...] = ()
    actions: tuple[Action, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    """When it stops being so by itself: a weekly update falls due, an attestation ends."""


def worst(verdicts: Sequence[Verdict]) -> Standing:
    """Give the standing of a duty that several controls look at.

    Those that do not apply are left out, unless none does.
    """
    order = tuple(Standing)
    return min((one.standing for one in verdicts), key=order.index)
