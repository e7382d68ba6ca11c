"""Spans of days, and the two times of law: when it binds, and when one could know of it.

Arithmetic over dates. Half open: a span holds from its first day on and before its end, so that
two that follow each other neither overlap nor leave a day between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` on and before `end`; None is without bound.

    Raises:
        ValueError: It would end before it begins, or hold no day.
    """

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and self.end <= self.start:
            raise ValueError(f"it ends on {self.end}, not after its start on {self.start}")

    def holds(self, day: date) -> bool:
        """Say whether `day` is one of its days."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        """Say whether some day is in both."""
        return _before(self.start, other.end) and _before(other.start, self.end)


def _before(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start < end


ALWAYS = Period()
"""Every day."""


@dataclass(frozen=True, slots=True)
class Validity:
    """When something binds (`in_force`), and from when to when that was the state of knowledge.

    Law is asked with two days: what bound on day D, as one knew on day K. A change of a date that
    was announced is a second entry with another `in_force`, known from the announcement on; the
    first one is known until then.
    """

    in_force: Period = ALWAYS
    known: Period = ALWAYS

    def holds(self, day: date, known: date) -> bool:
        """Say whether it bound on `day`, as one knew on `known`."""
        return self.in_force.holds(day) and self.known.holds(known)

    def overlaps(self, other: Validity) -> bool:
        """Say whether both would answer one question."""
        return self.in_force.overlaps(other.in_force) and self.known.overlaps(other.known)
