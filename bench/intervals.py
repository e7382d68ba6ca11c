"""Our intervals beside those of Inspect and garak: how often they hold the true rate, how wide.

    python bench/intervals.py [--inspect PYTHON] [--garak PYTHON] [--write]

Nothing is drawn at random: coverage is summed over all that could have been counted. The others'
formulas are written anew here from their documentation and source; with --inspect and --garak (a
Python with inspect_ai 0.3.285, one with garak 0.17.1) their own functions are asked for the same
intervals, and the largest difference is told. A percentile bootstrap of passed-or-not has a limit
that needs no drawing: a resample of k in n is a binomial, so its ends are binomial quantiles. With
--write the tables go into docs/assess-figures.md, between their marks.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.stats

from kanhe.assess.correction import corrected
from kanhe.assess.strength import Tally
from kanhe.judge.counts import Flagged
from kanhe.judge.exact import clopper_pearson

PAGE = Path(__file__).parent.parent / "docs" / "assess-figures.md"
BEGIN, END = "<!-- intervals: bench/intervals.py -->", "<!-- /intervals -->"
SIZES = (20, 50, 100, 300, 1000, 4000)
RATES = (0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
ERROR = 0.05
BOUND = 0.9

binom = scipy.stats.binom
Ends = tuple[np.ndarray, np.ndarray]


def ours(n: int) -> Ends:
    """Clopper and Pearson's, exact: what Kanhe reports."""
    found = [clopper_pearson(hits, n) for hits in range(n + 1)]
    return np.array([one.low for one in found]), np.array([one.high for one in found])


def student(n: int) -> Ends:
    """Inspect's `ci()`: mean ± t · s / √n, with n − 1 degrees of freedom; not cut at 0 and 1."""
    rate = np.arange(n + 1) / n
    half = scipy.stats.t.ppf(1 - ERROR / 2, n - 1) * np.sqrt(rate * (1 - rate) / (n - 1))
    return rate - half, rate + half


def bootstrap(n: int) -> Ends:
    """Inspect's `ci(method="bootstrap")` and garak's: 2.5 and 97.5 % of resampled means."""
    hits = np.arange(n + 1)
    low, high = (binom.ppf(share, n, hits / n) / n for share in (ERROR / 2, 1 - ERROR / 2))
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def score(n: int) -> Ends:
    """Inspect's `ci_wilson()`."""
    z2, rate = scipy.stats.norm.ppf(1 - ERROR / 2) ** 2, np.arange(n + 1) / n
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


WAYS: dict[str, Callable[[int], Ends]] = {
    "Kanhe: exact": ours,
    "Inspect: t": student,
    "Inspect, garak: bootstrap": bootstrap,
    "Inspect: Wilson": score,
}


def coverage(ends: Ends, rate: float) -> float:
    """Chance that the interval holds a rate."""
    low, high = ends
    held = (low <= rate + 1e-12) & (rate - 1e-12 <= high)
    return float(binom.pmf(np.flatnonzero(held), len(low) - 1, rate).sum())


def least(ends: Ends) -> float:
    """Least coverage over the rates from 0.1 % to 99.9 %: it changes at ends of intervals only."""
    every = np.unique(np.concatenate([*ends, [0.001, 0.999]]))
    sides = np.concatenate([every - 1e-9, every + 1e-9])
    inside = np.unique(sides[(sides >= 0.001) & (sides <= 0.999)])
    low, high = np.maximum.accumulate(ends[0]), np.minimum.accumulate(ends[1][::-1])[::-1]
    first = np.searchsorted(high, inside)
    last = np.searchsorted(low, inside, side="right") - 1
    n = len(low) - 1
    return float((binom.cdf(last, n, inside) - binom.cdf(first - 1, n, inside)).min())


def width(ends: Ends, rate: float) -> float:
    """Mean width, as it is shown: cut at 0 and 1."""
    low, high = np.clip(ends, 0, 1)
    n = len(low) - 1
    return float(((high - low) * binom.pmf(np.arange(n + 1), n, rate)).sum())


def claims(ends: Ends) -> float:
    """Chance that a service at 90 % exactly is shown to be above: the interval begins above it."""
    low, _ = ends
    return float(binom.pmf(np.flatnonzero(low > BOUND + 1e-12), len(low) - 1, BOUND).sum())


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def percent(value: float) -> str:
    """Rounded down: 94.96 is no 95."""
    return f"{np.floor(value * 1000 + 1e-6) / 10:.1f}"


def tables() -> Iterator[str]:
    made = {name: {n: way(n) for n in SIZES} for name, way in WAYS.items()}
    yield "Least coverage over all true rates from 0.1 % to 99.9 %, in %; 95 is claimed:\n"
    yield from table(
        ["n", *WAYS], [[f"{n:,}", *(percent(least(made[name][n])) for name in WAYS)] for n in SIZES]
    )
    for rate in RATES:
        yield f"\nCoverage and mean width (in points) where the true rate is {rate * 100:g} %:\n"
        rows = [[f"{n:,}", *(f"{percent(coverage(made[name][n], rate))} · "
                             f"{width(made[name][n], rate) * 100:.1f}" for name in WAYS)]
                for n in SIZES]  # fmt: skip
        yield from table(["n", *WAYS], rows)
    yield "\nWhat is said when every item passed:\n"
    rows = [[f"{n:,} of {n:,}", *(_ends(made[name][n], n) for name in WAYS)] for n in SIZES]
    yield from table(["", *WAYS], rows)
    yield (
        "\nHow often a service at 90 % exactly is shown to be better, in %; an interval of 95 % "
        "may at most 2.5:\n"
    )
    rows = [[f"{n:,}", *(f"{claims(made[name][n]) * 100:.1f}" for name in WAYS)] for n in SIZES]
    yield from table(["n", *WAYS], rows)
    yield from judged()


def _ends(ends: Ends, hits: int) -> str:
    return f"[{max(0.0, ends[0][hits]) * 100:.2f}, {min(1.0, ends[1][hits]) * 100:.2f}]"


JUDGES = {"catches 95 %, alarms 5 %": (0.95, 0.05), "catches 80 %, alarms 10 %": (0.8, 0.1),
          "catches 60 %, no alarms": (0.6, 0.0)}  # fmt: skip


def judged() -> Iterator[str]:
    """A fallible judge, measured on 60 unsafe and 200 safe rows; what its correction is worth."""
    yield (
        "\nA fallible judge whose errors were measured on 60 unsafe and 200 safe rows, 95 % of "
        "answers good:\nhow often the corrected interval holds that, in %, and how wide it is, in "
        "points, where everything\ncomes out as expected. Kanhe's carries what is not known of the "
        "judge, at the price of its width;\ngarak's takes the measured errors for the true ones.\n"
    )
    rows = [
        [name, f"{n:,}", f"{percent(_carried(n, *judge))} · {_ours(n, *judge):.1f}",
         f"{percent(_plugged(n, *judge))} · {_theirs(n, *judge):.1f}"]
        for name, judge in JUDGES.items() for n in (100, 1000, 4000)
    ]  # fmt: skip
    yield from table(["judge", "n", "Kanhe", "garak"], rows)


def _ours(n: int, caught: float, alarms: float, unsafe: float = 0.05) -> float:
    flagged = round(n * (unsafe * caught + (1 - unsafe) * alarms))
    judge = Flagged(round(60 * caught), 60, round(200 * alarms), 200)
    found = corrected(Tally(n - flagged, flagged), judge).interval
    return (found.high - found.low) * 100


def _theirs(n: int, caught: float, alarms: float, unsafe: float = 0.05) -> float:
    flagged = round(n * (unsafe * caught + (1 - unsafe) * alarms))
    low, high = ((end[flagged] - alarms) / (caught - alarms) for end in bootstrap(n))
    return float(np.clip(high, 0, 1) - np.clip(low, 0, 1)) * 100


def _measured(caught: float, alarms: float) -> tuple[np.ndarray, ...]:
    some, all_ = np.arange(61), np.arange(201)
    chances = binom.pmf(some, 60, caught)[:, None] * binom.pmf(all_, 200, alarms)[None, :]
    return some, all_, chances


def _carried(n: int, caught: float, alarms: float, unsafe: float = 0.05) -> float:
    each = 1 - ERROR / 3
    _, _, chances = _measured(caught, alarms)

    def every(of: int) -> Ends:
        found = [clopper_pearson(hits, of, each) for hits in range(of + 1)]
        return np.array([one.low for one in found]), np.array([one.high for one in found])

    seen, catching, alarming = every(n), every(60), every(200)
    most = unsafe * catching[1][:, None] + (1 - unsafe) * alarming[1][None, :]
    fewest = unsafe * catching[0][:, None] + (1 - unsafe) * alarming[0][None, :]
    last = np.searchsorted(seen[0], most, side="right") - 1
    first = np.searchsorted(seen[1], fewest, side="left")
    flagging = unsafe * caught + (1 - unsafe) * alarms
    held = binom.cdf(last, n, flagging) - binom.cdf(first - 1, n, flagging)
    return float((chances * np.clip(held, 0, 1)).sum())


def _plugged(n: int, caught: float, alarms: float, unsafe: float = 0.05) -> float:
    some, all_, chances = _measured(caught, alarms)
    low, high = bootstrap(n)
    flagging = unsafe * caught + (1 - unsafe) * alarms
    seen = binom.pmf(np.arange(n + 1), n, flagging)
    total = 0.0
    for c in some:
        # Se + Sp − 1 below 0.01: garak leaves the rate as it is.
        tells = c / 60 - all_ / 200
        off = np.where(np.abs(tells) < 0.01, 0.0, all_ / 200)[:, None]
        by = np.where(np.abs(tells) < 0.01, 1.0, tells)[:, None]
        ends = np.clip([(low - off) / by, (high - off) / by], 0, 1)
        held = (ends.min(0) <= unsafe + 1e-12) & (unsafe - 1e-12 <= ends.max(0))
        total += float((chances[c] * (held * seen).sum(1)).sum())
    return total


POINTS = [(20, 20), (18, 20), (50, 50), (47, 50), (300, 300), (285, 300), (995, 1000), (900, 1000)]

INSPECT = """
import json, sys
from inspect_ai.scorer import SampleScore, Score, ci, ci_wilson
out = []
for hits, n in json.loads(sys.argv[1]):
    some = [SampleScore(score=Score(value=float(at < hits))) for at in range(n)]
    found = [way(some) for way in (ci(), ci(method="bootstrap", num_samples=4000), ci_wilson())]
    out.append([[one["lower"], one["upper"]] for one in found])
print(json.dumps(out))
"""
GARAK = """
import json, sys
from garak import _config
_config.load_base_config()
from garak.analyze.bootstrap_ci import calculate_bootstrap_ci
out = []
for hits, n in json.loads(sys.argv[1]):
    # garak bounds what went wrong, in percent.
    found = calculate_bootstrap_ci([1] * (n - hits) + [0] * hits, 1.0, 1.0)
    out.append(found and [[1 - found[1] / 100, 1 - found[0] / 100]])
print(json.dumps(out))
"""


def real(python: str, program: str) -> list[list[list[float]] | None]:
    done = subprocess.run([python, "-c", program, json.dumps(POINTS)], capture_output=True,
                          text=True, check=True, timeout=600)  # fmt: skip
    found: list[list[list[float]] | None] = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(inspect: str | None, garak: str | None) -> Iterator[str]:
    """Ask the packages themselves for the same intervals."""
    columns: dict[str, list[list[float] | None]] = {}
    formulas = {}
    if inspect:
        found = real(inspect, INSPECT)
        for at, (name, way) in enumerate(
            {"Inspect t": student, "Inspect bootstrap": bootstrap, "Inspect Wilson": score}.items()
        ):
            columns[name], formulas[name] = [one and one[at] for one in found], way
    if garak:
        columns["garak"] = [one and one[0] for one in real(garak, GARAK)]
        formulas["garak"] = bootstrap
    if not columns:
        return
    yield (
        "\nThe packages' own functions (inspect_ai 0.3.285, garak 0.17.1), in %; garak gives "
        "none below 30:\n"
    )
    rows = []
    for at, (hits, n) in enumerate(POINTS):
        mine = clopper_pearson(hits, n)
        told = [_pair(some[at]) for some in columns.values()]
        rows.append([f"{hits}/{n}", _pair([mine.low, mine.high]), *told])
    yield from table(["passed", "Kanhe", *columns], rows)
    yield ""
    for name, some in columns.items():
        off = max(
            abs(given - wanted[hits])
            for one, (hits, n) in zip(some, POINTS, strict=True) if one
            for given, wanted in zip(one, formulas[name](n), strict=True)
        )  # fmt: skip
        yield f"Largest difference of {name} from the formula used above: {off * 100:.2f} points."


def _pair(one: Sequence[float] | None) -> str:
    return f"[{one[0] * 100:.2f}, {one[1] * 100:.2f}]" if one else "none"


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--inspect", help="a Python that has inspect_ai")
    arguments.add_argument("--garak", help="a Python that has garak")
    arguments.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    given = arguments.parse_args()
    text = "\n".join([*tables(), *compared(given.inspect, given.garak)])
    if not given.write:
        print(text)
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
