"""Intervals and tests for counts, right at any sample size: nothing leans on a normal curve.

Everything rests on one function, the regularised incomplete beta; scipy is its oracle in the tests
and is needed nowhere else. No interval has zero width: of n rows without an error one knows that
errors are rare, never that there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, fsum, lgamma, log, log1p, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
"""Two-sided coverage where nobody asks for another."""

_TINY, _CLOSE = 1e-300, 1e-16
_MOST_TERMS = 20_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends belong to it."""

    low: float
    high: float


def beta_cdf(a: float, b: float, x: float) -> float:
    """Give the regularised incomplete beta function I_x(a, b), with a, b > 0 and 0 ≤ x ≤ 1.

    Source: the continued fraction DLMF 8.17.22, evaluated by Lentz's method from its beginning.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    # The fraction converges quickly on one side of the mean; on the other, its mirror image does.
    if x > (a + 1) / (a + b + 2):
        return 1 - _below(b, a, 1 - x)
    return _below(a, b, x)


def _below(a: float, b: float, x: float) -> float:
    return exp(_log_front(a, b, x)) * _fraction(a, b, x) / a


def _log_front(a: float, b: float, x: float) -> float:
    """Log of x^a (1-x)^b / B(a, b)."""
    return lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)


def _fraction(a: float, b: float, x: float) -> float:
    front, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _off_zero(1 + step * d)
            front = _off_zero(1 + step / front)
            value *= front * d
        if abs(front * d - 1) < 4 * _CLOSE:
            return value
    raise ArithmeticError(f"I_{x}({a}, {b}) did not converge")


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def beta_quantile(p: float, a: float, b: float) -> float:
    """Give the x with I_x(a, b) = p, 0 < p < 1: Newton's steps, kept within a shrinking bracket."""
    low, high = 0.0, 1.0
    x = a / (a + b)
    for _ in range(200):
        off = beta_cdf(a, b, x) - p
        low, high = (low, x) if off > 0 else (x, high)
        density = exp(_log_front(a, b, x)) / (x * (1 - x))
        step = off / density if density > _TINY else 1.0
        nearer = x - step
        # Outside the bracket Newton's step is worth nothing; half of what is left always helps.
        nearer = nearer if low < nearer < high else (low + high) / 2
        if abs(nearer - x) <= 4 * _CLOSE * nearer:
            return nearer
        x = nearer
    return x


@lru_cache(maxsize=65_536)
def clopper_pearson(hits: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Give the exact interval of a proportion: it holds the true one at least as often as said.

    Args:
        hits: A count, 0 ≤ hits ≤ n.
        n: A count; of 0 nothing is known, and the interval is [0, 1].
        confidence: A fraction, 0 < confidence < 1.

    Raises:
        ValueError: One of them is out of its range.

    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404-413.
    """
    _check(hits, n, confidence)
    tail = (1 - confidence) / 2
    return Interval(_lower(hits, n, tail), 1 - _lower(n - hits, n, tail))


def _lower(hits: int, n: int, tail: float) -> float:
    if hits == 0:
        return 0.0
    if hits == n:
        return exp(log(tail) / n)
    return beta_quantile(tail, hits, n - hits + 1)


def wilson(hits: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Give Wilson's interval: shorter than the exact one, and right only on the average.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    _check(hits, n, confidence)
    if n == 0:
        return Interval(0.0, 1.0)
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    rate = hits / n
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # It touches 0 and 1 exactly; in floating point it can miss them by one ulp.
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    return Interval(low, 1.0 if hits == n else min(1.0, centre + half))


def difference(
    first: tuple[int, int], second: tuple[int, int], confidence: float = CONFIDENCE
) -> Interval:
    """Bound rate(first) - rate(second), each `(hits, n)` of rows that are not the same rows.

    Two exact intervals, each at half the error that is allowed: together they hold at least as
    often as said, whatever the rates.
    """
    each = (1 + confidence) / 2
    one, other = clopper_pearson(*first, each), clopper_pearson(*second, each)
    return Interval(one.low - other.high, one.high - other.low)


def fisher(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Give the two-sided p of Fisher's exact test that two `(hits, n)` have one rate.

    Sums every table that is no more likely than the one seen. 1 where one of them has no rows.
    """
    (hits, n), (others, m) = first, second
    _check(hits, n, CONFIDENCE)
    _check(others, m, CONFIDENCE)
    both = hits + others
    seen = _log_table(hits, n, m, both)
    # Equal tables differ in the last digits: without the allowance one of two would be left out.
    within = seen + 1e-9
    logs = (_log_table(k, n, m, both) for k in range(max(0, both - m), min(n, both) + 1))
    return min(1.0, fsum(exp(one) for one in logs if one <= within))


def _log_table(hits: int, n: int, m: int, both: int) -> float:
    return _log_choose(n, hits) + _log_choose(m, both - hits) - _log_choose(n + m, both)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def mcnemar(gained: int, lost: int) -> float:
    """Give the two-sided p of McNemar's exact test: the same rows looked at twice.

    Args:
        gained: Rows that came out right only the second time.
        lost: Rows that came out right only the first time.
    """
    if min(gained, lost) < 0:
        raise ValueError(f"{gained} and {lost} are no counts")
    n, fewer = gained + lost, min(gained, lost)
    return 1.0 if n == 0 else min(1.0, 2 * beta_cdf(n - fewer, fewer + 1, 0.5))


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjust p values for having looked so many times (Holm's step-down); their order stays."""
    adjusted, worst = [0.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = worst
    return tuple(adjusted)


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Bound the mean of what `values` are a sample of, by Student's t; numbers within [-1, 1].

    Of fewer than two, nothing is known. Values that do not differ say nothing of their spread:
    then the interval reaches as far as one value at the far end among n + 1 would have moved it.
    """
    n = len(values)
    if n < 2:
        return Interval(-1.0, 1.0)
    mean = fsum(values) / n
    spread = sqrt(fsum((one - mean) ** 2 for one in values) / (n - 1))
    x = beta_quantile(1 - confidence, (n - 1) / 2, 0.5)
    t = sqrt((n - 1) * (1 - x) / x)
    half = t * spread / sqrt(n) if spread > 1e-12 else 1 / (n + 1)
    return Interval(max(-1.0, mean - half), min(1.0, mean + half))


def _check(hits: int, n: int, confidence: float) -> None:
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no proportion: want 0 ≤ hits ≤ n")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is no fraction; 95 % is 0.95")
