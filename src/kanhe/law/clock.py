"""Deadlines: `(events, rule, calendar) -> deadline + explanation`. Pure; the rules are data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class ClockRule:
    """How long somebody has: `amount` of `unit` after the event `starts`."""

    id: str
    title: Text
    clause: str
    starts: str
    """Name of the event, e.g. `incident:detected`."""
    amount: int
    unit: Literal["hours", "days", "working_days", "months"]
    confidence: str
