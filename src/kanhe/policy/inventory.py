"""What a ruleset holds, in numbers: terms by risk, rules by side, examples, judged rules. No term.

Laws fix how many terms a library has and which risks it covers; these are the counts to hold
against them. Only rules that act count, since only they keep anything from anybody; terms only
of those that look at what everybody is told; and a term counts once, however it is dressed. Of
judged rules it says what they ask of whom: whether a judge is worth it stands in its record.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kanhe.ledger.entry import Json
from kanhe.policy.fold import DEFAULT, char_table
from kanhe.policy.rule import Judged, Leave, Mode, Otherwise, Rule, Side, Terms, Unit

MILLION = 1_000_000
_MOST = 30
"""Judged rules that are told apart: an entry of the ledger has an end, and 26 categories a rule."""


@dataclass(frozen=True, slots=True)
class Asking:
    """So many judged rules that ask the same.

    `over`: categories and thresholds, these in millionths, as records of judges have them.
    `for_all`: they look at what is said to every caller, by every model.
    """

    judge: str
    category: str
    over: tuple[tuple[str, int], ...]
    sides: tuple[Side, ...]
    unit: Unit
    leave: Leave
    otherwise: Otherwise
    acts: bool
    for_all: bool
    rules: int

    def facts(self) -> dict[str, Json]:
        """Give it as the ledger has it."""
        return {
            "judge": self.judge,
            "category": self.category,
            "over": dict(self.over),
            "sides": [side.value for side in self.sides],
            "unit": self.unit.value,
            "leave": self.leave.value,
            "otherwise": self.otherwise.value,
            "acts": self.acts,
            "for_all": self.for_all,
            "rules": self.rules,
        }


@dataclass(frozen=True, slots=True)
class Inventory:
    """The numbers of one ruleset; all of rules that act, but for `rules_shadow`."""

    terms_total: int
    """Distinct terms."""
    terms: Mapping[str, int]
    """Distinct terms by category."""
    lexicon: str
    """Hash of the terms with their categories: it changes when the library does."""
    lexicons: Mapping[str, str]
    """The same of each category, shortened."""
    rules_acting: int
    rules_shadow: int
    sides: Mapping[Side, int]
    """Rules that look at each side."""
    covers: Mapping[str, Mapping[Side, int]]
    """By category: rules that look at what is said on each side, for every model and caller."""
    examples: int
    """Examples of all rules; a ruleset in which one fails does not load."""
    rules_tested: int
    """Rules with an example that they must find."""
    rules_spared: int
    """Rules with an example that they must leave alone."""
    rules_judged: int
    """Rules that ask a judge; they have no examples, their judge has a record."""
    judged: tuple[Asking, ...]
    """What they ask, those that act first, and those that only watch, too; at most 30."""


def inventory(rules: Sequence[Rule], examples: Sequence[tuple[str, bool]]) -> Inventory:
    """Count. 100,000 terms take some tenths of a second.

    Args:
        rules: The rules of the ruleset.
        examples: For each example the id of its rule, and whether that must find something in it.
    """
    acting = [rule for rule in rules if rule.acts]
    terms = _terms(acting)
    names = {rule.id for rule in acting}
    tested = {rule for rule, must_match in examples if must_match} & names
    spared = {rule for rule, must_match in examples if not must_match} & names
    return Inventory(
        terms_total=len(set().union(*terms.values())),
        terms={category: len(some) for category, some in sorted(terms.items())},
        lexicon=_hash(terms),
        lexicons={one: _hash({one: terms[one]})[:_SHORT] for one in sorted(terms)},
        rules_acting=len(acting),
        rules_shadow=sum(rule.mode is Mode.SHADOW for rule in rules),
        sides={side: sum(side in rule.scope.sides for rule in acting) for side in Side},
        covers=_covers(acting),
        examples=len(examples),
        rules_tested=len(tested),
        rules_spared=len(spared),
        rules_judged=sum(isinstance(rule.matcher, Judged) for rule in acting),
        judged=_judged(rules),
    )


_SHORT = 16


def _terms(acting: Iterable[Rule]) -> dict[str, set[str]]:
    table = char_table(DEFAULT)
    found: dict[str, set[str]] = defaultdict(set)
    for rule in acting:
        if isinstance(rule.matcher, Terms) and _is_for_all(rule):
            # A library does not grow by writing its terms in capitals, or with dots in them, too:
            # one rule finds all of these. Of signs alone nothing is left; they stand as written.
            found[rule.category] |= {table.fold(term) or term for term in rule.matcher.terms}
    return found


def _hash(terms: Mapping[str, set[str]]) -> str:
    digest = hashlib.sha256()
    for category in sorted(terms):
        for term in (category, *sorted(terms[category]), ""):
            digest.update(term.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def _covers(acting: Iterable[Rule]) -> dict[str, dict[Side, int]]:
    counted: Counter[tuple[str, Side]] = Counter()
    for rule in acting:
        if _is_for_all(rule):
            counted.update((rule.category, side) for side in rule.scope.sides)
    categories = sorted({category for category, _ in counted})
    return {category: {side: counted[category, side] for side in Side} for category in categories}


def _judged(rules: Iterable[Rule]) -> tuple[Asking, ...]:
    counted = Counter(
        Asking(
            judge=rule.matcher.judge,
            category=rule.category,
            over=tuple((name, round(least * MILLION)) for name, least in rule.matcher.over),
            sides=tuple(side for side in Side if side in rule.scope.sides),
            unit=rule.matcher.unit,
            leave=rule.matcher.leave,
            otherwise=rule.matcher.otherwise,
            acts=rule.acts,
            for_all=_is_for_all(rule),
            rules=1,
        )
        for rule in rules
        if isinstance(rule.matcher, Judged)
    )
    grouped = [replace(one, rules=number) for one, number in counted.items()]
    return tuple(sorted(grouped, key=lambda one: (not one.acts, not one.for_all))[:_MOST])


def _is_for_all(rule: Rule) -> bool:
    scope = rule.scope
    narrow = scope.models or scope.applications
    return not narrow and (not scope.surfaces or "content" in scope.surfaces)
