"""How rules and findings look on a terminal. Nothing is printed that a terminal could obey."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kanhe.console.rule_data import finding
from kanhe.policy.judged_file import DEFAULT_JUDGE
from kanhe.policy.pattern import compile_pattern
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Expression, Finding, Judged, Recognised, Rule, Terms


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader gets of a text, what ended it, and how many characters waited for its end."""

    text: str
    stopped_by: Finding | None
    held: int


def printable(text: str) -> str:
    """Give `text` with every character that is not drawn written as an escape."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def explained(text: str, found: Sequence[Finding], shown: Shown, *, as_json: bool) -> Iterator[str]:
    """Give the lines of `kanhe rules explain`; one line of JSON where that is asked for."""
    if as_json:
        stopped_by = shown.stopped_by.rule.id if shown.stopped_by else None
        findings = [_facts(text, one) for one in found]
        facts = {"findings": findings, "shown": shown.text, "held": shown.held}
        yield json.dumps(facts | {"stopped_by": stopped_by}, ensure_ascii=False)
        return
    if not found:
        yield "nothing matched"
    for one in found:
        facts = _facts(text, one)
        yield f"{facts['rule']}  {facts['category']}  {facts['action']}, {facts['mode']}"
        yield f"  characters {one.start} to {one.end}: {printable(str(facts['text']))}"
        yield f"  {_seen(one, facts)}"
    yield f"a reader is shown: {printable(shown.text) or 'nothing'}"
    if shown.stopped_by:
        yield f"and is stopped by {shown.stopped_by.rule.id}"
    else:
        yield f"held back until the text ended: {shown.held} characters"


def _seen(found: Finding, facts: dict[str, object]) -> str:
    judged = found.judged
    if judged is None:
        return f"folds: {', '.join(found.folds) or 'none'}; seen as: {facts['seen']}"
    if judged.why:
        return f"no opinion of the judge {judged.judge or DEFAULT_JUDGE}: {judged.why}"
    return f"the judge {judged.judge or DEFAULT_JUDGE}: {judged.category} {judged.probability:.1%}"


def _facts(text: str, found: Finding) -> dict[str, object]:
    told = finding(text, found)
    opinion = told["opinion"]
    if opinion and found.judged and not found.judged.why:
        # A number for programs; the console shows people a percentage.
        opinion = {**opinion, "probability": found.judged.probability}
    return {**told, "seen": printable(told["seen"]), "opinion": opinion}


def listed(rules: Sequence[Rule], *, as_json: bool) -> Iterator[str]:
    """Give the lines of `kanhe rules list`, one a rule."""
    every = [_row(rule) for rule in rules]
    if as_json:
        yield from (json.dumps(row, ensure_ascii=False) for row in every)
        return
    heads = ["rule", "category", "action", "mode", "terms", "longest"]
    table = [heads, *([str(row[head]) for head in heads] for row in every)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _row(rule: Rule) -> dict[str, object]:
    terms, longest = _size(rule)
    return {
        "rule": rule.id,
        "category": rule.category,
        "action": rule.action.value,
        "mode": rule.mode.value,
        "terms": terms,
        "longest": longest,
    }


def _size(rule: Rule) -> tuple[int, int]:
    match rule.matcher:
        case Terms(terms):
            return len(terms), max(map(len, terms))
        case Expression(source):
            return 0, compile_pattern(source).longest
        case Judged():
            return 0, 0
        case Recognised(name):
            return 0, compile_pattern(RECOGNISERS[name].pattern).longest
