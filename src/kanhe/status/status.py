"""The status of a service under a regime: for each duty how it stands, since when, by what.

Computed, never ticked: regime x picture of the ledger -> status. Pure, and the same for any day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kanhe.law.regime import Control, Obligation, Regime, Source
from kanhe.law.scope import Answers, Route
from kanhe.status.picture import Seen, Sound, Unsound
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Looked:
    """What one control said."""

    control: Control
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """How one duty stands.

    `reasons` stand here where no control was asked (it does not apply, a question is open); else
    they stand in `looked`. `changes`: numbers of the entries that recorded a change of standing.
    """

    obligation: Obligation
    source: Source
    standing: Standing
    reasons: tuple[Text, ...]
    looked: tuple[Looked, ...]
    since: datetime | None
    until: datetime | None
    changes: tuple[int, ...] = ()
    do: tuple[Action, ...] = ()
    """What to do next where no control was asked."""

    @property
    def why(self) -> tuple[Text, ...]:
        """All reasons, its own first, then those of the controls that decide how it stands."""
        return (*self.reasons, *(one for had in self._deciding for one in had.verdict.reasons))

    @property
    def because(self) -> tuple[Text, ...]:
        """Its own reasons, or all of the first control that stands as it does; never empty."""
        return self.reasons or self._deciding[0].verdict.reasons

    @property
    def evidence(self) -> tuple[int, ...]:
        """Entries of the ledger that show it, without doubles."""
        return tuple(dict.fromkeys(i for had in self.looked for i in had.verdict.evidence))

    @property
    def actions(self) -> tuple[Action, ...]:
        """What to do next, without doubles; first what changes how it stands."""
        told = (action for had in self._deciding for action in had.verdict.actions)
        return tuple(dict.fromkeys((*self.do, *told)))

    @property
    def _deciding(self) -> list[Looked]:
        """Give the controls, those first that stand as the duty does."""
        return sorted(self.looked, key=lambda had: had.verdict.standing is not self.standing)


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due: when, for which duties, and how that was computed, step by step."""

    title: Text
    at: datetime
    obligations: tuple[str, ...]
    how: tuple[Text, ...]
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The whole picture under one regime."""

    regime: Regime
    at: datetime
    """The instant that is asked about; aware."""
    day: date
    """Its day in the regime's zone: the law of that day."""
    known: date
    """The law of `day` as one knew it on this day."""
    as_if: str | None
    """A draft that is taken for law, if one is."""
    size: int
    """Entries of the ledger that were looked at."""
    soundness: Sound | Unsound
    answers: Answers
    routes: tuple[Route, ...]
    """What the service has to file for, by its answers."""
    lines: tuple[Line, ...]
    """Every duty that binds somebody on that day, in the order of the regime."""
    due: tuple[Due, ...]
    """Soonest first, overdue ones too."""
    answers_later: Seen | None = None
    """The entry of answers that came after `at`, where these decide what would have applied."""

    @property
    def lent(self) -> Text | None:
        """Say which later answers decide what would have applied, if any do."""
        if self.answers_later is None:
            return None
        seen = self.answers_later
        day = seen.at.astimezone(ZoneInfo(self.regime.zone)).date()
        zh = f"{day.year}年{day.month}月{day.day}日"
        return Text(
            f"是否适用，按后来（{zh}，条目 {seen.index}）的答复判断",
            f"What applies is decided by later answers: those of {day.day} {day:%B %Y}, entry "
            f"{seen.index}",
        )

    @property
    def counts(self) -> Mapping[Standing, int]:
        """How many duties stand how; every standing is there."""
        counted = Counter(line.standing for line in self.lines)
        return {standing: counted[standing] for standing in Standing}
