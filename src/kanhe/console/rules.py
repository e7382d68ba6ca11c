"""The pages on rules: those in force, what would change, one rule, versions, trying a text.

A text that is tried is looked at and forgotten: it is on no page but the answer, and in no log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Permission
from kanhe.adapters.live_rules import Rules
from kanhe.console import rule_data
from kanhe.console.render import Entry, answer, console_of, person_of, render, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.errors import KanheError
from kanhe.gateway.judging import Inquiry, Judges, opinions
from kanhe.ledger.entry import Json
from kanhe.policy.difference import difference
from kanhe.policy.example import found_in
from kanhe.policy.rule import Place, Rule, Side
from kanhe.policy.stream import StreamGuard
from kanhe.status.record import LOADED, PROPOSED, RELEASED

ENTRY = Entry("/rules", "Rules", "r", Permission.RULES, ("/judges", "/label"))

LONGEST = 20_000
"""Characters of a text that may be tried."""


class RulesServed(Protocol):
    """What these pages ask of the running system beside `Served`."""

    @property
    def rules(self) -> Rules:
        """The rules in force and the ones that wait."""
        ...

    @property
    def findings(self) -> rule_data.Findings:
        """What was found since the start."""
        ...

    @property
    def judges(self) -> Judges:
        """Whom rules can ask."""
        ...


def _served(request: Request) -> RulesServed:
    # The system serves both ports; a page asks for the one it needs.
    return cast("RulesServed", console_of(request).served)


async def rules(request: Request) -> Response:
    """`GET /rules`: the rules in force, and the version that waits for its release."""
    served = _served(request)
    risks = console_of(request).served.regime.risks
    wanted = {name: request.query_params.get(name, "").strip() for name in ("q", "mode", "side")}
    rows = [rule_data.row(rule, risks, served.findings) for rule in served.rules.current.rules]
    data: dict[str, Json] = {
        "ruleset": _described(served.rules),
        "candidate": _candidate(request, served.rules),
        "wanted": wanted,
        "total": len(rows),
        "rules": [one for one in rows if _wanted(one, wanted)],
    }
    return answer(request, "rules.html", data)


def _wanted(one: Mapping[str, Json], wanted: Mapping[str, str]) -> bool:
    text = f"{one['id']} {one['category']} {one['title']} {one['category_title']}".casefold()
    sides = one["sides"]
    return (
        wanted["q"].casefold() in text
        and wanted["mode"] in ("", one["mode"])
        and (not wanted["side"] or (isinstance(sides, list) and wanted["side"] in sides))
    )


def _described(rules: Rules) -> dict[str, Json]:
    current = rules.current
    return {
        "name": current.name,
        "label": current.label,
        "version": current.version,
        "second_person": rules.files.second_person,
    }


def _candidate(request: Request, rules: Rules) -> dict[str, Json] | None:
    candidate = rules.candidate
    if candidate is None:
        return None
    person = person_of(request)
    mine = person is not None and candidate.proposed_by == person.id
    ruleset = candidate.ruleset
    change = difference(rules.current.rules, ruleset.rules)
    return {
        "name": ruleset.name,
        "label": ruleset.label,
        "version": ruleset.version,
        "proposed_by": candidate.proposed_by,
        "mine": mine,
        "added": len(change.added),
        "removed": len(change.removed),
        "changed": len(change.changed),
    }


async def rule(request: Request) -> Response:
    """`GET /rules/rule/RULE`: all of one rule: what it looks for, does, and tells people."""
    served = _served(request)
    found = _by_id(served.rules.current.rules, request.path_params["rule"])
    data = rule_data.whole(found, console_of(request).served.regime.risks, served.findings)
    return answer(request, "rule.html", {"rule": data, "ruleset": _described(served.rules)})


def _by_id(rules: tuple[Rule, ...], name: str) -> Rule:
    for one in rules:
        if one.id == name:
            return one
    raise HTTPException(404, f"there is no rule {name[:80]!r} in force")


async def versions(request: Request) -> Response:
    """`GET /rules/versions`: when which version came into force or was proposed, and by whom."""
    rules = _served(request).rules
    served = console_of(request).served
    kept = set(rules.files.archive.versions()) if rules.files.archive else set()
    steps: list[dict[str, Json]] = [
        {
            "index": seen.index,
            "at": seen.at.isoformat(),
            "step": seen.tag.rpartition(":")[2],
            "version": str(seen.facts.get("version", "")),
            "name": str(seen.facts.get("name", "")),
            "label": str(seen.facts.get("label", "")),
            "by": str(seen.facts.get("by", "")),
            "kept": seen.facts.get("version") in kept,
        }
        for tag in (LOADED, PROPOSED, RELEASED)
        for seen in await served.kept(tag)
    ]
    steps.sort(key=lambda step: step["index"] if isinstance(step["index"], int) else 0)
    data: dict[str, Json] = {"ruleset": _described(rules), "steps": steps[::-1][:500]}
    return answer(request, "rule_versions.html", data)


async def changes(request: Request) -> Response:
    """`GET /rules/changes`: what one version changes; unasked, what waits of what is in force."""
    rules = _served(request).rules
    current, candidate = rules.current, rules.candidate
    waits = candidate.ruleset.version if candidate else current.version
    before = request.query_params.get("before") or current.version
    after = request.query_params.get("after") or waits
    old, new = await _rules_of(rules, before), await _rules_of(rules, after)
    told = rule_data.told(difference(old, new), console_of(request).served.regime.risks)
    data: dict[str, Json] = {
        "before": before,
        "after": after,
        "difference": told,
        "candidate": _candidate(request, rules),
        "ruleset": _described(rules),
    }
    return answer(request, "rule_changes.html", data)


async def _rules_of(rules: Rules, version: str) -> tuple[Rule, ...]:
    for known in (rules.current, rules.candidate.ruleset if rules.candidate else None):
        if known is not None and known.version == version:
            return known.rules
    try:
        loaded = await asyncio.to_thread(rules.files.earlier, version)
    except KanheError as error:
        raise HTTPException(404, f"{error}") from error
    return loaded.rules


async def trial(request: Request) -> Response:
    """`GET /rules/try`: the form in which a text can be tried."""
    return render(request, "rule_trial.html", d=None, given="", side="answer", fault="")


async def try_text(request: Request) -> Response:
    """`POST /rules/try`: put a text through the rules in force; nothing of it is kept."""
    form = await request.form()
    given, side = str(form.get("text", "")), str(form.get("side", "answer"))
    fault = _unusable(given, side)
    if fault:
        return render(
            request, "rule_trial.html", status=422, d=None, given=given[:LONGEST], side=side,
            fault=fault,
        )  # fmt: skip
    ruleset = _served(request).rules.current
    found = await asyncio.to_thread(found_in, given, ruleset.watching(Side(side)))
    guard = StreamGuard(ruleset.plan(Place(Side(side))))
    rules_asking = ruleset.plan(Place(Side(side))).judged
    inquiry = Inquiry(_served(request).judges, Side(side).value)
    judged = await opinions(given, rules_asking, inquiry)
    told = await asyncio.to_thread(rule_data.tried, given, found, guard, judged)
    return render(request, "rule_trial.html", d=told, given=given, side=side, fault="")


def _unusable(given: str, side: str) -> str:
    if side not in tuple(Side):
        return "Choose whose words they are."
    if not given.strip():
        return "Write a text to try."
    return f"The text is longer than {LONGEST} characters." if len(given) > LONGEST else ""


async def propose(request: Request) -> Response:
    """`POST /rules/propose`: ask for the release of a version."""
    rules, version, by = await _step(request)
    # A version that nobody kept is the form's fault; asked for further in, it would look like ours.
    await _rules_of(rules, version)
    await rules.propose(version, by)
    return _back(request)


async def withdraw(request: Request) -> Response:
    """`POST /rules/withdraw`: take the proposal back."""
    rules, version, by = await _step(request)
    await rules.withdraw(version, by)
    return _back(request)


async def release(request: Request) -> Response:
    """`POST /rules/release`: put into force what somebody else has proposed."""
    rules, version, by = await _step(request)
    await rules.release(version, by)
    return _back(request)


async def _step(request: Request) -> tuple[Rules, str, str]:
    form = await request.form()
    person = person_of(request)
    if person is None:
        raise HTTPException(403, "nobody is signed in")
    return _served(request).rules, str(form.get("version", "")), person.id


def _back(request: Request) -> Response:
    return RedirectResponse(url_of(request, "/rules"), 303)


ROUTES = (
    ConsoleRoute("/rules", rules, Permission.RULES, twin=True),
    ConsoleRoute("/rules/versions", versions, Permission.RULES, twin=True),
    ConsoleRoute("/rules/changes", changes, Permission.RULES, twin=True),
    ConsoleRoute("/rules/try", trial, Permission.TRY_RULES),
    ConsoleRoute("/rules/try", try_text, Permission.TRY_RULES, ("POST",)),
    ConsoleRoute("/rules/propose", propose, Permission.PROPOSE_RULES, ("POST",)),
    ConsoleRoute("/rules/withdraw", withdraw, Permission.PROPOSE_RULES, ("POST",)),
    ConsoleRoute("/rules/release", release, Permission.RELEASE_RULES, ("POST",)),
    ConsoleRoute("/rules/rule/{rule}", rule, Permission.RULES, twin=True),
)
