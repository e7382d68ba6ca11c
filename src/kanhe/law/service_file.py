"""What a running service needs of a regime, and its risks, as they are written.

Refuses an implicit label without keys, and a clause that no duty of the regime has; read alone,
clauses are not looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

from kanhe.errors import FaultyRegime
from kanhe.law.calendar_file import zone
from kanhe.law.regime_source import Files, Reading, confidence, opened, text, whole
from kanhe.law.risk import Risk
from kanhe.law.service import (
    ImplicitLabel,
    LabelRule,
    Notices,
    Place,
    ServiceRules,
    StrikeTerms,
)
from kanhe.yaml_source import Faults, Section

_STRIKES = ("in_a_row", "in_a_day", "suspension_hours", "zone")
_NOTICES = ("blocked_prompt", "stopped_answer", "suspended_user", "unchecked", "object_to")
_VALUE = "`{value: …, confidence: …}`"
_MINIMA = ("keywords", "questions", "refusals")


def load_service(files: Files, name: str) -> ServiceRules | None:
    """Read service.yaml alone; None where the regime has none.

    Raises:
        FaultyRegime: There is something wrong with it; it names all of it.
    """
    reading = Reading(files, name, Faults(""))
    rules = read_service(reading)
    if reading.faults.found:
        raise FaultyRegime(reading.faults.found)
    return rules


def load_risks(files: Files, name: str) -> Mapping[str, Risk]:
    """Read risks.yaml alone, by code, in the order of the file.

    Raises:
        FaultyRegime: There is something wrong with it; it names all of it.
    """
    reading = Reading(files, name, Faults(""))
    risks = read_risks(reading)
    if reading.faults.found:
        raise FaultyRegime(reading.faults.found)
    return risks


def read_risks(reading: Reading) -> dict[str, Risk]:
    """Read risks.yaml."""
    top = opened(reading, "risks.yaml")
    if top is None:
        return {}
    risks: dict[str, Risk] = {}
    reading.faults.kind = "risk"
    for code, _ in top.items():
        reading.faults.rule = code
        part = top.section(code, instead="`{zh: …, en: …, keywords: 200}`")
        if part:
            risks[code] = _risk(code, part)
    return risks


def _risk(code: str, part: Section) -> Risk:
    part.allow(("zh", "en", *_MINIMA))
    zh, en = part.text("zh", needed=True) or "", part.text("en", needed=True) or ""
    minima = (part.number(key, 0, least=0, most=999_999) for key in _MINIMA)
    return Risk(code, zh, en, *minima)


def read_service(reading: Reading) -> ServiceRules | None:
    """Read service.yaml; None where there is none."""
    top = opened(reading, "service.yaml")
    if top is None:
        return None
    top.allow(("strikes", "label", "implicit", "notices"))
    strikes, label, implicit, notices = (
        _part(top, reading, part) for part in ("strikes", "label", "implicit", "notices")
    )
    if not (strikes and label and implicit and notices):
        return None
    return ServiceRules(
        _strikes(strikes, reading),
        _label(label, reading),
        _implicit(implicit, reading),
        _notices(notices, reading),
    )


def _part(top: Section, reading: Reading, name: str) -> Section | None:
    reading.faults.kind, reading.faults.rule = "part", name
    if name not in top:
        top.fault(name, f"`{name}` is missing", f"Add `{name}:` with its clause.")
    return top.section(name, instead=f"`{name}:` with its clause and values")


def _clause(part: Section, reading: Reading, name: str) -> str:
    reading.faults.rule = name
    part.text("source")
    return reading.refer(part, "clause", "obligation", needed=True)


def _value(part: Section, key: str) -> Section | None:
    if key not in part:
        part.fault(key, f"`{key}` is missing", f"Add `{key}: {_VALUE}`.")
    value = part.section(key, instead=_VALUE)
    if value:
        value.allow(("value", "confidence"))
        confidence(value)
    return value


def _whole(part: Section, key: str, *, most: int) -> int:
    value = _value(part, key)
    return whole(value, "value", least=1, most=most) if value else 1


def _strikes(part: Section, reading: Reading) -> StrikeTerms:
    clause = _clause(part, reading, "strikes")
    part.allow(("source", "clause", *_STRIKES))
    where = _value(part, "zone")
    return StrikeTerms(
        _whole(part, "in_a_row", most=999),
        _whole(part, "in_a_day", most=9_999),
        timedelta(hours=_whole(part, "suspension_hours", most=87_600)),
        zone(where, "value") if where else "",
        clause,
    )


def _label(part: Section, reading: Reading) -> LabelRule:
    clause = _clause(part, reading, "label")
    part.allow(("source", "clause", "confidence", "place", "before", "after"))
    confidence(part)
    value = _value(part, "place")
    written = value.text("value", needed=True) if value else None
    place = next((one for one in get_args(Place) if one == written), None)
    if value and written and place is None:
        advice = f"Write one of: {', '.join(get_args(Place))}."
        value.fault("value", f"`place` cannot be {written!r}", advice)
    return LabelRule(place or "suffix", text(part, "before"), text(part, "after"), clause)


def _implicit(part: Section, reading: Reading) -> ImplicitLabel:
    clause = _clause(part, reading, "implicit")
    part.allow(("source", "clause", "confidence", "field", "label", "keys"))
    confidence(part)
    keys = tuple(line.text for line in part.texts("keys"))
    if not keys:
        part.fault("keys", "there are no keys", "List the keys of the field, in their order.")
    field, label = part.text("field", needed=True), part.text("label", needed=True)
    return ImplicitLabel(field or "", label or "", keys, clause)


def _notices(part: Section, reading: Reading) -> Notices:
    clause = _clause(part, reading, "notices")
    part.allow(("source", "clause", "confidence", *_NOTICES))
    confidence(part)
    return Notices(**{kind: text(part, kind) for kind in _NOTICES}, clause=clause)
