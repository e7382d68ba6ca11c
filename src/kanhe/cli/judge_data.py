"""A judge's record as plain data, for `--json`: every figure with its interval, null where none."""

from __future__ import annotations

from kanhe.judge.bias import Bias, Gap, gap, of_swaps, singled_out
from kanhe.judge.counts import FIGURES, Counts, Figure, Reading, figure
from kanhe.judge.drift import Drift
from kanhe.judge.record import Record
from kanhe.judge.score import MILLION, By, Found, slices

_BY: tuple[By, ...] = ("all", "set", "lang", "kind", "category")


def document(record: Record, digest: str) -> dict[str, object]:
    """Give a record's figures as plain data, each with its interval; null where there is none."""
    return {
        "record": digest,
        "judge": {"name": record.judge.name, "model": record.judge.model,
                  "hash": record.judge.hash, "pinned": record.judge.pinned},
        "at": record.at.isoformat(),
        "part": record.part,
        "limit": record.limit,
        "thresholds": {name: at / MILLION for name, at in record.thresholds.items()},
        "chosen": record.chosen and {"aim": record.chosen.aim, "rows": record.chosen.rows},
        "sets": [{"name": one.name, "sha256": one.sha256, "rows": one.rows,
                  "measured": len(one.marks)} for one in record.sets],
        "figures": {by: {key: _figures(counts) for key, counts in slices(record.cells, by).items()}
                    for by in _BY},
        "found": {f"{one.category}/{one.lang}": _found(record, one) for one in record.found},
        "apart": {key: _figures(counts)
                  for key, counts in slices(record.apart, "category").items()},
        "calibration": {"ece": record.calibration.ece, "brier": record.calibration.brier,
                        "area": record.calibration.area,
                        "points": [[p.threshold / MILLION, p.tp, p.fp]
                                   for p in record.calibration.points]},
        "bias": _bias(record.bias),
        "micros": {"mean": record.times.mean, "p50": record.times.p50, "p95": record.times.p95,
                   "batch": record.times.batch},
    }  # fmt: skip


def _found(record: Record, one: Found) -> dict[str, object]:
    at = record.thresholds.get(one.category, record.threshold)
    return {"threshold": at / MILLION, **_figures(one.counts)}


def _figures(counts: Counts) -> dict[str, object]:
    told: dict[str, object] = {
        name: _plain(figure(name, counts)) for name in FIGURES
    }  # fmt: skip
    numbers = {"rows": counts.rows, "unsafe": counts.unsafe, "safe": counts.safe,
               "tp": counts.tp, "fn": counts.fn, "fp": counts.fp, "tn": counts.tn,
               "unscored": counts.unscored, "failed": counts.failed}  # fmt: skip
    if counts.unscored + counts.failed:
        for reading in (Reading.REFUSED, Reading.PASSED):
            told[reading] = {
                name: _plain(figure(name, counts, reading)) for name in ("sensitivity", "fpr")
            }
    return {**numbers, **told}


def _plain(found: Figure | None) -> object:
    if found is None:
        return None
    low, high = found.interval.low, found.interval.high
    return {"value": found.value, "low": low, "high": high, "n": found.n}


def _bias(bias: Bias) -> dict[str, object]:
    return {
        "swaps": [{"identity": one.identity, "lang": one.lang, "n": one.n, "flagged": one.flagged,
                   "shift": one.mean / MILLION, "low": one.low / MILLION,
                   "high": one.high / MILLION} for one in bias.swaps],
        "plain": {"n": bias.plain.n, "flagged": bias.plain.flagged},
        "named": [{"identity": one.identity, "n": one.n, "flagged": one.flagged}
                  for one in bias.named],
        "singled_out": {
            "swaps": [one.identity for one, _ in singled_out(of_swaps(bias.swaps))],
            "named": [one.identity for one, _ in singled_out(bias.named)],
        },
        "gap_swaps": _gap_data(gap(of_swaps(bias.swaps))),
        "gap_named": _gap_data(gap(bias.named)),
    }  # fmt: skip


def _gap_data(found: Gap | None) -> object:
    if found is None:
        return None
    return {"highest": found.highest.identity, "lowest": found.lowest.identity, "p": found.p,
            "low": found.bounds.low, "high": found.bounds.high, "pairs": found.pairs}  # fmt: skip


def drift_document(found: Drift, before: str, after: str) -> dict[str, object]:
    """Give what moved; `before` and `after` are the digests of the records."""
    return {
        "before": before,
        "after": after,
        "changed": found.changed,
        "same_hash": found.same_hash,
        "broken": found.broken,
        "figures": [{"figure": one.figure, "set": one.set or None, "n": one.n,
                     "before": one.before, "after": one.after, "gained": one.gained,
                     "lost": one.lost, "p": one.p, "moved": one.real} for one in found.moves],
    }  # fmt: skip
