"""Rules, differences and findings as the data that pages show and their twins say. Values only.

Operators and auditors read this, so terms may be told; they are text of the operator's own and are
shown as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from kanhe.judge.category import titled
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.policy.difference import Changed, Difference
from kanhe.policy.fold import RISKY, char_table
from kanhe.policy.judged_file import DEFAULT_JUDGE
from kanhe.policy.rule import Expression, Finding, Judged, Needs, Otherwise, Recognised, Rule, Terms
from kanhe.policy.stream import StreamGuard
from kanhe.terms import Text

MOST_TERMS = 200
"""Terms of one rule that are told; the number of all of them stands beside."""

Findings = Mapping[tuple[str, str, str, str, str], int]
"""Counts by rule, category, action, mode and side, as the gateway's journal keeps them."""


def text(told: Text | None) -> Json:
    """Give a text in both languages."""
    return {"zh": told.zh, "en": told.en} if told and (told.zh or told.en) else None


def row(rule: Rule, risks: Mapping[str, Risk], findings: Findings) -> dict[str, Json]:
    """Give one line of the list of rules."""
    risk = risks.get(rule.category)
    return {
        "id": rule.id,
        "title": text(rule.title),
        "category": rule.category,
        "category_title": {"zh": risk.zh, "en": risk.en} if risk else None,
        "action": rule.action.value,
        "mode": rule.mode.value,
        "severity": rule.severity.value,
        "sides": sorted(side.value for side in rule.scope.sides),
        "looks_for": looks_for(rule),
        "terms": len(rule.matcher.terms) if isinstance(rule.matcher, Terms) else 0,
        "found": {
            side: sum(n for key, n in findings.items() if key[0] == rule.id and key[4] == side)
            for side in ("prompt", "answer")
        },
    }


def whole(rule: Rule, risks: Mapping[str, Risk], findings: Findings) -> dict[str, Json]:
    """Give everything about one rule."""
    return {
        **row(rule, risks, findings),
        "surfaces": sorted(rule.scope.surfaces),
        "models": list(rule.scope.models),
        "applications": list(rule.scope.applications),
        "folds": sorted(fold.value for fold in rule.folds),
        "fold_min": rule.fold_min,
        "word": rule.word,
        "unless_within": list(rule.unless_within),
        "mask": rule.mask if rule.action.value == "mask" else None,
        "reply": text(rule.reply),
        "notice": text(rule.notice),
        "must_match": list(rule.must_match),
        "must_miss": list(rule.must_miss),
        "matcher": matcher(rule),
    }


def looks_for(rule: Rule) -> str:
    """Name the kind of matcher: `terms`, `pattern` or `recogniser`."""
    match rule.matcher:
        case Terms():
            return "terms"
        case Expression():
            return "pattern"
        case Recognised():
            return "recogniser"
        case Judged():
            return "judge"


def matcher(rule: Rule) -> dict[str, Json]:
    """Give what the rule looks for."""
    match rule.matcher:
        case Terms(terms):
            return {"terms": list(terms[:MOST_TERMS]), "number": len(terms)}
        case Expression(source):
            return {"pattern": source}
        case Recognised(name):
            return {"recogniser": name}
        case Judged() as judged:
            return _judged(judged)


def _judged(judged: Judged) -> dict[str, Json]:
    return {
        "judge": judged.judge or DEFAULT_JUDGE,
        "over": {category: f"{least:g}" for category, least in judged.over},
        "titles": {category: text(titled(category)) for category, _ in judged.over},
        "unit": judged.unit.value,
        "leave": judged.leave.value,
        "wait_s": f"{judged.wait_s:g}",
        "otherwise": judged.otherwise.value,
        "needs": _needs(judged.needs) if judged.needs else None,
    }


def _needs(needs: Needs) -> dict[str, Json]:
    return {name: str(value) for name, value in asdict(needs).items() if value not in (None, False)}


def told(difference: Difference, risks: Mapping[str, Risk]) -> dict[str, Json]:
    """Give a difference between two versions."""
    return {
        "added": [whole(rule, risks, {}) for rule in difference.added],
        "removed": [row(rule, risks, {}) for rule in difference.removed],
        "changed": [_changed(one) for one in difference.changed],
        "moved": difference.moved,
    }


def _changed(one: Changed) -> dict[str, Json]:
    return {
        "id": one.rule.id,
        "title": text(one.rule.title),
        "changes": [{"what": c.what, "before": c.before, "after": c.after} for c in one.changes],
        "terms_added": list(one.terms_added[:MOST_TERMS]),
        "terms_removed": list(one.terms_removed[:MOST_TERMS]),
        "added": len(one.terms_added),
        "removed": len(one.terms_removed),
    }


def tried(
    given: str, found: Sequence[Finding], guard: StreamGuard, judged: Sequence[Finding] = ()
) -> dict[str, Json]:
    """Say what every rule finds in a text, and what its reader would be shown.

    Args:
        given: The text.
        found: What rules find that only watch, so that none of them hides another.
        guard: A fresh guard of the rules as they act.
        judged: What rules find that ask judges.
    """
    first = guard.feed(given)
    last = None if first.stopped_by else guard.finish()
    stopped_by = first.stopped_by or (last.stopped_by if last else None)
    shown = first.text + (last.text if last else "")
    if sooner := first_to_stop(judged, stopped_by):
        shown, stopped_by = given[: sooner.start], sooner
    return {
        "findings": [finding(given, one) for one in (*found, *judged)],
        "pieces": pieces(given, (*found, *judged)),
        "shown": shown,
        "stopped_by": stopped_by.rule.id if stopped_by else None,
    }


def first_to_stop(judged: Sequence[Finding], before: Finding | None) -> Finding | None:
    """Give the finding of a judge that stops a text before another finding does, if one does."""
    stopping = [one for one in judged if one.rule.acts and _stops(one)]
    first = min(stopping, key=lambda one: one.start, default=None)
    return None if first and before and before.end <= first.start else first


def _stops(one: Finding) -> bool:
    matcher = one.rule.matcher
    passes = isinstance(matcher, Judged) and matcher.otherwise is Otherwise.PASS
    return not (one.is_unchecked and passes)


def pieces(given: str, found: Sequence[Finding]) -> list[Json]:
    """Cut a text at the ends of its findings: each piece with the rules that found it."""
    ends = sorted({0, len(given), *(f.start for f in found), *(f.end for f in found)})
    cut: list[Json] = []
    for start, end in pairwise(ends):
        rules = sorted({f.rule.id for f in found if f.start <= start and end <= f.end})
        cut.append({"text": given[start:end], "rules": rules})
    return cut


def finding(given: str, found: Finding) -> dict[str, Any]:
    """Tell a finding in a text: the rule, what it would do, the range, and what it saw there."""
    rule, raw = found.rule, given[found.start : found.end]
    return {
        "rule": rule.id,
        "category": rule.category,
        "action": rule.action.value,
        "mode": rule.mode.value,
        "start": found.start,
        "end": found.end,
        "folds": list(found.folds),
        "text": raw,
        "seen": char_table(rule.folds - RISKY).fold(raw),
        "opinion": _opinion(found),
    }


def _opinion(found: Finding) -> dict[str, Json] | None:
    one = found.judged
    if one is None:
        return None
    percent = "" if one.why else f"{one.probability:.1%}"
    title = text(titled(one.category))
    return {"category": one.category, "title": title, "probability": percent, "why": one.why}
