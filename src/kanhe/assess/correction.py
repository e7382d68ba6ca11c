"""A rate as a fallible judge saw it, put right for how often the judge is wrong.

The point is Rogan and Gladen's. Its interval carries all three things that are not known, the rate
that was seen and the judge's sensitivity and specificity: each has its exact interval at a third of
the error allowed, and every true rate that some values within them could have made is in it. It
holds at least as often as it says (Bonferroni), at 0 % and 100 % too; and a judge that cannot tell
good from bad gives the whole of [0, 1], not a confident number.

It stands on one assumption, which it tests as far as it can: that the judge is as good here as on
the labelled rows. Where it flags more or less than such a judge ever could, `fits` is false.

Source: W. J. Rogan, B. Gladen, "Estimating prevalence from the results of a screening test",
American Journal of Epidemiology 107 (1978), 71-76.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanhe.assess.strength import Bound, Shown, Tally
from kanhe.judge.counts import Counts, Flagged
from kanhe.judge.exact import CONFIDENCE, Interval, clopper_pearson

_CLEAREST = 1e-9


@dataclass(frozen=True, slots=True)
class Corrected:
    """The rate of items that pass, put right.

    Attributes:
        rate: None where the judge tells nothing apart, or nothing was judged.
        interval: Of the true rate.
        fits: Whether a judge of this quality could have seen what was seen.
        judge: The labelled rows that its quality is known from.
    """

    rate: float | None
    interval: Interval
    fits: bool
    judge: Flagged

    def shown(self, bound: Bound) -> Shown:
        """Say what it shows of a bound; of one that does not fit, nothing."""
        if self.fits and self.interval.low >= bound.passing:
            return Shown.KEPT
        return Shown.BROKEN if self.fits and self.interval.high < bound.passing else Shown.OPEN

    def of(self, bound: Bound) -> tuple[float | None, Interval]:
        """Give rate and interval as the bound speaks of them."""
        if not bound.most:
            return self.rate, self.interval
        flipped = Interval(1 - self.interval.high, 1 - self.interval.low)
        return (None if self.rate is None else 1 - self.rate), flipped


def quality(counts: Counts) -> Flagged:
    """Give what is known of a judge's errors where it gave a verdict; the rest is unscored here."""
    return Flagged(counts.tp, counts.tp + counts.fn, counts.fp, counts.fp + counts.tn)


def turned(judge: Flagged) -> Flagged:
    """Give the same errors where to be flagged is to pass: a refusal that was asked for."""
    return Flagged(judge.safe - judge.alarms, judge.safe, judge.unsafe - judge.caught, judge.unsafe)


def corrected(tally: Tally, judge: Flagged, confidence: float = CONFIDENCE) -> Corrected:
    """Put a tally right for the judge that made it.

    Args:
        tally: `failed`: items that the judge flagged. Unscored ones may be either.
        judge: Of labelled rows, how many unsafe were caught and how many safe set off an alarm.
        confidence: Two-sided coverage.
    """
    each = 1 - (1 - confidence) / 3
    flagged = Interval(
        clopper_pearson(tally.failed, tally.n, each).low,
        clopper_pearson(tally.failed + tally.unscored, tally.n, each).high,
    )
    caught = clopper_pearson(judge.caught, judge.unsafe, each)
    alarms = clopper_pearson(judge.alarms, judge.safe, each)
    # Flagged = unsafe * caught + (1 - unsafe) * alarms, which rises with caught and with alarms: a
    # rate could have made what was seen if at their highest they reach it, and at their least do
    # not pass it.
    reached = _where(alarms.high - flagged.low, caught.high - flagged.low)
    kept = _where(flagged.high - alarms.low, flagged.high - caught.low)
    low, high = max(reached.low, kept.low), min(reached.high, kept.high)
    fits = low <= high
    interval = Interval(1 - high, 1 - low) if fits else Interval(0.0, 1.0)
    return Corrected(_point(tally, judge), interval, fits, judge)


def _where(first: float, last: float) -> Interval:
    """Give the rates in [0, 1] at which a line from `first` to `last` is not below 0."""
    if first < 0 and last < 0:
        return Interval(1.0, 0.0)  # nowhere: it begins after its end
    if first >= 0 and last >= 0:
        return Interval(0.0, 1.0)
    crosses = first / (first - last)
    return Interval(crosses, 1.0) if first < 0 else Interval(0.0, crosses)


def _point(tally: Tally, judge: Flagged) -> float | None:
    scored = tally.passed + tally.failed
    if not (scored and judge.unsafe and judge.safe):
        return None
    alarms = judge.alarms / judge.safe
    tells = judge.caught / judge.unsafe - alarms
    if tells <= _CLEAREST:
        return None
    return 1 - min(1.0, max(0.0, (tally.failed / scored - alarms) / tells))
