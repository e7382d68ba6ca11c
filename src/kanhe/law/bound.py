"""What binds: the duties of a regime on one day, as one knew them on another.

Two times and one question more: what would bind if a draft were law. A filter over values; whom a
duty binds is asked elsewhere (`scope`).
"""

from __future__ import annotations

from datetime import date

from kanhe.errors import RequestError
from kanhe.law.regime import Obligation, Regime


def bound(
    regime: Regime, day: date, known: date, as_if: str | None = None
) -> tuple[Obligation, ...]:
    """Give the duties that bind on `day`, as one knew on `known`, in the order of the regime.

    Duties of drafts and reports bind nobody. `as_if` names one of them: its duties are then given
    as well, and those that they became later (`changed_in`) are not. A source that binds anyway
    changes nothing. At most one version of a duty is given, which the loader sees to.

    Raises:
        RequestError: There is no source `as_if`.
    """
    supposed = _supposed(regime, as_if)
    holding = [one for one in regime.obligations if one.validity.holds(day, known)]
    became = {one.changed_in for one in holding if one.source == supposed}
    return tuple(
        one
        for one in holding
        if one.source == supposed or (_binds(regime, one.source) and one.id not in became)
    )


def _supposed(regime: Regime, as_if: str | None) -> str | None:
    if as_if is None or (as_if in regime.sources and _binds(regime, as_if)):
        return None
    if as_if not in regime.sources:
        drafts = [name for name in regime.sources if not _binds(regime, name)]
        raise RequestError(
            f"the regime {regime.id} has no source {as_if!r}",
            advice=f"Name a draft or a report: {', '.join(drafts) or 'it has none'}.",
        )
    return as_if


def _binds(regime: Regime, source: str) -> bool:
    return regime.sources[source].force.binds
