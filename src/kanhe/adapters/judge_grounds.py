"""What a ruleset may know of judges: which there are, what they look for, and what was measured.

A rule that demands something of its judge loads only if a record of that very judge shows it: one
that the ledger commits to, or the one that is shipped with the embedded judge. The demand is looked
at when rules are loaded; a judge that drifts later stays, since a rule that is gone guards nobody,
and the status tells of it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kanhe.adapters.judges import Judges
from kanhe.errors import Fault, FaultyRuleset
from kanhe.judge.admission import Needs as Demand
from kanhe.judge.admission import Refused, admit
from kanhe.judge.category import UNSAFE
from kanhe.judge.port import JudgeId
from kanhe.judge.record import Record
from kanhe.policy.judged_file import DEFAULT_JUDGE
from kanhe.policy.rule import Judged, Needs, Rule
from kanhe.policy.ruleset_file import Loaded

USUAL = Path("kanhe-data")
"""Where commands look by themselves."""


class Unmet(Fault):
    """A demand that no record meets. It quotes figures and never a term: a log may hold it."""

    __slots__ = ()


class Grounds:
    """The judges of a service, as rules may rely on them.

    Args:
        judges: Those of the settings.
        records: Gives what was measured and may be believed; called only if a rule demands it.
        clock: Aware.
        data: The data directory that advice names, where it is not the usual one.
    """

    def __init__(
        self,
        judges: Judges,
        records: Callable[[], Sequence[Record]],
        clock: Callable[[], datetime],
        data: Path | None = None,
    ) -> None:
        self._judges, self._records, self._clock = judges, records, clock
        self._where = "" if data in {None, USUAL} else f" --data {shlex.quote(str(data))}"

    @property
    def categories(self) -> Mapping[str, Collection[str]]:
        """What each judge looks for, by its name; the default one's is empty."""
        return {name: sorted(queue.categories) for name, queue in self._judges.queues.items()}

    def demanded(self, loaded: Loaded) -> frozenset[str]:
        """Name the judges of which rules demand something; the default one's name is empty."""
        return frozenset(
            rule.matcher.judge
            for rule in loaded.rules
            if isinstance(rule.matcher, Judged) and rule.matcher.needs
        )

    def require(self, loaded: Loaded) -> None:
        """Hold the demands of rules against the records.

        Raises:
            FaultyRuleset: A judge does not meet what a rule demands of it.
        """
        demanding = [rule for rule in loaded.rules if _needs(rule)]
        if demanding:
            records, ids = self._records(), self._judges.ids
            faults = [f for rule in demanding for f in self._faults(loaded, rule, records, ids)]
            if faults:
                raise FaultyRuleset(faults)

    def _faults(
        self, loaded: Loaded, rule: Rule, records: Sequence[Record], ids: Mapping[str, JudgeId]
    ) -> Iterator[Fault]:
        matcher = rule.matcher
        assert isinstance(matcher, Judged)  # noqa: S101 # `_needs` has looked
        file, _, line = loaded.places.get(rule.id, ":0").rpartition(":")
        at = loaded.needs.get(rule.id, int(line))
        for demand in demands(matcher):
            found = admit(ids[matcher.judge], demand, records, self._clock())
            if isinstance(found, Refused):
                name = matcher.judge or DEFAULT_JUDGE
                why = "; ".join(reason.en for reason in found.reasons)
                what = f"the judge {name!r} does not meet what the rule needs: {why}"
                advice = (
                    f"Measure it at these thresholds: {self._command(matcher, ids)}. Or lower "
                    f"`needs` in line {at}, and answer for it."
                )
                yield Unmet(file, at, rule.id, what, advice)

    def _command(self, matcher: Judged, ids: Mapping[str, JudgeId]) -> str:
        at = " ".join(f"--threshold {category}={least:g}" for category, least in matcher.over)
        judge = ids[matcher.judge].name
        return f"kanhe judge measure {judge} --set FILE {at}{self._where}"


def demands(matcher: Judged) -> Iterator[Demand]:
    """Give what a rule demands of its judge, for each of its categories and thresholds."""
    needs = matcher.needs
    if needs is None:
        return
    for category, least in matcher.over:
        yield Demand(
            sensitivity=needs.sensitivity,
            fpr=needs.false_positives,
            f1=needs.f1,
            rows=needs.rows,
            by="point" if needs.point else "interval",
            of=category if category else UNSAFE,
            threshold=least,
            days=needs.days,
        )


def _needs(rule: Rule) -> Needs | None:
    return rule.matcher.needs if isinstance(rule.matcher, Judged) else None
