"""A status as plain data: what the pages show and what their JSON twins say.

Texts are `{zh, en}`, instants and days ISO 8601, hashes hexadecimal. Nothing is left out for
being awkward: a reader of the twin sees what a reader of the page sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kanhe.console.asked import drafts
from kanhe.console.served import Asked
from kanhe.law.regime import Regime
from kanhe.report.plain import Data as Data  # noqa: PLC0414 - told alike on pages and in exports
from kanhe.report.plain import instant as instant  # noqa: PLC0414
from kanhe.report.plain import text as text  # noqa: PLC0414
from kanhe.report.plain import texts as texts  # noqa: PLC0414
from kanhe.status.picture import Sound
from kanhe.status.status import Due, Line, Looked, Status
from kanhe.status.verdict import Action, Standing


def frame(status: Status, asked: Asked) -> Data:
    """Give what every page about a status begins with: the question, and what was looked at."""
    sound = status.soundness
    as_if = status.regime.sources.get(status.as_if or "")
    return {
        "regime": {"id": status.regime.id, "title": text(status.regime.title),
                   "version": status.regime.version},
        "at": instant(status.at),
        "day": status.day.isoformat(),
        "known": status.known.isoformat(),
        "as_if": status.as_if,
        "as_if_title": text(as_if.title) if as_if else None,
        "answers_later": text(status.lent) if status.lent else None,
        "asked": not asked.now,
        "asked_words": {"at": asked.at.isoformat() if asked.at else "",
                        "known": asked.known.isoformat() if asked.known else ""},
        "drafts": [{"id": one, "title": text(status.regime.sources[one].title)}
                   for one in drafts(status.regime)],
        "entries": status.size,
        "sound": isinstance(sound, Sound),
        "unsound_why": None if isinstance(sound, Sound) else sound.why,
        "unsound_at": None if isinstance(sound, Sound) else sound.index,
        "counts": {standing.value: count for standing, count in status.counts.items()},
    }  # fmt: skip


def summary(counts: Mapping[Standing, int]) -> Data:
    """Give the numbers of the one sentence: how many of the duties that apply are proven."""
    applying = sum(counts.values()) - counts[Standing.NOT_APPLICABLE]
    return {"applying": applying, "met": counts[Standing.MET], "gap": counts[Standing.GAP],
            "stale": counts[Standing.STALE], "unknown": counts[Standing.UNKNOWN],
            "not_applicable": counts[Standing.NOT_APPLICABLE]}  # fmt: skip


def row(line: Line) -> Data:
    """Give a line as it stands in a list."""
    duty = line.obligation
    return {
        "id": duty.id,
        "title": text(duty.title),
        "area": duty.area,
        "source": duty.source,
        "source_title": text(line.source.title),
        "clause": duty.clause,
        "confidence": duty.confidence.value,
        "standing": line.standing.value,
        "since": instant(line.since),
        "until": instant(line.until),
        "evidence": list(line.evidence),
    }


def action(one: Action) -> Data:
    """Give a next step."""
    return {"what": text(one.what), "command": one.command, "page": one.page}


def looked(one: Looked) -> Data:
    """Give what a control said."""
    verdict = one.verdict
    return {
        "control": one.control.id,
        "title": text(one.control.title),
        "check": one.control.check,
        "confidence": one.control.confidence.value,
        "standing": verdict.standing.value,
        "reasons": texts(verdict.reasons),
        "evidence": list(verdict.evidence),
        "actions": [action(step) for step in verdict.actions],
        "since": instant(verdict.since),
        "until": instant(verdict.until),
    }


def due(one: Due, now: datetime, regime: Regime) -> Data:
    """Give a deadline with how it was computed."""
    titles = {duty.id: duty.title for duty in regime.obligations}
    return {
        "title": text(one.title),
        "at": instant(one.at),
        "overdue": one.at < now,
        "provisional": one.provisional,
        "obligations": [{"id": name, "title": text(titles[name]) if name in titles else None}
                        for name in one.obligations],
        "how": texts(one.how),
    }  # fmt: skip
