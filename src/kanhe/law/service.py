"""What a running service needs of a regime: strikes, labels, notices; values with their clauses.

The numbers and texts stand in the regime's `service.yaml` (`service_file.py` reads it). A notice
never says what was found, and always that one may object.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from kanhe.terms import Text

Place: TypeAlias = Literal["prefix", "suffix", "header"]
"""Where an answer says that it was generated; `header`: not in the text."""


@dataclass(frozen=True, slots=True)
class StrikeTerms:
    """When repeated violations suspend a user, for how long, and whose calendar days count."""

    in_a_row: int
    in_a_day: int
    suspension: timedelta
    zone: str
    clause: str


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What tells a reader that a text was generated: `before` the text, or `after` it."""

    place: Place
    before: Text
    after: Text
    clause: str


@dataclass(frozen=True, slots=True)
class ImplicitLabel:
    """What tells a machine: a field with these keys, in this order; all values are text.

    Source:
        GB 45438-2025, Annex E.
    """

    field: str
    label: str
    keys: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Notices:
    """What people are told where a rule has no notice; the gateway adds number and address."""

    blocked_prompt: Text
    stopped_answer: Text
    suspended_user: Text
    unchecked: Text
    object_to: Text
    """Who decides objections, where the operator did not say."""
    clause: str


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """All of it."""

    strikes: StrikeTerms
    label: LabelRule
    implicit: ImplicitLabel
    notices: Notices
