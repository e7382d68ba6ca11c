"""What the relay keeps of one answer: its lines of text, and the names it has seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kanhe.gateway import surface as on
from kanhe.gateway.check import PlanFor, found_in
from kanhe.gateway.places import Wrap
from kanhe.gateway.wire import Json, names
from kanhe.policy.judged import Guard
from kanhe.policy.rule import Finding

_MOST_NAMES = 256
"""Names remembered of one answer: some servers send a new one with every event."""


@dataclass(slots=True)
class Line:
    """One surface of the stream."""

    surface: str
    guard: Guard
    name: str
    wrap: Wrap

    def field(self, text: str) -> Json:
        """Give a choice that carries `text` on this surface."""
        return self.wrap({self.name: text})


class Names:
    """The names in the events of one answer, each looked at once.

    Args:
        plan_for: Which plan looks at a surface.
        known: Names that are the operator's own words and need no look.
    """

    def __init__(self, plan_for: PlanFor, known: Iterable[str]) -> None:
        self._plan_for = plan_for
        self._known = set(known)

    def found(self, event: dict[str, Json]) -> Finding | None:
        """Look at each name of an event that has not been looked at before."""
        for name in names(event):
            if name not in self._known:
                if found := found_in(name, self._plan_for(on.OTHER)):
                    return found
                if len(self._known) < _MOST_NAMES:
                    self._known.add(name)
        return None
