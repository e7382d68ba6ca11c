"""Texts that are complete: the prompt, and an answer that does not stream.

The same guard looks at them as at a stream, fed once, so that a text is judged alike however it
travels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kanhe.gateway.escapes import EscapedGuard
from kanhe.gateway.surface import Spot
from kanhe.policy.rule import Finding
from kanhe.policy.ruleset import Plan
from kanhe.policy.stream import StreamGuard

PlanFor = Callable[[str], Plan]
"""From the name of a surface to the plan that looks at it."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding and the surface it was on."""

    surface: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing in the texts stops them. `changed` says that something was masked in place."""

    noticed: tuple[Noticed, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """A rule stops the texts. `before` is what stands before the finding, on its own surface."""

    by: Noticed
    noticed: tuple[Noticed, ...]
    before: str
    spot: Spot


def guard_for(plan: Plan, *, escaped: bool) -> StreamGuard:
    """Give a guard for one surface; `escaped` where the text on it is itself JSON."""
    return EscapedGuard(plan) if escaped else StreamGuard(plan)


def check(spots: Iterable[Spot], plan_for: PlanFor) -> Passed | Stopped:
    """Look at each text; mask in place what rules mask, stop at the first finding that stops."""
    noticed: list[Noticed] = []
    changed = False
    for spot in spots:
        if not spot.text:
            continue
        plan = plan_for(spot.surface)
        if not (plan.acting or plan.watching):
            continue
        guard = guard_for(plan, escaped=spot.escaped)
        first = guard.feed(spot.text)
        last = first if first.stopped_by else guard.finish()
        found = first.noticed if last is first else first.noticed + last.noticed
        noticed += [Noticed(spot.surface, finding) for finding in found]
        shown = first.text if last is first else first.text + last.text
        if last.stopped_by:
            by = Noticed(spot.surface, last.stopped_by)
            return Stopped(by, tuple(noticed), shown, spot)
        if shown != spot.text:
            spot.replace(shown)
            changed = True
    return Passed(tuple(noticed), changed)
