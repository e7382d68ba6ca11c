"""The questionnaire: which duties bind this service, and why. First a preview, then the record.

Nothing is recorded that was not shown with its consequences before; what is recorded are the
answers, under the id of who gave them, and the decision is computed from them again each time.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.answer_form import Written, fields, read_answers, said, written_of
from kanhe.console.render import Entry, answer, console_of, person_of, render, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import Asked
from kanhe.law.regime import Regime
from kanhe.law.scope import Answer, Answers, counting, decide, put
from kanhe.status.picture import Seen
from kanhe.status.status import Status

ENTRY = Entry("/scope", "Scope", "s", Permission.STATUS)

DETERMINED = "operator:scope:determined"


async def scope(request: Request) -> Response:
    """`GET /scope`: the answers on record, what follows from them, and the questions."""
    served = console_of(request).served
    status = await served.status(Asked())
    recorded = await served.kept(DETERMINED)
    ours = [seen for seen in recorded if seen.facts.get("regime") == status.regime.id]
    data = _data(status, status.answers, written_of(status.answers), ours[-1] if ours else None)
    return answer(request, "scope.html", data, faults=(), preview=None)


async def preview(request: Request) -> Response:
    """`POST /scope/preview`: what would follow from the answers in the form; records nothing."""
    return await _previewed(request, await _written(request))


async def record(request: Request) -> Response:
    """`POST /scope`: record the answers, unless one of them cannot be read."""
    served, written = console_of(request).served, await _written(request)
    answers, faults = read_answers(served.regime, written)
    person = person_of(request)
    if faults or not answers or person is None:
        return await _previewed(request, written)
    facts = served.determination(counting(served.regime.questions, answers), person.id)
    await served.record(DETERMINED, facts)
    return RedirectResponse(url_of(request, "/scope"), 303)


async def _previewed(request: Request, written: Written) -> Response:
    served = console_of(request).served
    answers, faults = read_answers(served.regime, written)
    before = await served.status(Asked())
    recorded = await served.kept(DETERMINED)
    ours = [seen for seen in recorded if seen.facts.get("regime") == before.regime.id]
    data = _data(before, answers, written, ours[-1] if ours else None)
    person = person_of(request)
    after = None if faults or person is None else await served.supposed(answers, person.id)
    found = _decision(before, after, answers) if after else None
    status = 422 if faults else 200
    return render(request, "scope.html", status=status, d=data, faults=faults, preview=found)


async def _written(request: Request) -> dict[str, list[str]]:
    form = await request.form(max_files=0, max_fields=1000)
    known = console_of(request).served.regime.questions
    return {name: [value for value in form.getlist(name) if isinstance(value, str)]
            for name in known}  # fmt: skip


def _data(status: Status, answers: Answers, written: Written, last: Seen | None) -> shown.Data:
    regime = status.regime
    return shown.frame(status, Asked()) | {
        "answers": {name: list(one) if isinstance(one, tuple) else one
                    for name, one in status.answers.items()},
        "routes": _routes(status, status.answers),
        "fields": fields(regime, answers, written),
        "valid_days": regime.answers_valid_days,
        "recorded": None if last is None else {
            "entry": last.index, "at": shown.instant(last.at), "by": last.facts.get("by"),
            "edition": last.facts.get("edition"),
            "other_edition": last.facts.get("edition") != regime.version,
        },
    }  # fmt: skip


def _routes(status: Status, answers: Mapping[str, Answer]) -> list[shown.Data]:
    return [
        {
            "id": route.id,
            "title": shown.text(route.title),
            "text": shown.text(route.text),
            "clause": route.clause,
            "because": _because(
                status.regime,
                decide(route.condition, counting(status.regime.questions, answers)).because,
                answers,
            ),
        }
        for route in status.routes
    ]


def _because(regime: Regime, questions: tuple[str, ...], answers: Answers) -> list[shown.Data]:
    return [
        {"id": name, "question": shown.text(regime.questions[name].title),
         "answer": said(regime.questions[name], answers.get(name))}
        for name in questions
        if name in regime.questions
    ]  # fmt: skip


def _decision(before: Status, after: Status, answers: Answers) -> shown.Data:
    was = {line.obligation.id: line.standing.value for line in before.lines}
    counted = counting(after.regime.questions, answers)
    changed = [
        {**shown.row(line), "was": was.get(line.obligation.id, "not-applicable"),
         "because": _because(after.regime, decide(line.obligation.applies, counted).because,
                             counted),
         # What no answer decides, controls do: their reasons, or the cell would be empty.
         "why": shown.texts(line.because) if line.looked or not line.obligation.applies else []}
        for line in after.lines
        if was.get(line.obligation.id) != line.standing.value
    ]  # fmt: skip
    still_open = [one for one in put(after.regime.questions, counted) if one.id not in counted]
    return {
        "summary": shown.summary(after.counts),
        "routes": _routes(after, counted),
        "changed": changed,
        "open": [{"id": one.id, "title": shown.text(one.title)} for one in still_open],
    }


ROUTES = (
    ConsoleRoute("/scope", scope, Permission.STATUS, twin=True),
    ConsoleRoute("/scope", record, Permission.SCOPE, ("POST",)),
    ConsoleRoute("/scope/preview", preview, Permission.SCOPE, ("POST",)),
)
