"""Decisions as the data that pages show and their twins say. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kanhe.console.shown import instant
from kanhe.gateway.decision import Decision, Kind, Noticed, Opinion
from kanhe.gateway.refusal import Notice
from kanhe.judge.category import titled
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.policy.rule import Action, Judged, Leave, Rule
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
        "judged": opinion(one.judged),
        "passed_unseen": any(found.judged and found.judged.why for found in one.noticed),
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
        "trails": _trails(rule) if one.judged else False,
        "told": _told(one, told),
    }


def opinion(one: Opinion | None) -> Json:
    """Give what a judge said: a category and its probability in per cent, or why there is none."""
    if one is None:
        return None
    known = one.permille is not None
    return {
        "judge": one.judge,
        "category": one.category,
        "category_title": _text(titled(one.category)),
        "probability": f"{(one.permille or 0) / 10:.1f}" if known else None,
        "why": one.why,
    }


def _trails(rule: Rule | None) -> bool | None:
    """Say whether text left before the verdict; None where the rule is not at hand."""
    if rule is None:
        return None
    return isinstance(rule.matcher, Judged) and rule.matcher.leave is Leave.TRAIL


def _told(one: Decision, told: Told) -> Json:
    """Give the words a person got, as the gateway makes them from rule, regime and settings."""
    if told.stated is None:
        return None
    rule = told.rule
    # Where nobody could look, the rule's own words would accuse: the gateway does not use them.
    speaks = rule is not None and rule.action is Action.ANSWER and not one.is_unchecked
    reply = rule.reply if rule and speaks else None
    notice = Notice(one.number, one.category, told.stated, told.object_to, reply)
    return {
        "notice": {"zh": notice.words("zh"), "en": notice.words("en")},
        "reply": {"zh": reply.zh, "en": reply.en} if reply else None,
        # The rule of that version is not at hand, so its own words, if it had any, are not either.
        "certain": rule is not None or one.is_unchecked or one.kind is Kind.TURNED_AWAY,
    }


def _text(told: Text) -> Json:
    return {"zh": told.zh, "en": told.en} if told.zh or told.en else None


def _noticed(one: Noticed) -> dict[str, Json]:
    return {"rule": one.rule, "action": one.action, "mode": one.mode, "surface": one.surface,
            "side": one.side, "folds": list(one.folds), "judged": opinion(one.judged)}  # fmt: skip
