"""A ruleset, compiled: for each place where text stands, what has to look at it.

Rules that look alike (same folds, same scope, acting or only watching) share one automaton, so the
cost of a text does not depend on how many rules there are.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from kanhe.policy.fold import Fold, Folds, char_table
from kanhe.policy.inventory import Inventory, inventory
from kanhe.policy.judged_file import PROSE
from kanhe.policy.lexicon import Entry, Lexicon, compile_lexicon
from kanhe.policy.lexicon_store import (
    StoredGroup,
    groups_from_bytes,
    groups_to_bytes,
    lexicon_from_bytes,
    lexicon_key,
    lexicon_to_bytes,
    stored_key,
)
from kanhe.policy.pattern import compile_pattern
from kanhe.policy.recogniser import Recogniser
from kanhe.policy.rule import (
    Expression,
    Judged,
    JudgedRule,
    Place,
    Recognised,
    Rule,
    Scope,
    Side,
    Terms,
)
from kanhe.policy.scan import FAR, LexiconScanner
from kanhe.policy.spelling import View, view_of
from kanhe.policy.walk import PatternBank, PatternScanner, Watched

PATTERN_FOLDS: Folds = frozenset(
    {Fold.WIDTH, Fold.CASE, Fold.INVISIBLE, Fold.TRADITIONAL, Fold.LOOKALIKES}
)
"""Folds that a pattern can have: those that keep one character one, or drop it."""

RECOGNISER_FOLDS: Folds = frozenset({Fold.WIDTH, Fold.INVISIBLE})
"""What recognisers see through, whatever a rule asks for: their patterns are written for it."""

Scanner = LexiconScanner | PatternScanner


class Cache(Protocol):
    """Where compiled lexicons are kept between runs, by a key that names their content."""

    def get(self, key: str) -> bytes | None:
        """Give what was put under `key`, if it is still there and whole."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Keep `value`; a failure to keep it is no failure of the caller."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One automaton of a ruleset, where it looks, and whether its findings change anything."""

    scope: Scope
    acts: bool
    looks: Lexicon | PatternBank

    def scanner(self) -> Scanner:
        """Give a fresh walker for one text."""
        match self.looks:
            case Lexicon():
                return LexiconScanner(self.looks)
            case PatternBank():
                return PatternScanner(self.looks)


@dataclass(frozen=True, slots=True)
class Plan:
    """What looks at one place: parts that act, parts that watch, and the context they need."""

    rules: Sequence[Rule]
    not_before: Mapping[int, re.Pattern[str]]
    acting: tuple[Part, ...]
    watching: tuple[Part, ...]
    context: int
    """Characters before a finding that its decision may depend on."""
    judged: tuple[JudgedRule, ...] = ()
    """Rules that ask judges about what the parts let pass."""
    clean: dict[bytes, None] = field(default_factory=dict, compare=False)
    """Digests of texts in which this plan has found nothing; for whoever looks at texts again."""


class Ruleset:
    """Rules that are in force together, under one version.

    Args:
        name: What the operator calls it.
        label: The operator's own version text, shown beside the hash.
        version: Hash of everything the rules were read from; verdicts name it.
        rules: In the order of the file; the order breaks ties between findings.
        parts: From `compile_parts`.
        examples: For each example the id of its rule, and whether that must find something in it.
    """

    def __init__(  # noqa: PLR0913 # a record with one method
        self,
        *,
        name: str,
        label: str,
        version: str,
        rules: Sequence[Rule],
        parts: Sequence[Part],
        recognisers: Mapping[str, Recogniser],
        examples: Sequence[tuple[str, bool]] = (),
    ) -> None:
        self.name = name
        self.label = label
        self.version = version
        self.rules = tuple(rules)
        self._examples = tuple(examples)
        self._parts = tuple(parts)
        self._not_before = {
            number: neighbours
            for number, rule in enumerate(rules)
            if isinstance(rule.matcher, Recognised)
            and (neighbours := neighbour(recognisers[rule.matcher.name].not_before))
        }
        longest = max((len(p) for rule in rules for p in rule.unless_within), default=0)
        self._context = max(longest, FAR) + 8
        self._plans: dict[Place, Plan] = {}

    @cached_property
    def inventory(self) -> Inventory:
        """What it holds, in numbers; counting many terms takes a moment, once."""
        return inventory(self.rules, self._examples)

    def with_term(self, rule: Rule, term: str) -> Ruleset:
        """Give these rules and, behind them, one more that looks for one term.

        For trying the rules in force with a stand-in; the version stays theirs.
        """
        number = len(self.rules)
        view = view_of(term, rule.folds, fold_min=rule.fold_min, word=rule.word)
        lexicon = compile_lexicon(view, [Entry(term, number, split=False)])
        more = copy(self)
        more.rules = (*self.rules, rule)
        more._parts = (*self._parts, Part(rule.scope, rule.acts, lexicon))
        more._plans = {}
        return more

    def plan(self, place: Place) -> Plan:
        """Give what looks at `place`. Cheap: places are few and their plans are remembered."""
        known = self._plans.get(place)
        if known is None:
            here = [part for part in self._parts if part.scope.covers(place)]
            acting = tuple(part for part in here if part.acts)
            watching = tuple(part for part in here if not part.acts)
            judged = self._judged(place)
            known = Plan(self.rules, self._not_before, acting, watching, self._context, judged)
            if len(self._plans) > 10_000:
                self._plans.clear()  # an application name is the caller's to choose
            self._plans[place] = known
        return known

    def _judged(self, place: Place) -> tuple[JudgedRule, ...]:
        if place.surface not in PROSE:
            return ()
        return tuple(
            (rule, rule.matcher)
            for rule in self.rules
            if isinstance(rule.matcher, Judged) and rule.scope.covers(place)
        )

    def watching(self, side: Side) -> Plan:
        """Give all that ever looks at one side, acting rules too, as if none of them acted."""
        parts = tuple(part for part in self._parts if side in part.scope.sides)
        return Plan(self.rules, self._not_before, (), parts, self._context)


def neighbour(body: str) -> re.Pattern[str] | None:
    """Compile the body of a character class that a finding may not stand next to."""
    return re.compile(f"[{body}]") if body else None


Group = tuple[View, Scope, bool]
"""What terms have in common that are matched together: view, scope, whether they act."""


def compile_parts(
    rules: Sequence[Rule], recognisers: Mapping[str, Recogniser], cache: Cache | None = None
) -> list[Part]:
    """Group the matchers of `rules` and compile each group.

    Raises:
        RulesetError: A pattern is refused.
        KeyError: A recogniser does not exist; the loader has checked that.
    """
    return [*_lexicons(rules, cache), *_banks(rules, recognisers)]


def _banks(rules: Sequence[Rule], recognisers: Mapping[str, Recogniser]) -> Iterator[Part]:
    watched: dict[tuple[Folds, Scope, bool], list[Watched]] = defaultdict(list)
    for number, rule in enumerate(rules):
        match rule.matcher:
            case Terms() | Judged():
                pass
            case Expression(source):
                folds = rule.folds & PATTERN_FOLDS
                pattern = compile_pattern(source, char_table(folds).fold)
                watched[folds, rule.scope, rule.acts].append(Watched(pattern, number))
            case Recognised(name):
                one = _recognising(recognisers[name], number)
                watched[RECOGNISER_FOLDS, rule.scope, rule.acts].append(one)
    for (folds, scope, acts), some in watched.items():
        yield Part(scope, acts, PatternBank(folds, some))


def _recognising(recogniser: Recogniser, number: int) -> Watched:
    pattern = compile_pattern(recogniser.pattern)
    return Watched(pattern, number, neighbour(recogniser.not_after), recogniser.check)


def _lexicons(rules: Sequence[Rule], cache: Cache | None) -> Iterator[Part]:
    """Give the lexicons of `rules`, from the cache where they are there.

    The cache has one value for each set of rules, which names its lexicons, and one for each
    lexicon. So a start with nothing changed does not look at single terms at all, and a change in
    one rule compiles only the lexicons that have its terms.
    """
    key = _plan_key(rules)
    if cache and (planned := groups_from_bytes(cache.get(key))):
        kept = [lexicon_from_bytes(g.view, cache.get(g.key)) for g in planned]
        if all(kept):
            for group, lexicon in zip(planned, kept, strict=True):
                assert lexicon  # noqa: S101 # `all` has looked; for the type checker
                yield Part(rules[group.rule].scope, rules[group.rule].acts, lexicon)
            return
    groups = _grouped(rules)
    plan = []
    for (view, scope, acts), entries in groups.items():
        lexicon_name = lexicon_key(view, entries)
        plan.append(StoredGroup(view, entries[0].rule, lexicon_name))
        yield Part(scope, acts, _lexicon(lexicon_name, view, entries, cache))
    if cache:
        cache.put(key, groups_to_bytes(plan))


def _grouped(rules: Sequence[Rule]) -> dict[Group, list[Entry]]:
    groups: dict[Group, list[Entry]] = defaultdict(list)
    for number, rule in enumerate(rules):
        if not isinstance(rule.matcher, Terms):
            continue
        for term in rule.matcher.terms:
            view = view_of(term, rule.folds, fold_min=rule.fold_min, word=rule.word)
            split = Fold.SPLIT in rule.folds and view_has_length(term, rule, view)
            groups[view, rule.scope, rule.acts].append(Entry(term, number, split))
    return groups


def view_has_length(term: str, rule: Rule, view: View) -> bool:
    """Say whether `term` is long enough for the folds that cost precision."""
    longer = view_of(term, rule.folds | {Fold.PINYIN}, fold_min=rule.fold_min, word=view.word)
    return longer.latin


def _plan_key(rules: Sequence[Rule]) -> str:
    scopes: dict[tuple[Scope, bool], int] = {}
    facts = [
        (
            number,
            rule.matcher.terms,
            sorted(rule.folds),
            rule.fold_min,
            rule.word,
            scopes.setdefault((rule.scope, rule.acts), len(scopes)),
        )
        for number, rule in enumerate(rules)
        if isinstance(rule.matcher, Terms)
    ]
    return stored_key("plan", facts)


def _lexicon(key: str, view: View, entries: Sequence[Entry], cache: Cache | None) -> Lexicon:
    if cache and (lexicon := lexicon_from_bytes(view, cache.get(key))):
        return lexicon
    lexicon = compile_lexicon(view, entries)
    if cache:
        cache.put(key, lexicon_to_bytes(lexicon))
    return lexicon


def content_hash(pieces: Iterable[bytes]) -> str:
    """Give the version of a ruleset: SHA-256 over its files, each with its length before it."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()
