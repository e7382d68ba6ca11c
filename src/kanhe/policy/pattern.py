r"""Bounded regular expressions, walked along a stream one character at a time.

A pattern has a longest match, or it is refused: what has no bound could hold a whole answer back.
Every place where a pattern fits counts, however the quantifiers are written: the walker keeps all
ways of matching alive at once (Thompson's construction), so it knows, after each character, which
findings are complete and where the earliest unfinished one begins. No backtracking, no rescan, and
no dependence on how the text was cut.

Refused, with what to write instead: `*`, `+` and `{m,}`; look-around; back-references; `^`, `$`
and `\b` (a word boundary means nothing in Chinese: rules have `boundary`, recognisers name their
neighbours).
"""

from __future__ import annotations

# The standard library's own parser, so that a pattern means here what it means there. It is not a
# public name; tests/test_pattern.py compares with `re.fullmatch`, and would notice a change.
import re
import re._constants as op
import re._parser as parser
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kanhe.errors import RulesetError

Accepts = Callable[[str], bool]
Fold = Callable[[str], str]
Node = Any
"""A piece of the standard library's parse tree, which has no types."""

_MOST_STATES = 4000
_CATEGORY: dict[Any, Accepts] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
_NEIGHBOURS = "Match the neighbours too, or use `unless_within`."
_SPELLED = "Spell the alternatives out."
_INSTEAD = {
    op.AT: ("^, $ or \\b", "Use the rule's `boundary`; it knows that Chinese has none."),
    op.ASSERT: ("look-around", _NEIGHBOURS),
    op.ASSERT_NOT: ("look-around", _NEIGHBOURS),
    op.GROUPREF: ("a back-reference", _SPELLED),
    op.GROUPREF_EXISTS: ("a conditional group", _SPELLED),
    op.ATOMIC_GROUP: ("an atomic group", "Use a plain group."),
    op.POSSESSIVE_REPEAT: ("a possessive repeat", "Use {m,n}."),
}


@dataclass(slots=True)
class _Net:
    """The pattern as a net of states: characters lead on, and some states are joined without one.

    State 0 is the beginning; `joins[s]` are reached from s for nothing.
    """

    steps: list[list[tuple[Accepts, int]]] = field(default_factory=lambda: [[]])
    joins: list[list[int]] = field(default_factory=lambda: [[]])

    def state(self) -> int:
        if len(self.steps) >= _MOST_STATES:
            raise RulesetError(
                f"the pattern unfolds to more than {_MOST_STATES} states",
                advice="Lower the numbers in its repeats; nested repeats multiply.",
            )
        self.steps.append([])
        self.joins.append([])
        return len(self.steps) - 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. `moves(s, c)` are the states that character c leads to from state s."""

    source: str
    longest: int
    """Length in characters of the longest text that one finding can cover."""
    accepting: frozenset[int]
    growing: frozenset[int]
    """States from which some character leads on."""
    _first: tuple[int, ...]
    _steps: Sequence[Sequence[tuple[Accepts, int]]]
    _closed: Sequence[tuple[int, ...]]
    _moves: dict[tuple[int, str], tuple[int, ...]] = field(default_factory=dict)

    def begin(self, char: str) -> tuple[int, ...]:
        """Give the states after `char` as the first character of a finding."""
        return self.moves(-1, char)

    def moves(self, state: int, char: str) -> tuple[int, ...]:
        """Give the states after `char`, from `state`; remembered, since few pairs occur."""
        key = (state, char)
        known = self._moves.get(key)
        if known is None:
            if len(self._moves) > 100_000:
                self._moves.clear()
            known = self._moves[key] = tuple(self._look(state, char))
        return known

    def _look(self, state: int, char: str) -> Iterable[int]:
        sources = self._first if state < 0 else self._closed[state]
        reached = {to for s in sources for accepts, to in self._steps[s] if accepts(char)}
        return sorted(reached)


def compile_pattern(source: str, fold: Fold = str) -> Pattern:
    """Compile `source`; `fold` is applied to its literal characters, as it is to the text.

    Raises:
        RulesetError: It is no regular expression, or has no bound, or asks for what is refused.
    """
    tree = _parsed(source)
    _refuse_flags(tree.state.flags & ~re.UNICODE)
    low, high = tree.getwidth()
    if high >= op.MAXREPEAT:
        raise RulesetError(
            f"pattern {source!r} has no bound: a finding could be of any length",
            advice="Write {0,n} instead of *, {1,n} instead of +, {m,n} instead of {m,}.",
        )
    if high > _MOST_STATES:
        raise RulesetError(
            f"a finding of pattern {source!r} could have {high} characters, over {_MOST_STATES}",
            advice="Lower the numbers in its repeats: all of it would have to be held back.",
        )
    if low == 0:
        raise RulesetError(
            f"pattern {source!r} matches nothing at all",
            advice="At least one character of it must not be optional.",
        )
    net = _Net()
    ends = _build(net, tree, [0], fold)
    closed = [tuple(_closure(net, s)) for s in range(len(net.steps))]
    accepting = frozenset(s for s in range(len(net.steps)) if set(closed[s]) & set(ends))
    growing = frozenset(s for s in range(len(closed)) if any(net.steps[to] for to in closed[s]))
    return Pattern(source, high, accepting, growing, closed[0], net.steps, closed)


def _parsed(source: str) -> Node:
    try:
        return parser.parse(source, 0)
    except (parser.error, OverflowError) as error:
        raise RulesetError(
            f"pattern {source!r} is no regular expression: {error}",
            advice="Escape signs that mean themselves with a backslash.",
        ) from error


def _refuse_flags(flags: int) -> None:
    if flags:
        raise RulesetError(
            "a pattern cannot have flags such as (?i) or (?s:…)",
            advice="Use the rule's `folds`; `case` is one of them.",
        )


def _closure(net: _Net, state: int) -> set[int]:
    seen, todo = {state}, [state]
    while todo:
        for to in net.joins[todo.pop()]:
            if to not in seen:
                seen.add(to)
                todo.append(to)
    return seen


def _build(net: _Net, tree: Node, starts: list[int], fold: Fold) -> list[int]:
    """Add `tree` after the states `starts`; give the states it ends in."""
    for what, value in tree:
        starts = _add(net, what, value, starts, fold)
    return starts


def _add(net: _Net, what: Node, value: Node, starts: list[int], fold: Fold) -> list[int]:
    if what is op.LITERAL:
        for char in fold(chr(value)):
            starts = _consume(net, starts, char.__eq__)
        return starts
    if what in (op.NOT_LITERAL, op.ANY, op.IN):
        return _consume(net, starts, _class(what, value, fold))
    if what is op.SUBPATTERN:
        _refuse_flags(value[1] | value[2])
        return _build(net, value[-1], starts, fold)
    if what is op.BRANCH:
        return [end for branch in value[1] for end in _build(net, branch, starts, fold)]
    if what in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _repeat(net, value, starts, fold)
    name, advice = _INSTEAD.get(what, (str(what).lower(), "Write it otherwise."))
    raise RulesetError(f"a pattern cannot have {name}", advice=advice)


def _consume(net: _Net, starts: list[int], accepts: Accepts) -> list[int]:
    to = net.state()
    for start in starts:
        net.steps[start].append((accepts, to))
    return [to]


def _repeat(net: _Net, value: Node, starts: list[int], fold: Fold) -> list[int]:
    least, most, tree = value
    ends = list(starts) if least == 0 else []
    for done in range(1, int(most) + 1):
        # One state to stand on, so that a body with several ends does not multiply them.
        here = net.state()
        for start in starts:
            net.joins[start].append(here)
        starts = _build(net, tree, [here], fold)
        if done >= least:
            ends += starts
    return ends


def _class(what: Node, value: Node, fold: Fold) -> Accepts:
    if what is op.ANY:
        return lambda c: c != "\n"
    if what is op.NOT_LITERAL:
        banned = set(fold(chr(value)))
        return lambda c: c not in banned
    tests = [_member(kind, item, fold) for kind, item in value if kind is not op.NEGATE]
    negated = value[0][0] is op.NEGATE
    return lambda c: any(test(c) for test in tests) is not negated


def _member(kind: Node, item: Node, fold: Fold) -> Accepts:
    if kind is op.LITERAL:
        wanted = set(fold(chr(item))) | {chr(item)}
        return wanted.__contains__
    if kind is op.RANGE:
        low, high = map(chr, item)
        if fold("A") == "A":
            return lambda c: low <= c <= high
        # A folded text has lost its capitals: A-Z has to accept what A to Z fold to.
        return lambda c: low <= c <= high or low <= c.upper() <= high
    return _CATEGORY[item]
