"""A status as JSON, for scripts: all that it says, in both languages."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from kanhe.ledger.entry import Json
from kanhe.status.picture import Sound
from kanhe.status.status import Due, Line, Looked, Status
from kanhe.status.verdict import Action
from kanhe.terms import Text

Told: TypeAlias = dict[str, Json]


def as_json(status: Status, lines: tuple[Line, ...]) -> Told:
    """Give a status, with those of its duties that were asked for."""
    return {
        "regime": status.regime.id,
        "edition": status.regime.version,
        "at": _when(status.at),
        "day": status.day.isoformat(),
        "known": status.known.isoformat(),
        "as_if": status.as_if,
        "ledger": _ledger(status),
        "counts": {standing.value: number for standing, number in status.counts.items()},
        "routes": [{"id": one.id, "title": _text(one.title)} for one in status.routes],
        "duties": [_line(line) for line in lines],
        "due": [_due(one) for one in status.due],
    }


def _ledger(status: Status) -> Told:
    match status.soundness:
        case Sound(size, root):
            return {"sound": True, "size": size, "root": root.hex(), "entries": status.size}
        case unsound:
            return {"sound": False, "index": unsound.index, "why": unsound.why}


def _line(line: Line) -> Told:
    duty = line.obligation
    return {
        "id": duty.id,
        "source": duty.source,
        "clause": duty.clause,
        "area": duty.area,
        "title": _text(duty.title),
        "confidence": duty.confidence.value,
        "standing": line.standing.value,
        "since": _when(line.since),
        "until": _when(line.until),
        "reasons": [_text(one) for one in line.why],
        "evidence": list(line.evidence),
        "changes": list(line.changes),
        "controls": [_looked(one) for one in line.looked],
        "actions": [_action(one) for one in line.actions],
    }


def _looked(looked: Looked) -> Told:
    verdict = looked.verdict
    return {
        "id": looked.control.id,
        "check": looked.control.check,
        "standing": verdict.standing.value,
        "reasons": [_text(one) for one in verdict.reasons],
        "evidence": list(verdict.evidence),
        "since": _when(verdict.since),
        "until": _when(verdict.until),
    }


def _due(due: Due) -> Told:
    return {
        "title": _text(due.title),
        "at": _when(due.at),
        "obligations": list(due.obligations),
        "how": [_text(one) for one in due.how],
        "provisional": due.provisional,
    }


def _action(action: Action) -> Told:
    return {"what": _text(action.what), "command": action.command, "page": action.page}


def _text(text: Text) -> Told:
    return {"zh": text.zh, "en": text.en}


def _when(at: datetime | date | None) -> str | None:
    return at.isoformat() if at else None
