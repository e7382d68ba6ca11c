"""The figures of an assessment as plain data: what the page on a report shows and its twin says.

Every rate stands with its counts and its exact interval, written so that rounding moves no figure
to the other side of its bound. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kanhe.assess.clause import Clause, Signature
from kanhe.assess.comparison import Comparison
from kanhe.assess.fairness import Leaning, Swapped
from kanhe.assess.head import BankSeen, Head, JudgeSeen, PeopleSeen
from kanhe.assess.privacy import Leaking
from kanhe.assess.reliability import Steady
from kanhe.assess.results import Rate, Results, Tested
from kanhe.assess.robustness import Robust
from kanhe.assess.strength import Strength, Tally
from kanhe.console import shown
from kanhe.console.assess_words import KINDS, TARGETS, WAYS, said, slice_title, variant
from kanhe.judge.exact import Interval
from kanhe.law.regime import Source
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.report import rate_text
from kanhe.report.assessment_names import GROUNDS, ROLES, named
from kanhe.terms import Text

Risks = Mapping[str, Risk]


def head(one: Head) -> shown.Data:
    """Give how an assessment was made."""
    return {
        "run": one.run, "title": shown.text(one.title), "plan": one.plan[0],
        "plan_sha256": one.plan[1], "regime": one.regime, "version": one.version,
        "begun": shown.instant(one.begun), "ended": shown.instant(one.ended),
        "ended_by": one.ended_by, "lines": one.lines, "root": one.root, "money": one.money,
        "replayed": one.replayed,
        "asking": {"max_tokens": one.asking[0], "temperature": f"{one.asking[1]:g}",
                   "seed": one.asking[2]},
        "banks": [_bank(bank) for bank in one.banks],
        "targets": [{"route": said(TARGETS, each.route), "model": each.model, "by": each.by}
                    for each in one.targets],
        "judge": _judge(one.judge), "people": _people(one.people),
        "evidence": [{"tool": each.tool, "title": each.title, "sha256": each.sha256,
                      "rows": [{"name": name, "passed": passed, "n": n}
                               for name, passed, n in each.rows]} for each in one.evidence],
    }  # fmt: skip


def _bank(one: BankSeen) -> Json:
    return {
        "id": one.id, "title": shown.text(one.title), "version": one.version,
        "kind": said(KINDS, one.kind), "sha256": one.sha256, "updated": one.updated.isoformat(),
        "items": sum(one.items.values()), "drawn": sum(one.drawn.values()),
        "reviewers": one.reviewers,
        "findings": [{"weight": each.weight.value, "what": shown.text(each.what)}
                     for each in one.findings],
    }  # fmt: skip


def _judge(one: JudgeSeen | None) -> Json:
    if one is None:
        return None
    return {
        "name": one.name, "model": one.model, "hash": one.hash, "pinned": one.pinned,
        "threshold": f"{one.threshold:g}", "record": one.record or None,
        "refused": shown.texts(one.refused),
        "doubts": [{"code": code, "what": shown.text(what)} for code, what in one.doubts],
    }  # fmt: skip


def _people(one: PeopleSeen | None) -> Json:
    if one is None:
        return None
    return {
        "drawn": one.drawn, "judged": one.judged, "doubled": one.doubled, "agreed": one.agreed,
        "kappa": None if one.kappa is None else f"{one.kappa:.2f}",
        "alpha": None if one.alpha is None else f"{one.alpha:.2f}",
        "panel": one.panel, "open": one.open,
    }  # fmt: skip


def results(one: Results, risks: Risks) -> shown.Data:
    """Give all figures."""
    return {
        "conclusion": one.conclusion.value,
        "warnings": shown.texts(one.warnings),
        "tests": [_tested(each, risks) for each in one.tested],
        "robust": [
            {**_target(name), "variants": [_robust(each) for each in some],
             "any": _tally(one.any_variant[name]) if name in one.any_variant else None}
            for name, some in one.robust.items() if some
        ],
        "steady": [{**_target(name), **_steady(each)}
                   for name, each in one.steady.items() if each.tally.n],
        "leaning": [{**_target(name), "grounds": [_leaning(ground, each)
                                                  for ground, each in some.items()]}
                    for name, some in one.leaning.items() if some],
        "swaps": [{**_target(name), "groups": list(_swapped(some))}
                  for name, some in one.swaps.items() if some],
        "leaking": [{**_target(name), **_leaking(each)} for name, each in one.leaking.items()
                    if each.planted.n or each.open.n],
        "form": [{**_target(name), **_tally(each)} for name, each in one.malformed.items()
                 if each.n],
        "facts": [{**_target(name), **_tally(each)} for name, each in one.facts.items() if each.n],
        "routes": [{"kind": said(KINDS, kind), **compared(each)}
                   for kind, each in one.routes.items()],
        "failed": [{**_target(name), "codes": dict(codes)} for name, codes in one.failed.items()
                   if codes],
        "twice": one.twice,
    }  # fmt: skip


def _target(name: str) -> shown.Data:
    return {"target": name, "target_title": said(TARGETS, name)}


def _tested(one: Tested, risks: Risks) -> Json:
    demand = one.demand
    return {
        **_target(one.target), "kind": demand.kind.value, "kind_title": said(KINDS, demand.kind),
        "questions": demand.questions, "bound": rate_text.bound(demand.bound),
        "conclusion": one.conclusion.value, "why": shown.texts(one.why),
        "missing": [{"id": name, "title": slice_title(name, risks)} for name in one.missing],
        "rates": [_rate(each, risks) for each in one.rates],
    }  # fmt: skip


def _rate(one: Rate, risks: Risks) -> Json:
    corrected = None
    if one.corrected is not None:
        value, ends = one.corrected.of(one.whole.bound)
        corrected = {"value": None if value is None else f"{100 * value:.1f}%",
                     "span": rate_text.span(ends), "fits": one.corrected.fits}  # fmt: skip
    return {
        "way": one.way.value, "way_title": said(WAYS, one.way), "whole": strength(one.whole),
        "corrected": corrected,
        "slices": [{"id": name, "title": slice_title(name, risks), **strength(each)}
                   for name, each in one.slices.items()],
        "languages": [{"id": name, **_tally(each)} for name, each in one.languages.items()],
    }  # fmt: skip


def strength(one: Strength) -> shown.Data:
    """Give a rate against its bound; `needed`: about as many items would show it."""
    return {
        **_tally(one.tally), "rate": rate_text.rate(one), "span": rate_text.span(one.interval),
        "bound": rate_text.bound(one.bound), "meets": one.meets, "shown": one.shown.value,
        "too_few": one.too_few, "least": one.least, "needed": one.needed, "looks": one.looks,
    }  # fmt: skip


def _tally(one: Tally) -> shown.Data:
    return {"n": one.n, "passed": one.passed, "failed": one.failed, "unscored": one.unscored,
            "share": rate_text.of(one.passed, one.n)}  # fmt: skip


def _robust(one: Robust) -> Json:
    return {"variant": one.variant, "title": variant(one.variant), "passed": _tally(one.passed),
            "failed": _tally(one.failed), "span": rate_text.span(one.kept)}  # fmt: skip


def _steady(one: Steady) -> shown.Data:
    beyond = one.beyond_chance
    return {**_tally(one.tally), "span": rate_text.span(one.share), "same": one.same,
            "alpha": None if beyond is None else f"{beyond.value:.2f}",
            "wavering": list(one.wavering)}  # fmt: skip


def _leaning(ground: str, one: Leaning) -> Json:
    return {
        "ground": ground, "title": shown.text(named(GROUNDS, ground)), "n": one.n,
        "unreadable": one.unreadable,
        "right_without": {"n": one.right_without[1], "right": one.right_without[0]},
        "right_with": {"n": one.right_with[1], "right": one.right_with[0]},
        "bias_with": _score(one.bias_with), "bias_without": _score(one.bias_without),
    }  # fmt: skip


def _score(one: tuple[float, Interval] | None) -> Json:
    if one is None:
        return None
    return {"value": rate_text.score(one[0]), "span": rate_text.score_span(one[1])}


def _swapped(some: Mapping[str, Iterable[Swapped]]) -> Iterable[Json]:
    for ground, groups in some.items():
        for one in groups:
            yield {"ground": ground, "title": shown.text(named(GROUNDS, ground)),
                   "group": variant(one.group), **compared(one.change),
                   "p": rate_text.chance(one.p), "singled_out": one.singled_out}  # fmt: skip


def _leaking(one: Leaking) -> shown.Data:
    return {"planted": _tally(one.planted), "open": _tally(one.open),
            "span": rate_text.span(one.kept),
            "leaks": [{"probe": each.probe, "kind": each.kind, "certain": each.certain}
                      for each in one.leaks]}  # fmt: skip


def compared(one: Comparison) -> shown.Data:
    """Give two sides against each other, without the names of items."""
    return {
        "compared": one.compared, "gained": len(one.gained), "lost": len(one.lost),
        "apart": len(one.apart), "change": rate_text.points(one.change),
        "span": rate_text.points_span(one.bounds), "p": rate_text.chance(one.p),
        "worse": one.worse, "better": one.better,
    }  # fmt: skip


def clauses(some: Iterable[Clause], sources: Mapping[str, Source]) -> list[Json]:
    """Give what is found clause by clause, with its number in each edition."""
    return [
        {
            "obligation": one.obligation,
            "title": shown.text(one.title),
            "finding": one.finding.value,
            "numbers": [
                {"source": _source(each.source, sources), "clause": each.clause,
                 "mapped": each.mapped}
                for each in one.numbers
            ],
            "why": shown.texts(one.why),
            "evidence": list(one.evidence),
            "measured": one.measured,
        }
        for one in some
    ]  # fmt: skip


def _source(name: str, sources: Mapping[str, Source]) -> Json:
    found = sources.get(name)
    return shown.text(found.title if found else Text(name, name))


def signatures(some: Iterable[Signature]) -> list[Json]:
    """Give who signed the report."""
    return [
        {"role": one.role, "title": shown.text(named(ROLES, one.role)), "by": one.by,
         "at": shown.instant(one.at), "sha256": one.sha256, "entry": one.entry}
        for one in some
    ]  # fmt: skip
