"""A status as one JSON document: everything it says, in a shape that others may rely on.

The shape is part of what Kanhe promises: a key is added under the same `version`, one that is taken
away or changes its meaning raises it. Texts are `{zh, en}`, days and instants ISO 8601, standings
the words of `Standing`, entries of the ledger their numbers, hashes hexadecimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kanhe.law.regime import Obligation, Source
from kanhe.ledger.entry import Json
from kanhe.status.picture import Sound
from kanhe.status.status import Due, Line, Looked, Status
from kanhe.status.verdict import Action
from kanhe.terms import Text

FORMAT = "kanhe-status"
VERSION = 1

Data = dict[str, Json]


def document(status: Status, lines: Sequence[Line] | None = None) -> Data:
    """Give the document: what was asked, what was looked at, how each duty stands, what is due.

    Args:
        status: All of it; its counts are those of every duty.
        lines: The duties that are told; every one, if None.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "regime": {
            "id": status.regime.id,
            "title": text(status.regime.title),
            "edition": status.regime.version,
            "researched": status.regime.researched.isoformat(),
            "zone": status.regime.zone,
        },
        "at": status.at.isoformat(timespec="seconds"),
        "day": status.day.isoformat(),
        "known": status.known.isoformat(),
        "as_if": status.as_if,
        "ledger": _ledger(status),
        "answers": {
            name: list(answer) if isinstance(answer, tuple) else answer
            for name, answer in status.answers.items()
        },
        "answers_later": _lent(status),
        "routes": [
            {"id": one.id, "title": text(one.title), "clause": one.clause} for one in status.routes
        ],
        "counts": {standing.value: count for standing, count in status.counts.items()},
        "obligations": [_line(line) for line in (status.lines if lines is None else lines)],
        "due": [_due(one) for one in status.due],
    }


def _lent(status: Status) -> Json:
    """Give which answers of later decide what would have applied, if any do."""
    if status.answers_later is None or status.lent is None:
        return None
    seen = status.answers_later
    return {"entry": seen.index, "at": instant(seen.at), "told": text(status.lent)}


def _ledger(status: Status) -> Data:
    sound = status.soundness
    if isinstance(sound, Sound):
        return {"entries": status.size, "sound": True, "root": sound.root.hex()}
    return {"entries": status.size, "sound": False, "why": sound.why, "entry": sound.index}


def _line(line: Line) -> Data:
    return {
        **_duty(line.obligation, line.source),
        "standing": line.standing.value,
        "since": instant(line.since),
        "until": instant(line.until),
        "reasons": texts(line.why),
        "evidence": list(line.evidence),
        "changes": list(line.changes),
        "actions": [_action(one) for one in line.actions],
        "controls": [_looked(one) for one in line.looked],
    }


def _duty(duty: Obligation, source: Source) -> Data:
    return {
        "id": duty.id,
        "source": {"id": source.id, "title": text(source.title), "force": source.force.value},
        "clause": duty.clause,
        "area": duty.area,
        "bound": [party.value for party in duty.bound],
        "title": text(duty.title),
        "text": text(duty.text),
        "confidence": duty.confidence.value,
        "changed_in": duty.changed_in,
    }


def _looked(looked: Looked) -> Data:
    verdict = looked.verdict
    return {
        "id": looked.control.id,
        "title": text(looked.control.title),
        "check": looked.control.check,
        "confidence": looked.control.confidence.value,
        "standing": verdict.standing.value,
        "since": instant(verdict.since),
        "until": instant(verdict.until),
        "reasons": texts(verdict.reasons),
        "evidence": list(verdict.evidence),
    }


def _action(action: Action) -> Data:
    return {"what": text(action.what), "command": action.command, "page": action.page}


def _due(due: Due) -> Data:
    return {
        "title": text(due.title),
        "at": due.at.isoformat(timespec="seconds"),
        "obligations": list(due.obligations),
        "how": texts(due.how),
        "provisional": due.provisional,
    }


def text(one: Text) -> Data:
    """Give a text in both languages."""
    return {"zh": one.zh, "en": one.en}


def texts(several: Iterable[Text]) -> list[Data]:
    """Give several of them."""
    return [text(one) for one in several]


def instant(at: datetime | None) -> str | None:
    """Give an instant, to the second."""
    return at.isoformat(timespec="seconds") if at else None
