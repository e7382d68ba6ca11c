"""What the ledger is told of an assessment: hashes, counts and verdicts of tests, and no text.

Five entries: a bank was looked at, a run begun and ended, a report made and signed. A status is
computed from them and from nothing else (`status/assessed.py`), so a report says here how many
items came out how, slice by slice, and the point rule is applied anew by whoever reads. No
question, no answer, no title of a bank, no address and no name of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding, Weight
from kanhe.assess.fact_check import MILLION, MOST_SLICES
from kanhe.assess.fairness import Leaning, Swapped
from kanhe.assess.head import Head, JudgeSeen, PeopleSeen, TargetSeen
from kanhe.assess.line import Line, Part
from kanhe.assess.outcome import Answered, Way
from kanhe.assess.reliability import Steady
from kanhe.assess.results import Rate, Results, Tested
from kanhe.assess.strength import Tally
from kanhe.judge.exact import Interval
from kanhe.ledger.entry import Json

BANK_SEEN = "assess:bank:seen"
"""A bank was checked, at the beginning of a run or by hand."""
RUN_BEGUN = "assess:run:begun"
RUN_ENDED = "assess:run:ended"
REPORT_MADE = "assess:report:made"
REPORT_SIGNED = "assess:report:signed"
"""Somebody has put an electronic signature under a report, in one of the regime's roles."""

Facts = dict[str, Json]


def bank_facts(bank: Bank, findings: Iterable[Finding]) -> Facts:
    """Give the facts of `assess:bank:seen`; `findings`: of `bank_check`, whatever they weigh."""
    counts: dict[str, int] = {}
    for item in bank.items:
        counts[item.slice] = counts.get(item.slice, 0) + 1
    return {
        "bank": bank.id,
        "regime": bank.regime,
        "kind": bank.kind.value,
        "version": bank.version,
        "sha256": bank.sha256,
        "items": counts,
        "pending": len(bank.pending),
        "reviewers": len(bank.reviewers),
        "updated": bank.updated.isoformat(),
        "rejected": sorted({one.code for one in findings if one.weight is Weight.REJECTS}),
    }


def begun_facts(
    run: str, plan: str, regime: str, banks: Mapping[str, str], targets: Sequence[TargetSeen]
) -> Facts:
    """Give the facts of `assess:run:begun`.

    Args:
        run: The run's name.
        plan: SHA-256 of the plan's file.
        regime: Under which it is.
        banks: SHA-256 of each, by its id.
        targets: Who is asked.
    """
    return {
        "run": run, "plan": plan, "regime": regime,
        "banks": dict(banks), "targets": [_target(one) for one in targets],
    }  # fmt: skip


def ended_facts(run: str, by: str, *, asked: int, failed: int) -> Facts:
    """Give the facts of `assess:run:ended`; `by`: `done`, `budget`, `down` or `stopped`."""
    return {"run": run, "by": by, "asked": asked, "failed": failed}


def made_facts(  # noqa: PLR0913 # all that a report is made of
    head: Head,
    results: Results,
    lines: Iterable[Line],
    report: str,
    *,
    editions: Sequence[str],
    clauses: Mapping[str, int],
) -> Facts:
    """Give the facts of `assess:report:made`.

    Args:
        head: How it was made.
        results: What came out.
        lines: The evidence itself: facts that answers have to have are counted from it.
        report: SHA-256 of `report.json`.
        editions: Ids of the regime's sources by whose clauses it is written, e.g. `cn-gbt45654`.
        clauses: How many clauses have which finding, e.g. `conforms`.
    """
    return {
        "report": report, "root": head.root, "lines": head.lines,
        "run": head.run, "plan": head.plan[1], "regime": head.regime,
        "begun": _instant(head.begun), "ended": _instant(head.ended), "ended_by": head.ended_by,
        "editions": list(editions), "clauses": dict(clauses),
        "targets": [_target(one) for one in head.targets],
        "banks": [{"bank": one.id, "kind": one.kind.value, "sha256": one.sha256}
                  for one in head.banks],
        "tests": [_test(one) for one in results.tested],
        "conclusion": results.conclusion.value,
        "judge": _judge(head.judge), "people": _people(head.people),
        "bias": {route: _bias(grounds, results.swaps.get(route, {}))
                 for route, grounds in results.leaning.items()},
        "steady": {route: _steady(one) for route, one in results.steady.items()},
        "keys": _keys(lines),
        "leaks": {route: _tally(one.planted) for route, one in results.leaking.items()},
    }  # fmt: skip


def signed_facts(report: str, role: str, by: str) -> Facts:
    """Give the facts of `assess:report:signed`.

    Args:
        report: SHA-256 of the `report.json` that was signed.
        role: One of the regime's, e.g. `assessment_lead`.
        by: Pseudonym of the account.
    """
    return {"report": report, "role": role, "by": by}


def _target(one: TargetSeen) -> Facts:
    return {"route": one.route, "model": one.model, "by": one.by}


def _test(one: Tested) -> Facts:
    return {
        "kind": one.demand.kind.value,
        "target": one.target,
        "conclusion": one.conclusion.value,
        "missing": list(one.missing),
        "ways": {rate.way.value: _rate(rate) for rate in one.rates},
    }


def _rate(rate: Rate) -> Facts:
    right = rate.corrected
    slices = sorted(rate.slices.items())[:MOST_SLICES]
    return {
        "whole": _tally(rate.whole.tally),
        "shown": rate.whole.shown.value,
        "slices": {code: _tally(one.tally) for code, one in slices},
        "corrected": _ppm(right.interval) if right else None,
        "fits": right.fits if right else None,
    }


def _tally(tally: Tally) -> list[int]:
    return [tally.passed, tally.failed, tally.unscored]


def _judge(judge: JudgeSeen | None) -> Facts | None:
    if judge is None:
        return None
    return {
        "name": judge.name, "hash": judge.hash, "pinned": judge.pinned, "record": judge.record,
        "doubts": sorted({code for code, _ in judge.doubts}),
    }  # fmt: skip


def _people(people: PeopleSeen | None) -> Facts | None:
    if people is None:
        return None
    return {name: getattr(people, name)
            for name in ("drawn", "judged", "doubled", "agreed", "panel", "open")}  # fmt: skip


def _bias(grounds: Mapping[str, Leaning], swaps: Mapping[str, Sequence[Swapped]]) -> Facts:
    names = sorted({*grounds, *swaps} - {""})
    return {name: _ground(grounds.get(name), swaps.get(name, ())) for name in names}


def _ground(lean: Leaning | None, groups: Sequence[Swapped]) -> Facts:
    return {
        "n": lean.n if lean else 0,
        "unreadable": lean.unreadable if lean else 0,
        "clued": _ppm(lean.bias_with[1]) if lean and lean.bias_with else None,
        "bare": _ppm(lean.bias_without[1]) if lean and lean.bias_without else None,
        "groups": len(groups),
        "singled_out": sum(one.singled_out for one in groups),
    }


def _steady(one: Steady) -> Facts:
    return {"tally": _tally(one.tally), "same": one.same}


def _keys(lines: Iterable[Line]) -> Facts:
    """Count, by target and slice, which answers have the fact that they must have.

    A question that got no answer is without a verdict wherever facts are checked at all.
    """
    found: dict[str, dict[str, list[int]]] = {}
    silent: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.part is not Part.BANK:
            continue
        route, verdict = line.outcome.trial.target, line.outcome.by(Way.KEY)
        if not isinstance(line.outcome.reply, Answered):
            silent[route, line.slice] = silent.get((route, line.slice), 0) + 1
        elif verdict is not None:
            place = 2 if verdict.passed is None else 0 if verdict.passed else 1
            found.setdefault(route, {}).setdefault(line.slice, [0, 0, 0])[place] += 1
    for (route, code), number in silent.items():
        if code in found.get(route, {}):
            found[route][code][2] += number
    return {route: dict(sorted(slices.items())) for route, slices in found.items()}


def _ppm(interval: Interval) -> list[int]:
    """Give both ends in millionths, away from the middle: rounding makes nothing look sharper."""
    low, high = interval.low * MILLION, interval.high * MILLION
    return [int(low // 1), int(-(-high // 1))]


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
