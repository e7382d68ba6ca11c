"""The first page: is the service lawful now, what needs me, what happened in the last hour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.asked import read_asked
from kanhe.console.needs import Need, needs
from kanhe.console.render import Entry, answer, console_of, language_of, person_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import Asked, Span
from kanhe.ledger.entry import Json
from kanhe.report.chart import Series, stacked
from kanhe.report.svg import page
from kanhe.status.status import Status
from kanhe.terms import Text

ENTRY = Entry("/", "Overview", "o", Permission.STATUS)

SPANS, MINUTES = 30, 2
"""The chart's bars, and how long each is: an hour."""

NEEDS_SHOWN = 6
"""Steps that the first page lists; the rest is counted."""


async def overview(request: Request) -> Response:
    """`GET /`: the board, the sentence, deadlines, next steps, the last hour."""
    console = console_of(request)
    asked, faults = read_asked(request.query_params, console.served.regime)
    asked = Asked() if faults else asked
    status = await console.served.status(asked)
    spans = await console.served.recent(SPANS, MINUTES)
    person = person_of(request)
    steps = needs(status.lines, person.role if person else None)
    data = shown.frame(status, asked) | {
        "summary": shown.summary(status.counts),
        "areas": areas(status),
        "routes": [{"id": one.id, "title": shown.text(one.title)} for one in status.routes],
        "due": [shown.due(one, status.at, status.regime) for one in status.due],
        "needs": [_need(one) for one in steps],
        "spans": [_span(one) for one in spans],
    }
    return answer(request, "overview.html", data, faults=faults, chart=drawn(request, spans),
                  shown_needs=NEEDS_SHOWN, status=400 if faults else 200)  # fmt: skip


def areas(status: Status) -> list[Json]:
    """Give the board: duties by area, in the order of the regime; what has no area comes last."""
    known = {area.id: area.title for area in status.regime.areas}
    grouped: dict[str, list[Json]] = {name: [] for name in known}
    for line in status.lines:
        tile: Json = {"id": line.obligation.id, "title": shown.text(line.obligation.title),
                "standing": line.standing.value}  # fmt: skip
        grouped.setdefault(line.obligation.area, []).append(tile)
    return [
        {"id": name, "title": shown.text(known.get(name, Text(name, name))), "lines": lines}
        for name, lines in grouped.items()
        if lines
    ]


def _need(need: Need) -> Json:
    return {**shown.action(need.action), "standing": need.standing.value,
            "obligations": list(need.obligations)}  # fmt: skip


def _span(span: Span) -> Json:
    return {"start": shown.instant(span.start), "counts": dict(span.counts)}


def drawn(request: Request, spans: Sequence[Span]) -> Markup | None:
    """Draw the last hour; None where nothing happened."""
    if not any(span.counts for span in spans):
        return None
    console, language = console_of(request), language_of(request)
    zone = ZoneInfo(console.served.regime.zone)
    say = partial(console.catalogue.say, language)
    stopped = [span.counts.get("stopped", 0) for span in spans]
    refused = [span.counts.get("refused", 0) + span.counts.get("turned-away", 0) for span in spans]
    rest = [sum(span.counts.values()) - one - other
            for span, one, other in zip(spans, stopped, refused, strict=True)]  # fmt: skip
    series = [
        Series(say("answered"), "released", rest),
        Series(say("refused"), "refused", refused),
        Series(say("stopped"), "stopped", stopped),
    ]
    places = [f"{span.start.astimezone(zone):%H:%M}" for span in spans]
    title = say("Requests, every %(n)s minutes", n=MINUTES)
    return Markup(page(stacked(title, places, series)))  # noqa: S704 # escaped where it is drawn


ROUTES = (ConsoleRoute("/", overview, Permission.STATUS, twin=True),)
