"""Obligations: the list with its filters, and one duty with everything that is known of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.asked import read_asked
from kanhe.console.duty import duty_data
from kanhe.console.render import Entry, answer, console_of, language_of, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import Asked
from kanhe.status.status import Line, Status
from kanhe.status.verdict import Standing

ENTRY = Entry("/obligations", "Obligations", "b", Permission.STATUS, ("/deadlines",))

CHANGED = "service:obligation:changed"
ROWS = 50
"""Rows of a page: with 50 it stays below 60 kB."""

_ORDER = {one: place for place, one in enumerate(
    (Standing.GAP, Standing.STALE, Standing.UNKNOWN, Standing.MET, Standing.NOT_APPLICABLE)
)}  # fmt: skip
"""What asks for something stands first; among equals the regime's order holds."""

_FILTERS = ("area", "standing", "source", "q")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which duties a list shows: by area, standing and source; `q` is looked for in the words."""

    area: str = ""
    standing: str = ""
    source: str = ""
    q: str = ""

    def takes(self, line: Line) -> bool:
        """Say whether a line is one of those."""
        duty = line.obligation
        words = f"{duty.id} {duty.title.zh} {duty.title.en} {duty.text.zh} {duty.text.en}".lower()
        return (
            self.area in {"", duty.area}
            and self.standing in {"", line.standing.value}
            and self.source in {"", duty.source}
            and all(part in words for part in self.q.lower().split())
        )

    @property
    def query(self) -> dict[str, str]:
        """Give what stands in the address."""
        return {name: value for name in _FILTERS if (value := getattr(self, name))}


async def listed(request: Request) -> Response:
    """`GET /obligations`: the duties that bind on the day asked for, filtered and by pages."""
    console = console_of(request)
    query = request.query_params
    asked, faults = read_asked(query, console.served.regime)
    status = await console.served.status(Asked() if faults else asked)
    wanted = Wanted(*(query.get(name, "").strip()[:100] for name in _FILTERS))
    lines = sorted(filter(wanted.takes, status.lines), key=lambda line: _ORDER[line.standing])
    if request.url.path.endswith(".csv"):
        return _csv(lines, language_of(request))
    pages = max(1, -(-len(lines) // ROWS))
    page = min(max(_whole(query.get("page", "")), 1), pages)
    data = shown.frame(status, asked) | {
        "filters": {name: getattr(wanted, name) for name in _FILTERS},
        "total": len(lines),
        "page": page,
        "pages": pages,
        "rows": [shown.row(line) for line in lines[(page - 1) * ROWS : page * ROWS]],
        "areas": [{"id": one.id, "title": shown.text(one.title)} for one in status.regime.areas],
        "sources": _sources(status),
        "standings": [one.value for one in Standing],
    }
    base = wanted.query | _asked_query(asked)
    return answer(request, "obligations.html", data, faults=faults,
                  address=_address(request, base), here_query=urlencode(base),
                  asked_query=_query(_asked_query(asked)),
                  status=400 if faults else 200)  # fmt: skip


async def one(request: Request) -> Response:
    """`GET /obligations/ID`: one duty: its text, how it stands, why, by what, and what to do."""
    console = console_of(request)
    asked, faults = read_asked(request.query_params, console.served.regime)
    status = await console.served.status(Asked() if faults else asked)
    name = request.path_params["id"]
    versions = tuple(status.regime.versions(name))
    if not versions:
        raise HTTPException(404)
    line = next((line for line in status.lines if line.obligation.id == name), None)
    changes = [seen for seen in await console.served.kept(CHANGED)
               if seen.facts.get("obligation") == name
               and seen.facts.get("regime") == status.regime.id]  # fmt: skip
    data = shown.frame(status, asked) | duty_data(line or versions[-1], status.regime)
    data |= {
        "changes": [{"entry": seen.index, "at": shown.instant(seen.at),
                     "before": seen.facts.get("before"), "after": seen.facts.get("after")}
                    for seen in reversed(changes)],
        "related": _related(request, name),
    }  # fmt: skip
    return answer(request, "obligation.html", data, faults=faults, status=400 if faults else 200)


def _related(request: Request, name: str) -> list[shown.Data]:
    served = console_of(request).served
    found: list[shown.Data] = []
    for related in served.regime.relations:
        if related.here != name:
            continue
        regime = served.related(related.regime)
        there = next(iter(regime.versions(related.there)), None) if regime else None
        found.append({
            "regime": related.regime,
            "regime_title": shown.text(regime.title) if regime else None,
            "id": related.there,
            "title": shown.text(there.title) if there else None,
            "relation": related.relation.value,
            "confidence": related.confidence.value,
        })  # fmt: skip
    return found


def _sources(status: Status) -> list[shown.Data]:
    sources = {line.source.id: line.source for line in status.lines}
    return [{"id": name, "title": shown.text(source.title)} for name, source in sources.items()]


def _asked_query(asked: Asked) -> dict[str, str]:
    told = {"at": asked.at and asked.at.isoformat(), "known": asked.known and
            asked.known.isoformat(), "as_if": asked.as_if}  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _address(request: Request, base: Mapping[str, str]) -> Callable[..., str]:
    def address(**changes: object) -> str:
        query = {**base, **{name: str(value) for name, value in changes.items()}}
        kept = {name: value for name, value in query.items() if value}
        return url_of(request, "/obligations") + (f"?{urlencode(kept)}" if kept else "")

    return address


def _query(parts: Mapping[str, str]) -> str:
    return f"?{urlencode(parts)}" if parts else ""


def _csv(lines: Sequence[Line], language: str) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", "title", "area", "source", "clause", "standing", "since", "evidence"])
    for line in lines:
        duty = line.obligation
        title = duty.title.zh if language == "zh" else duty.title.en
        writer.writerow([duty.id, _inert(title), duty.area, duty.source, _inert(duty.clause),
                         line.standing.value, shown.instant(line.since) or "",
                         " ".join(map(str, line.evidence))])  # fmt: skip
    headers = {"content-disposition": 'attachment; filename="obligations.csv"',
               "cache-control": "no-store"}  # fmt: skip
    # The mark of UTF-8 is for a spreadsheet, which else guesses and breaks the Chinese.
    return Response("\ufeff" + file.getvalue(), media_type="text/csv", headers=headers)


def _inert(cell: str) -> str:
    # A spreadsheet takes a cell that begins so for a formula and runs it.
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _whole(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 1


ROUTES = (
    ConsoleRoute("/obligations", listed, Permission.STATUS, twin=True),
    ConsoleRoute("/obligations.csv", listed, Permission.EXPORT),
    ConsoleRoute("/obligations/{id}", one, Permission.STATUS, twin=True),
)
