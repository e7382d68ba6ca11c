"""How rates, intervals and chances are written, so that rounding never changes what they say.

89.96 % is not "90.0 %" beside a bound of 90 %: digits are added until the figure stands on the side
of the bound on which it is. Ends of intervals are rounded outwards, chances upwards.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, log10

from kanhe.assess.strength import Bound, Strength
from kanhe.judge.exact import Interval

_MOST = 6
# A float that stands for 0.9 is a little more or less; so little is no reason to round outwards.
_SLACK = 1e-9


def share(value: Fraction, beside: Fraction | None = None) -> str:
    """Write a share of [0, 1] as a percentage, on its own side of `beside`."""
    for digits in range(1, _MOST):
        rounded = Fraction(round(value * 100, digits)) / 100
        if beside is None or value == beside or _side(rounded, beside) == _side(value, beside):
            break
    return f"{float(value * 100):.{digits}f}%"


def _side(value: Fraction, beside: Fraction) -> int:
    return (value > beside) - (value < beside)


def rate(found: Strength) -> str:
    """Write a rate as its bound speaks of it; of no items there is none."""
    tally, bound = found.tally, found.bound
    if not tally.n:
        return "—"
    hits = tally.n - tally.passed if bound.most else tally.passed
    return share(Fraction(hits, tally.n), bound.share)


def of(hits: int, n: int) -> str:
    """Write a share of counts."""
    return share(Fraction(hits, n)) if n else "—"


def bound(one: Bound) -> str:
    """Write a bound: `≥ 90%`, `≤ 5%`."""
    return f"{'≤' if one.most else '≥'} {float(one.share) * 100:.6g}%"


def span(one: Interval) -> str:
    """Write an interval of shares, rounded outwards."""
    low, high = floor((one.low + _SLACK) * 1000) / 10, ceil((one.high - _SLACK) * 1000) / 10
    return f"{max(low, 0.0):.1f}%–{min(high, 100.0):.1f}%"


def points(value: float) -> str:
    """Write a change of a share in percentage points."""
    return f"{value * 100:+.1f}".replace("-", "\N{MINUS SIGN}")


def points_span(one: Interval) -> str:
    """Write the bounds of a change in percentage points, rounded outwards."""
    low, high = floor((one.low + _SLACK) * 1000) / 1000, ceil((one.high - _SLACK) * 1000) / 1000
    return f"{points(low)} … {points(high)}"


def score(value: float) -> str:
    """Write a score of [-1, 1]."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def score_span(one: Interval) -> str:
    """Write the ends of an interval of scores, rounded outwards."""
    low, high = floor((one.low + _SLACK) * 100) / 100, ceil((one.high - _SLACK) * 100) / 100
    return f"{score(low)} … {score(high)}"


def chance(p: float) -> str:
    """Write a p value: to two digits, rounded upwards, so that none looks smaller than it is."""
    if p < 1e-4:
        return "p < 0.0001"
    digits = 1 - floor(log10(p)) if p < 1 else 2
    scale = 10**digits
    return f"p = {min(ceil(p * scale - _SLACK) / scale, 1.0):.{digits}f}"
