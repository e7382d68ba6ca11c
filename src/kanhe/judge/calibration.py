"""Whether probabilities mean what they say, what each threshold would do, and the choice of one.

Rows without an opinion have no probability and are left out here; `counts.py` holds them against
the judge. A threshold is chosen on rows that measure nothing else: the caller gives those only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kanhe.errors import RequestError
from kanhe.judge.score import MILLION, Scored, probability

BINS = 10
GRID = (1_000, 2_000, 5_000, *range(10_000, MILLION, 10_000), 995_000, 998_000, 999_000)
"""Thresholds of the sweep, in millionths: every hundredth, and finer at both ends."""

_AIM = re.compile(r"(fpr)<=(0?\.\d{1,6}|0|1)|(sensitivity)>=(0?\.\d{1,6}|0|1)|best=(f1|balanced)")


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose probability lies in one tenth: how many, their sum in millionths, how many unsafe.

    The last tenth holds 1 too.
    """

    n: int
    sum: int
    unsafe: int


@dataclass(frozen=True, slots=True)
class Point:
    """What flagging from `threshold` (in millionths) on would do: unsafe and safe rows flagged."""

    threshold: int
    tp: int
    fp: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """How probabilities and labels agree over one collection of rows.

    Attributes:
        bins: Ten, from low to high: the reliability table.
        squares: Sum of (probability - label)², in millionths, rounded once at the end.
        points: The sweep, from the lowest threshold.
        unsafe: Unsafe rows with an opinion.
        safe: Safe ones.
    """

    bins: tuple[Bin, ...]
    squares: int
    points: tuple[Point, ...]
    unsafe: int
    safe: int

    @property
    def brier(self) -> float | None:
        """Mean squared distance of probability and label; None without rows. 0 is best."""
        n = self.unsafe + self.safe
        return self.squares / MILLION / n if n else None

    @property
    def ece(self) -> float | None:
        """Expected calibration error over the ten bins, in [0, 1]; None without rows."""
        n = self.unsafe + self.safe
        if not n:
            return None
        return sum(abs(one.sum / MILLION - one.unsafe) for one in self.bins) / n

    @property
    def area(self) -> float | None:
        """Area below the ROC curve, drawn straight between the points; None with one label."""
        if not (self.unsafe and self.safe):
            return None
        ends = [(0, 0), *((one.fp, one.tp) for one in reversed(self.points)),
                (self.safe, self.unsafe)]  # fmt: skip
        twice = sum((x1 - x0) * (y1 + y0) for (x0, y0), (x1, y1) in pairwise(ends))
        return twice / (2 * self.unsafe * self.safe)


def calibration(scored: Iterable[Scored]) -> Calibration:
    """Look at all rows that have an opinion."""
    rows = list(_probabilities(scored))
    bins = [[0, 0, 0] for _ in range(BINS)]
    for p, unsafe in rows:
        here = bins[min(p * BINS // MILLION, BINS - 1)]
        here[0], here[1], here[2] = here[0] + 1, here[1] + p, here[2] + unsafe
    squares = sum((p - unsafe * MILLION) ** 2 for p, unsafe in rows)
    ranked = _Ranked(rows)
    points = tuple(Point(at, *ranked.flagged(at)) for at in GRID)
    return Calibration(
        tuple(Bin(*one) for one in bins), round(squares / MILLION), points,
        len(ranked.unsafe), len(ranked.safe),
    )  # fmt: skip


def _probabilities(scored: Iterable[Scored]) -> Iterator[tuple[int, bool]]:
    for one in scored:
        p = probability(one.answer)
        if p is not None:
            yield p, one.row.unsafe


class _Ranked:
    """Rows in the order of their probabilities, to count quickly what a threshold would flag."""

    def __init__(self, rows: Iterable[tuple[int, bool]]) -> None:
        ordered = sorted(rows)
        self.unsafe = [p for p, unsafe in ordered if unsafe]
        self.safe = [p for p, unsafe in ordered if not unsafe]

    def flagged(self, at: int) -> tuple[int, int]:
        tp = len(self.unsafe) - bisect_left(self.unsafe, at)
        return tp, len(self.safe) - bisect_left(self.safe, at)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a threshold is chosen for: a figure, and the bound that it has to keep.

    `figure` is `fpr` (at most `bound`), `sensitivity` (at least), `f1` or `balanced` (the best).
    """

    figure: str
    bound: float | None

    def __str__(self) -> str:
        if self.bound is None:
            return f"best={self.figure}"
        return f"{self.figure}{'<=' if self.figure == 'fpr' else '>='}{self.bound:g}"


def aim(text: str) -> Aim:
    """Read an aim: `fpr<=0.02`, `sensitivity>=0.9`, `best=f1`, `best=balanced`.

    Raises:
        RequestError: It is none.
    """
    read = _AIM.fullmatch(text.replace(" ", ""))
    if read is None:
        raise RequestError(
            f"{text!r} is nothing to choose a threshold by",
            advice="Write fpr<=0.02, sensitivity>=0.9, best=f1 or best=balanced.",
        )
    fpr, most, sensitivity, least, best = read.groups()
    if best:
        return Aim(best, None)
    return Aim(fpr or sensitivity, float(most or least))


def choose(wanted: Aim, scored: Sequence[Scored]) -> int:
    """Choose a threshold, in millionths, on these rows: those of the calibration part and no other.

    With a bound on `fpr` it is the lowest that keeps it, which catches most; with one on
    `sensitivity` the highest; with a best figure the highest that reaches it.

    Raises:
        RequestError: These rows cannot tell, or no threshold keeps the bound.
    """
    ranked = _Ranked(_probabilities(scored))
    needed = {"fpr": ranked.safe, "sensitivity": ranked.unsafe}.get(wanted.figure)
    if not (ranked.unsafe and ranked.safe if needed is None else needed):
        raise RequestError(
            f"no threshold can be chosen by {wanted}: the calibration part has "
            f"{len(ranked.unsafe)} unsafe and {len(ranked.safe)} safe rows with an opinion",
            advice="Give sets with rows of both kinds; their parts follow from `group`.",
        )
    # Between two neighbouring probabilities every threshold does the same: one of each is enough.
    every = {p for ps in (ranked.unsafe, ranked.safe) for p in ps}
    tried = sorted({*every, *(p + 1 for p in every)} - {0, MILLION + 1})
    return _chosen(wanted, ranked, tried)


def _chosen(wanted: Aim, ranked: _Ranked, tried: Sequence[int]) -> int:
    value = _VALUES[wanted.figure]
    unsafe, safe = len(ranked.unsafe), len(ranked.safe)

    def of(at: int) -> float:
        return value(*ranked.flagged(at), unsafe, safe)

    if wanted.bound is None:
        return max(tried, key=lambda at: (of(at), at))
    bound = wanted.bound
    if wanted.figure == "fpr":
        kept = [at for at in tried if of(at) <= bound]
    else:
        kept = [at for at in tried if of(at) >= bound][::-1]
    if not kept:
        raise RequestError(
            f"no threshold keeps {wanted} on these rows", advice="Ask for less, or mend the judge."
        )
    return kept[0]


# Without intervals, which `counts.figure` gives: here each of thousands of thresholds is tried.
_VALUES: Mapping[str, Callable[[int, int, int, int], float]] = {
    "fpr": lambda _tp, fp, _unsafe, safe: fp / safe,
    "sensitivity": lambda tp, _fp, unsafe, _safe: tp / unsafe,
    "f1": lambda tp, fp, unsafe, _safe: 2 * tp / (tp + fp + unsafe),
    "balanced": lambda tp, fp, unsafe, safe: (tp / unsafe + 1 - fp / safe) / 2,
}
