"""What a running service needs of a regime: strikes, labels, notices; values with their clauses.

The numbers and texts stand in the regime's `service.yaml`, which comes with the package. A notice
never says what was found, and always that one may object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

import yaml

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


def load_service(text: str) -> ServiceRules:
    """Read the `service.yaml` of a regime, which comes with the package."""
    written = yaml.safe_load(text)
    strikes, label, implicit = (written[part] for part in ("strikes", "label", "implicit"))
    return ServiceRules(
        StrikeTerms(
            strikes["in_a_row"]["value"],
            strikes["in_a_day"]["value"],
            timedelta(hours=strikes["suspension_hours"]["value"]),
            strikes["zone"]["value"],
            strikes["clause"],
        ),
        LabelRule(
            label["place"]["value"], _text(label["before"]), _text(label["after"]), label["clause"]
        ),
        ImplicitLabel(
            implicit["field"], implicit["label"], tuple(implicit["keys"]), implicit["clause"]
        ),
        _notices(written["notices"]),
    )


def _text(written: Mapping[str, str]) -> Text:
    return Text(written["zh"], written["en"])


def _notices(written: Mapping[str, Any]) -> Notices:
    kinds = ("blocked_prompt", "stopped_answer", "suspended_user", "object_to")
    texts = {kind: _text(written[kind]) for kind in kinds}
    return Notices(**texts, clause=written["clause"])
