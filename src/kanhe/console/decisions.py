"""The pages on decisions: find one, and have it explained.

Shown is what the ledger holds: rules, places, lengths, pseudonyms. What somebody wrote is not
there; it opens only through the vault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Protocol, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.adapters.ledger_view import LedgerView
from kanhe.adapters.live_rules import Rules
from kanhe.console import judge_data
from kanhe.console.asked import Fault, read_day
from kanhe.console.decision_data import NOTICES, Told, row, whole
from kanhe.console.render import Entry, answer, console_of
from kanhe.console.route import ConsoleRoute
from kanhe.errors import KanheError
from kanhe.gateway.decision import Decision, DecisionQuery, Kind
from kanhe.judge.category import CATEGORIES, UNSAFE
from kanhe.law.service import Notices
from kanhe.ledger.entry import Json
from kanhe.policy.rule import Rule
from kanhe.terms import Text

ENTRY = Entry("/decisions", "Decisions", "c", Permission.DECISIONS)

PAGE = 50
"""Decisions on one page."""

_TEXTS = ("number", "rule", "category", "app", "model", "surface", "fold", "user",
          "judge", "opinion")  # fmt: skip
_LONGEST = 200


class DecisionsServed(Protocol):
    """What these pages ask of the running system beside `Served`."""

    @property
    def view(self) -> LedgerView:
        """The ledger, as it is looked at."""
        ...

    @property
    def rules(self) -> Rules:
        """The rules in force, and those that were."""
        ...

    @property
    def notices(self) -> Notices:
        """What people are told where a rule has no words of its own."""
        ...

    @property
    def object_to(self) -> str:
        """Where people object."""
        ...


def _served(request: Request) -> DecisionsServed:
    # The system serves all these ports; a page asks for the one it needs.
    return cast("DecisionsServed", console_of(request).served)


async def decisions(request: Request) -> Response:
    """`GET /decisions`: decisions that fit a question, newest first."""
    asked = request.query_params
    zone = ZoneInfo(console_of(request).served.regime.zone)
    query, faults = read_query(asked, zone)
    page = await asyncio.to_thread(_served(request).view.decisions, query)
    wanted = {name: asked.get(name, "")[:_LONGEST] for name in (*_TEXTS, "kind", "since", "until")}
    given = {name: value for name, value in wanted.items() if value}
    data: dict[str, Json] = {
        "wanted": wanted,
        "narrowed": bool(given),
        "total": page.total,
        "covered": page.covered,
        "decisions": [row(one) for one in page.decisions],
        "next": page.next,
        "next_page": urlencode({**given, "before": page.next}) if page.next else None,
        "kinds": [kind.value for kind in Kind],
        "opinions": [judge_data.category(name) for name in (UNSAFE, *CATEGORIES)],
    }
    risks = console_of(request).served.regime.risks
    status = 400 if faults else 200
    return answer(request, "decisions.html", data, faults=faults, risks=risks, status=status)


def read_query(asked: QueryParams, zone: ZoneInfo) -> tuple[DecisionQuery, tuple[Fault, ...]]:
    """Read a question from an address; what cannot be read is told and left out."""
    faults: list[Fault] = []
    texts = {name: asked.get(name, "").strip()[:_LONGEST] for name in _TEXTS}
    kind = asked.get("kind", "")
    kinds = tuple(one for one in Kind if one.value == kind)
    if kind and not kinds:
        faults.append(Fault("kind", Text("没有这种结果。", "There is no such outcome.")))
    since, until = (_day(asked, name, zone, faults) for name in ("since", "until"))
    before = asked.get("before", "")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    last = until + timedelta(days=1) if until else None
    query = DecisionQuery(**texts, kinds=kinds, since=since, until=last, before=number, limit=PAGE)
    return query, tuple(faults)


def _day(asked: QueryParams, name: str, zone: ZoneInfo, faults: list[Fault]) -> datetime | None:
    written = asked.get(name, "").strip()
    if not written:
        return None
    day = read_day(written)
    if day is None:
        faults.append(Fault(name, Text("请按 2026-11-22 的形式填写日期。",
                                       "Write the day like 2026-11-22.")))  # fmt: skip
        return None
    return datetime.combine(day, time(), zone)


async def decision(request: Request) -> Response:
    """`GET /decisions/NUMBER`: one decision, explained."""
    served = _served(request)
    number = request.path_params["number"]
    found = await asyncio.to_thread(served.view.decision, number[:_LONGEST])
    if found is None:
        # The live list leads here within a second, before anything else looked at the ledger.
        await asyncio.to_thread(served.view.catch_up)
        found = await asyncio.to_thread(served.view.decision, number[:_LONGEST])
    if found is None:
        raise HTTPException(404, f"there is no decision {number[:80]!r} on the ledger (yet)")
    rule = await asyncio.to_thread(_rule, served.rules, found)
    told = Told(rule, _stated(rule, found, served.notices), served.object_to)
    risks = console_of(request).served.regime.risks
    data = whole(found, told, risks)
    return answer(request, "decision.html", {"decision": data})


def _rule(rules: Rules, found: Decision) -> Rule | None:
    """Give the rule as it was when it decided; None where its version is not kept any more."""
    if not found.rule:
        return None
    return next((one for one in _version(rules, found.ruleset) if one.id == found.rule), None)


def _version(rules: Rules, version: str) -> Iterator[Rule]:
    if version == rules.current.version:
        yield from rules.current.rules
        return
    try:
        yield from rules.files.earlier(version).rules
    except KanheError:
        return


def _stated(rule: Rule | None, found: Decision, notices: Notices) -> Text | None:
    if found.kind not in NOTICES:
        return None
    if found.is_unchecked:
        return notices.unchecked
    by_kind: Mapping[Kind, Text] = {
        Kind.REFUSED: notices.blocked_prompt,
        Kind.STOPPED: notices.stopped_answer,
        Kind.TURNED_AWAY: notices.suspended_user,
    }
    return rule.notice if rule and rule.notice else by_kind[found.kind]


ROUTES = (
    ConsoleRoute("/decisions", decisions, Permission.DECISIONS, twin=True),
    ConsoleRoute("/decisions/{number}", decision, Permission.DECISIONS, twin=True),
)
