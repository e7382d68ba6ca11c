"""What changes from one set of rules to the next: for the eyes of the person who releases them.

Rules are compared by their id. Terms are compared as sets, because a list that was sorted anew has
not changed; and they are told, since only operators see a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from kanhe.policy.rule import Rule, Terms

_APART = ("id", "matcher")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about a rule that is otherwise than before; `what` is the name of its field."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A rule that stays under its id. Terms are in their order."""

    rule: Rule
    changes: tuple[Change, ...]
    terms_added: tuple[str, ...]
    terms_removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it. `moved` says that rules stand in another order, which breaks ties otherwise."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[Changed, ...]
    moved: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved)


def difference(before: Sequence[Rule], after: Sequence[Rule]) -> Difference:
    """Compare two sets of rules whose ids are each unique."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    both = [name for name in old if name in new]
    return Difference(
        tuple(rule for name, rule in new.items() if name not in old),
        tuple(rule for name, rule in old.items() if name not in new),
        tuple(one for name in new if name in old and (one := _changed(old[name], new[name]))),
        both != [name for name in new if name in old],
    )


def _changed(before: Rule, after: Rule) -> Changed | None:
    changes = tuple(_changes(before, after))
    old, new = _terms(before), _terms(after)
    added = tuple(term for term in new if term not in old)
    removed = tuple(term for term in old if term not in new)
    if changes or added or removed:
        return Changed(after, changes, added, removed)
    return None


def _changes(before: Rule, after: Rule) -> Iterator[Change]:
    for field in fields(Rule):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name not in _APART and old != new:
            yield Change(field.name, _plain(old), _plain(new))
    old_kind, new_kind = before.matcher, after.matcher
    if old_kind != new_kind and not (isinstance(old_kind, Terms) and isinstance(new_kind, Terms)):
        yield Change("match", _matcher(before), _matcher(after))


def _terms(rule: Rule) -> dict[str, None]:
    return dict.fromkeys(rule.matcher.terms) if isinstance(rule.matcher, Terms) else {}


def _matcher(rule: Rule) -> str:
    match rule.matcher:
        case Terms(terms):
            return f"{len(terms)} terms"
        case other:
            return str(other)


def _plain(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        return ", ".join(
            sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)
        )
    return "" if value is None else str(value)
