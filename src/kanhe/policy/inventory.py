"""What a ruleset holds, in numbers: terms by risk, rules by side, examples. Never a term itself.

Laws fix how many terms a library has and which risks it covers; these are the counts to hold
against them. Only rules that act count, since only they keep anything from anybody; terms only
of those that look at what everybody is told; and a term counts once, however it is dressed.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kanhe.policy.fold import DEFAULT, char_table
from kanhe.policy.rule import Mode, Rule, Side, Terms


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


def _is_for_all(rule: Rule) -> bool:
    scope = rule.scope
    narrow = scope.models or scope.applications
    return not narrow and (not scope.surfaces or "content" in scope.surfaces)
