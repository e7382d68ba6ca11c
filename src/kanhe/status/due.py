"""What falls due: evidence that ages, answers that are asked again, deadlines that events started.

Each with how it was computed. A deadline whose duty is met needs nobody; one that has passed stays
until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kanhe.errors import NoCalendar
from kanhe.law.clock import ClockRule, due
from kanhe.law.regime import Regime
from kanhe.status.determination import Determination
from kanhe.status.picture import Picture, Unsound
from kanhe.status.status import Due, Line
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text

_ANSWER = "answer:"
_SCOPE = "scope_determined"
_NEEDS_SOMEBODY = frozenset({
    "keyword_library", "attested", "question_bank", "output_test", "refusal_test", "bias_assessed",
    "accuracy_assessed", "security_assessed",
})  # fmt: skip
"""Checks whose evidence people renew; drills are held by the service itself."""


def dues(  # noqa: PLR0913, PLR0917 # all that is known
    regime: Regime,
    picture: Picture,
    lines: Sequence[Line],
    had: Determination | None,
    at: datetime,
    known: date,
) -> tuple[Due, ...]:
    """Give everything that falls due, soonest first; nothing of a ledger that is not sound."""
    if isinstance(picture.soundness, Unsound):
        return ()
    found = [
        *_ageing(lines),
        *([_answers(regime, lines, had)] if had else []),
        *_deadlines(regime, picture, lines, had, known),
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.title.en)))


def _ageing(lines: Sequence[Line]) -> Iterator[Due]:
    """Give when controls stop being met by themselves."""
    serves: dict[str, list[str]] = {}
    for line in lines:
        for looked in line.looked:
            serves.setdefault(looked.control.id, []).append(line.obligation.id)
    controls = {one.control.id: one for line in lines for one in line.looked}
    for name, duties in serves.items():
        control, verdict = controls[name].control, controls[name].verdict
        ends = verdict.until if verdict.standing is Standing.MET else None
        if ends and control.check in _NEEDS_SOMEBODY:
            yield Due(control.title, ends, tuple(duties), _how(verdict))


def _how(verdict: Verdict) -> tuple[Text, ...]:
    return (
        *verdict.reasons,
        Text("此后如无新的记录，即视为过时", "Without a new entry it is stale from then on"),
    )


def _answers(regime: Regime, lines: Sequence[Line], had: Determination) -> Due:
    """Give when the questionnaire is asked again."""
    age = (had.until - had.seen.at).days
    day = had.seen.at.astimezone(ZoneInfo(regime.zone)).date().isoformat()
    duties = tuple(
        line.obligation.id
        for line in lines
        if any(looked.control.check == _SCOPE for looked in line.looked)
    )
    return Due(
        Text("重新回答适用性问卷", "Answer the questionnaire again"),
        had.until,
        duties,
        (
            Text(f"答复记录于 {day}（条目 {had.seen.index}）",
                 f"The answers were recorded on {day} (entry {had.seen.index})"),
            Text(f"有效期为 {age} 天", f"They count for {age} days"),
        ),
    )  # fmt: skip


def _deadlines(
    regime: Regime,
    picture: Picture,
    lines: Sequence[Line],
    had: Determination | None,
    known: date,
) -> Iterator[Due]:
    found = {line.obligation.id: line for line in lines}
    for rule in regime.clocks.values():
        line = found.get(rule.clause)
        for event in _events(regime, picture, rule, had):
            if line and _runs(line, event):
                yield _deadline(regime, rule, event, known)


def _runs(line: Line, event: datetime) -> bool:
    """Say whether a clock that `event` has started runs for anybody.

    Not where its duty does not bind this service, or has been met since then. What was met before
    it, e.g. by a yearly word of somebody, says nothing of it.
    """
    if line.standing is Standing.MET:
        return line.since is None or event > line.since
    return line.standing is not Standing.NOT_APPLICABLE


def _deadline(regime: Regime, rule: ClockRule, event: datetime, known: date) -> Due:
    try:
        found = due(event, rule, regime.calendar, known)
    except NoCalendar as error:
        # Better a deadline that is too early than none: the event itself.
        why = Text(f"无法计算工作日：{error}", f"Working days cannot be counted: {error}")
        return Due(rule.title, event, (rule.clause,), (why,), provisional=True)
    return Due(rule.title, found.at, (rule.clause,), found.steps, found.provisional)


def _events(
    regime: Regime, picture: Picture, rule: ClockRule, had: Determination | None
) -> Iterator[datetime]:
    """Give when a clock was started: by a day that was answered, or by entries of the ledger."""
    zone = ZoneInfo(regime.zone)
    if rule.starts.startswith(_ANSWER):
        day = had.answers.get(rule.starts.removeprefix(_ANSWER)) if had else None
        if isinstance(day, str):
            yield datetime.combine(date.fromisoformat(day), time(), zone)
        return
    for tag in picture.kept:
        # `incident:detected` is subject and action; whoever detected it comes before them.
        if tag == rule.starts or tag.endswith(f":{rule.starts}"):
            for seen in picture.all(tag):
                yield seen.at.astimezone(zone)
