"""What changed in the law between two days of knowledge: duties that came, went, or were moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kanhe.law.bound import bound
from kanhe.law.regime import Obligation, Regime


@dataclass(frozen=True, slots=True)
class Change:
    """One duty as it was known before and after; no versions: it was not known, or binds not."""

    id: str
    before: tuple[Obligation, ...]
    after: tuple[Obligation, ...]


def differences(
    regime: Regime, before: date, after: date, day: date | None = None
) -> tuple[Change, ...]:
    """Compare what one knew on two days, in the order of the regime.

    Args:
        regime: Whose duties; those of drafts and reports are left out.
        before: The day of knowledge that is compared.
        after: The one it is compared with.
        day: Only what binds on this day counts; None: everything that ever binds does.
    """
    was, is_ = _by_id(_known(regime, before, day)), _by_id(_known(regime, after, day))
    order = dict.fromkeys(one.id for one in regime.obligations)
    pairs = ((name, was.get(name, ()), is_.get(name, ())) for name in order)
    return tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])


def _known(regime: Regime, known: date, day: date | None) -> Iterable[Obligation]:
    if day is not None:
        return bound(regime, day, known)
    return (
        one
        for one in regime.obligations
        if one.validity.known.holds(known) and regime.sources[one.source].force.binds
    )


def _by_id(obligations: Iterable[Obligation]) -> dict[str, tuple[Obligation, ...]]:
    found: dict[str, tuple[Obligation, ...]] = {}
    for one in obligations:
        found[one.id] = (*found.get(one.id, ()), one)
    return found
