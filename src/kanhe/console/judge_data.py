"""Judges, their records, and what rules demand of them, as plain data. Values only.

Rates are texts in per cent, so that a page and its twin say the same; none is told without its
interval, and what the rows cannot give is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from kanhe.adapters.judge_grounds import demands
from kanhe.adapters.judge_records import Entered, Kept, identities
from kanhe.console import shown
from kanhe.console.served import JudgeSeen
from kanhe.judge.admission import Admitted, admit
from kanhe.judge.bias import Bias, Gap, Named, gap, of_swaps
from kanhe.judge.category import UNSAFE, titled
from kanhe.judge.counts import Counts, Figure, figure
from kanhe.judge.port import JudgeId
from kanhe.judge.record import Record, of_category
from kanhe.judge.score import MILLION, slices
from kanhe.ledger.entry import Json
from kanhe.policy.judged_file import DEFAULT_JUDGE
from kanhe.policy.rule import Judged, Rule
from kanhe.terms import Text

FIGURES = ("sensitivity", "fpr", "precision", "f1", "balanced")


def judge(one: JudgeSeen, kept: Kept) -> shown.Data:
    """Give a judge with the newest record of it as it is, and the others that it has."""
    own = [entered for entered in kept.records if entered.record.judge.name == one.id.name]
    same = [entered for entered in own if entered.record.judge.hash == one.id.hash]
    newest = same[-1] if same else None
    rest = [entered for entered in reversed(own) if entered is not newest]
    return {
        "name": one.id.name,
        "model": one.id.model,
        "hash": one.id.hash,
        "pinned": one.id.pinned,
        "default": one.default,
        "ready": one.ready,
        "categories": [category(name) for name in sorted(one.categories)],
        "figures": dict(one.figures),
        "record": whole(newest) if newest else None,
        "others": [{**row(entered), "same": entered in same} for entered in rest],
    }


def category(name: str) -> Json:
    """Give a category with its title."""
    return {"id": name, "title": shown.text(titled(name))}


def row(entered: Entered) -> shown.Data:
    """Give a record in a line."""
    record = entered.record
    return {
        "digest": entered.digest,
        "entry": entered.index,
        "at": shown.instant(record.at),
        "part": record.part,
        "rows": record.counts.rows,
        "threshold": f"{record.threshold / MILLION:g}",
        "against": entered.against or None,
        **{name: rate(figure(name, record.counts)) for name in ("sensitivity", "fpr")},
    }


def whole(entered: Entered) -> shown.Data:
    """Give all figures of a record."""
    record, found = entered.record, entered.record.calibration
    sets = slices(record.cells, "set")
    told: shown.Data = {
        "chosen": None if record.chosen is None else record.chosen.aim,
        "all": figures(record.counts),
        "sets": [
            {"name": one.name, "sha256": one.sha256, **figures(sets.get(one.name, Counts()))}
            for one in record.sets
        ],
        "languages": [{"name": name, **figures(counts)}
                      for name, counts in slices(record.cells, "lang").items()],
        "calibration": {
            "ece": None if found.ece is None else _percent(found.ece),
            "brier": None if found.brier is None else f"{found.brier:.3f}",
            "tenths": [{"n": one.n, "unsafe": one.unsafe,
                        "said": _percent(one.sum / MILLION / one.n)}
                       for one in found.bins if one.n],
        },
        "bias": bias(record.bias),
        "micros": record.times.mean,
    }  # fmt: skip
    return row(entered) | told


def figures(counts: Counts) -> shown.Data:
    """Give the figures of some rows."""
    return {
        "rows": counts.rows, "unsafe": counts.unsafe, "safe": counts.safe,
        "without": counts.unscored + counts.failed,
        **{name: rate(figure(name, counts)) for name in FIGURES},
    }  # fmt: skip


def rate(found: Figure | None) -> Json:
    """Give a rate with its interval, in per cent; None where the rows do not give it."""
    if found is None:
        return None
    ends = found.interval
    return {"value": _percent(found.value), "low": _percent(ends.low), "high": _percent(ends.high),
            "n": found.n}  # fmt: skip


def bias(found: Bias) -> shown.Data:
    """Give what naming a group of people does."""
    swaps = of_swaps(found.swaps)
    return {
        "swaps": {"n": sum(one.n for one in swaps), "flagged": sum(one.flagged for one in swaps),
                  "plain": _named(found.plain), "gap": _gap(gap(swaps))} if swaps else None,
        "named": {"n": sum(one.n for one in found.named),
                  "flagged": sum(one.flagged for one in found.named),
                  "gap": _gap(gap(found.named))} if found.named else None,
    }  # fmt: skip


def _gap(found: Gap | None) -> Json:
    if found is None:
        return None
    return {"highest": _named(found.highest), "lowest": _named(found.lowest), "real": found.real,
            "low": _percent(found.bounds.low), "high": _percent(found.bounds.high),
            "pairs": found.pairs, "p": f"{found.p:.3g}"}  # fmt: skip


def _named(one: Named) -> Json:
    return {"identity": one.identity, "title": _people(one.identity), "n": one.n,
            "flagged": one.flagged}  # fmt: skip


def _people(identity: str) -> Json:
    """Give what a group is called; a record may name one that is not known here."""
    names = next((one.names for one in identities().groups if one.id == identity), None)
    return shown.text(Text(names["zh"][0], names["en"][0]) if names else Text(identity, identity))


def relying(
    rules: Iterable[Rule], ids: Sequence[JudgeSeen], records: Sequence[Record], now: datetime
) -> list[Json]:
    """Give each rule that asks a judge: what it demands, and by which record it may rely on it."""
    by_name = {one.id.name: one.id for one in ids}
    for one in ids:
        if one.default:
            by_name[""] = one.id
    return [
        _relying(rule, rule.matcher, by_name.get(rule.matcher.judge), records, now)
        for rule in rules
        if isinstance(rule.matcher, Judged)
    ]


def _relying(
    rule: Rule, asked: Judged, id: JudgeId | None, records: Sequence[Record], now: datetime
) -> shown.Data:
    found = [admit(id, demand, records, now) for demand in demands(asked)] if id else []
    return {
        "rule": rule.id,
        "title": shown.text(rule.title) if rule.title else None,
        "acts": rule.acts,
        "judge": id.name if id else asked.judge or DEFAULT_JUDGE,
        "over": [
            {
                "category": name,
                "title": shown.text(titled(name)),
                "least": f"{least:g}",
                "measured": _at(name or UNSAFE, least, id, records),
            }
            for name, least in asked.over
        ],
        "demands": asked.needs is not None,
        "records": sorted({one.digest for one in found if isinstance(one, Admitted)}),
        "lacking": [shown.text(reason) for reason in _reasons(found)],
    }


def _at(
    name: str, least: float, id: JudgeId | None, records: Sequence[Record]
) -> shown.Data | None:
    """Give how much is found at the very threshold of a rule; None where nobody measured it."""
    for record in reversed(records):
        at = record.thresholds.get(name, record.threshold)
        if id and record.judge.hash == id.hash and at == round(least * MILLION):
            counts = record.counts if name == UNSAFE else of_category(record, name)
            if counts.rows:
                return {one: rate(figure(one, counts)) for one in ("sensitivity", "fpr")}
    return None


def _reasons(found: Iterable[object]) -> Iterator[Text]:
    seen = {}
    for one in found:
        for reason in getattr(one, "reasons", ()):
            seen[reason.en] = reason
    yield from seen.values()


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"
