"""Decisions as the data that pages show and their twins say. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kanhe.console.shown import instant
from kanhe.gateway.decision import Decision, Kind, Noticed
from kanhe.gateway.refusal import Notice
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.policy.rule import Action, Rule
from kanhe.terms import Text

NOTICES = frozenset({Kind.STOPPED, Kind.REFUSED, Kind.TURNED_AWAY})
"""Ends at which a person is told something."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a person was told: by which rule, in whose words, and where to object."""

    rule: Rule | None
    stated: Text | None
    object_to: str


def row(one: Decision) -> dict[str, Json]:
    """Give one line of the list."""
    return {
        "number": one.number,
        "kind": one.kind.value,
        "at": instant(one.at),
        "rule": one.rule,
        "category": one.category,
        "severity": one.severity,
        "surface": one.surface,
        "side": "answer" if one.kind is Kind.STOPPED else "prompt",
        "folds": list(one.folds),
        "app": one.app,
        "model": one.model,
        "released": one.released,
        "entries": list(one.entries),
    }


def whole(one: Decision, told: Told, risks: Mapping[str, Risk]) -> dict[str, Json]:
    """Give all that is known about a decision, and what its person was told."""
    risk = risks.get(one.category)
    rule = told.rule
    return {
        **row(one),
        "begun": one.begun,
        "ended": one.ended,
        "ended_at": instant(one.ended_at),
        "path": one.path,
        "user": one.user,
        "ruleset": one.ruleset,
        "category_title": {"zh": risk.zh, "en": risk.en} if risk else None,
        "rule_title": _text(rule.title) if rule else None,
        "length": one.length,
        "noticed": [_noticed(each) for each in one.noticed],
        "code": one.code,
        "suspended_until": one.suspended_until,
        "commitment": one.commitment,
        "tokens_saved": one.tokens_saved,
        "unseen": list(one.unseen),
        "told": _told(one, told),
    }


def _told(one: Decision, told: Told) -> Json:
    """Give the words a person got, as the gateway makes them from rule, regime and settings."""
    if told.stated is None:
        return None
    rule = told.rule
    reply = rule.reply if rule and rule.action is Action.ANSWER else None
    notice = Notice(one.number, one.category, told.stated, told.object_to, reply)
    return {
        "notice": {"zh": notice.words("zh"), "en": notice.words("en")},
        "reply": {"zh": reply.zh, "en": reply.en} if reply else None,
        # The rule of that version is not at hand, so its own words, if it had any, are not either.
        "certain": rule is not None or one.kind is Kind.TURNED_AWAY,
    }


def _text(told: Text) -> Json:
    return {"zh": told.zh, "en": told.en} if told.zh or told.en else None


def _noticed(one: Noticed) -> dict[str, Json]:
    return {"rule": one.rule, "action": one.action, "mode": one.mode, "surface": one.surface,
            "side": one.side, "folds": list(one.folds)}  # fmt: skip
