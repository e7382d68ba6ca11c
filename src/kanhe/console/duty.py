"""One duty as plain data: text, source, parameters, versions, and how it stands."""

from __future__ import annotations

from kanhe.console import shown
from kanhe.law.period import Period, Validity
from kanhe.law.regime import Obligation, Regime, Source
from kanhe.status.status import Line


def duty_data(found: Line | Obligation, regime: Regime) -> shown.Data:
    """Give all that is known of a duty.

    Args:
        found: How it stands; or the duty alone, where it does not bind on the day asked for.
        regime: The law that it stands in.
    """
    line = found if isinstance(found, Line) else None
    duty = found.obligation if isinstance(found, Line) else found
    titles = {area.id: area.title for area in regime.areas}
    return {
        "id": duty.id,
        "title": shown.text(duty.title),
        "text": shown.text(duty.text),
        "area": duty.area,
        "area_title": shown.text(titles[duty.area]) if duty.area in titles else None,
        "clause": duty.clause,
        "bound": [party.value for party in duty.bound],
        "confidence": duty.confidence.value,
        "parameters": dict(duty.parameters),
        "source": _source(regime.sources[duty.source]),
        "changed_in": duty.changed_in,
        "binds": line is not None,
        "versions": [_version(one, current=one == duty) for one in regime.versions(duty.id)],
        **_standing(line),
    }


def _standing(line: Line | None) -> shown.Data:
    if line is None:
        return {"standing": None, "since": None, "until": None, "reasons": [], "controls": []}
    return {
        "standing": line.standing.value,
        "since": shown.instant(line.since),
        "until": shown.instant(line.until),
        "reasons": shown.texts(line.reasons),
        "controls": [shown.looked(one) for one in line.looked],
    }


def _source(source: Source) -> shown.Data:
    return {
        "id": source.id,
        "title": shown.text(source.title),
        "issuer": shown.text(source.issuer),
        "force": source.force.value,
        "published": source.published.isoformat() if source.published else None,
        "confidence": source.confidence.value,
        "note": shown.text(source.note) if source.note else None,
        **_validity(source.validity),
    }


def _version(duty: Obligation, *, current: bool) -> shown.Data:
    return {"current": current, "clause": duty.clause, "text": shown.text(duty.text),
            **_validity(duty.validity)}  # fmt: skip


def _validity(validity: Validity) -> shown.Data:
    return {"in_force": _period(validity.in_force), "known": _period(validity.known)}


def _period(period: Period) -> shown.Data:
    return {"from": period.start.isoformat() if period.start else None,
            "until": period.end.isoformat() if period.end else None}  # fmt: skip
