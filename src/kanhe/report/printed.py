"""What the status report says that a compliance lead hands over: all words and numbers, as data.

The template (`templates/status.typ`) lays out and knows no word; what stands here travels to it as
JSON and is shown as text, never read as markup, so that no rule's name and no note can become a
command of the typesetter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kanhe.law.day_text import day_text, instant_text
from kanhe.ledger.entry import Json
from kanhe.report.printed_words import STANDINGS, WORDS
from kanhe.report.tally import alone, logo
from kanhe.status.picture import Sound
from kanhe.status.status import Due, Line, Status
from kanhe.status.verdict import Standing
from kanhe.terms import Text

_OPEN = (Standing.GAP, Standing.STALE, Standing.UNKNOWN)
_SHOWN = (Standing.MET, Standing.GAP, Standing.STALE, Standing.UNKNOWN, Standing.NOT_APPLICABLE)

_BETWEEN = Text("；", "; ")

Data = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Handed:
    """What the ledger does not say: which service it is, and when the report was made (aware)."""

    service: str
    made: datetime


def printed(status: Status, handed: Handed, language: str) -> Data:
    """Give everything that the report says.

    Args:
        status: What it reports.
        handed: Whose status it is, and when it is reported.
        language: `zh` or `en`.
    """
    say = _Say(language, ZoneInfo(status.regime.zone))
    return {
        "language": language,
        "words": {name: say(text) for name, text in WORDS.items()},
        "standings": {standing.value: say(text) for standing, text in STANDINGS.items()},
        "marks": {standing.value: alone(standing) for standing in Standing},
        "logo": logo(),
        "cover": _cover(status, handed, say),
        "sentence": say(sentence(status)),
        "sound": isinstance(status.soundness, Sound),
        "unsound": "" if isinstance(status.soundness, Sound) else status.soundness.why,
        "counts": [[one.value, status.counts[one]] for one in _SHOWN],
        "board": _board(status, say),
        "open": [
            {"standing": standing.value, "groups": _groups(status.lines, standing, say)}
            for standing in _OPEN
        ],
        "due": [_due(one, status.at, say) for one in status.due],
        "duties": _duties(status, say),
    }


def sentence(status: Status) -> Text:
    """Say in one sentence how many duties are proven, and how many are not."""
    count = status.counts
    applying = len(status.lines) - count[Standing.NOT_APPLICABLE]
    met, gap, stale, unknown = (
        count[one] for one in (Standing.MET, Standing.GAP, Standing.STALE, Standing.UNKNOWN)
    )
    return Text(
        f"在可能适用的{applying}项义务中，{met}项已由账本证实；未满足{gap}项，"
        f"已过期{stale}项，待判断{unknown}项。",
        f"Of {applying} obligations that apply or may apply, {met} are proven by the ledger; "
        f"{gap} are not met, the evidence of {stale} is stale, and {unknown} cannot be seen.",
    )


@dataclass(frozen=True, slots=True)
class _Say:
    """Words in the language of the report, instants on the clock of the regime."""

    language: str
    zone: ZoneInfo

    def __call__(self, text: Text) -> str:
        return text.zh if self.language == "zh" else text.en

    def instant(self, at: datetime) -> str:
        return self(instant_text(at.astimezone(self.zone).replace(second=0)))

    def day(self, at: datetime | None) -> str:
        return at.astimezone(self.zone).date().isoformat() if at else ""


def _cover(status: Status, handed: Handed, say: _Say) -> list[list[str]]:
    root = status.soundness.root.hex() if isinstance(status.soundness, Sound) else "—"
    draft = status.regime.sources.get(status.as_if or "")
    rows = [
        ("service", handed.service),
        ("regime", f"{say(status.regime.title)} ({status.regime.id})"),
        ("edition", status.regime.version),
        ("day", say(day_text(status.day))),
        ("known", say(day_text(status.known))),
        ("as_if", say(draft.title) if draft else ""),
        ("routes", say(_BETWEEN).join(say(route.title) for route in status.routes)),
        ("at", say.instant(status.at)),
        ("entries", f"{status.size:,}"),
        ("root", root),
        ("made", say.instant(handed.made)),
    ]
    return [[say(WORDS[name]), value] for name, value in rows if value]


def _board(status: Status, say: _Say) -> list[Data]:
    rows: list[Data] = []
    for area in status.regime.areas:
        lines = [line for line in status.lines if line.obligation.area == area.id]
        if lines:
            counted = Counter(line.standing for line in lines)
            applying = len(lines) - counted[Standing.NOT_APPLICABLE]
            rows.append(
                {
                    "title": say(area.title),
                    "marks": [line.standing.value for line in lines],
                    "met": f"{counted[Standing.MET]} / {applying}",
                }
            )
    return rows


def _groups(lines: Iterable[Line], standing: Standing, say: _Say) -> list[Data]:
    """Put duties together that stand so for one reason: many wait for the same thing."""
    found: dict[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], list[Line]] = {}
    for line in lines:
        if line.standing is standing:
            found.setdefault((_reasons(line, say), _steps(line, say)), []).append(line)
    ordered = sorted(found.items(), key=lambda one: -len(one[1]))
    return [
        {
            "reasons": list(reasons),
            "steps": [list(step) for step in steps],
            "duties": [[one.obligation.id, say(one.obligation.title)] for one in had],
        }
        for (reasons, steps), had in ordered
    ]


def _reasons(line: Line, say: _Say) -> tuple[str, ...]:
    """Give what holds it back: of its controls only those that stand as badly as it does."""
    if not line.looked:
        return tuple(say(one) for one in line.reasons)
    worst = [one.verdict for one in line.looked if one.verdict.standing is line.standing]
    return tuple(dict.fromkeys(say(one) for verdict in worst for one in verdict.reasons))


def _steps(line: Line, say: _Say) -> tuple[tuple[str, str], ...]:
    return tuple((say(one.what), one.command) for one in line.actions)


def _due(due: Due, now: datetime, say: _Say) -> Data:
    return {
        "title": say(due.title),
        "at": say.instant(due.at),
        "overdue": due.at < now,
        "provisional": due.provisional,
        "obligations": list(due.obligations),
        "how": [say(step) for step in due.how],
    }


def _duties(status: Status, say: _Say) -> list[Data]:
    areas: Mapping[str, Sequence[Line]] = {
        area.id: [line for line in status.lines if line.obligation.area == area.id]
        for area in status.regime.areas
    }
    return [
        {"area": say(area.title), "rows": [_row(line, say) for line in areas[area.id]]}
        for area in status.regime.areas
        if areas[area.id]
    ]


def _row(line: Line, say: _Say) -> Data:
    duty = line.obligation
    return {
        "id": duty.id,
        "title": say(duty.title),
        "source": f"{say(line.source.title)} {duty.clause}".strip(),
        "standing": line.standing.value,
        "since": say.day(line.since),
        "evidence": [f"{index:,}" for index in line.evidence],
        "confidence": say(WORDS[f"confidence-{duty.confidence}"]),
    }
