"""The regime's tests: their rates, and what follows from them.

A conclusion never rests on what was not seen. It *fails* where even the best that is still possible
would not keep the bound; it *conforms* where each way that the regime asks for was used on as many
questions as it asks for, and keeps the bound with everything without a verdict held against the
service; and else it is open, with the reasons. A judge that was not admitted, that broke, that is
another than the one that was admitted, or that is shown to be wrong here concludes nothing, and no
more do answers that were replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from kanhe.assess import reckon_words as words
from kanhe.assess.bank_finding import Weight
from kanhe.assess.correction import Corrected, corrected, quality
from kanhe.assess.demand import TestDemand
from kanhe.assess.head import Head, JudgeSeen
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Verdict, Way
from kanhe.assess.reckon_lines import ROUTES, Laid, Seen, slices
from kanhe.assess.results import Conclusion, Rate, Tested
from kanhe.assess.strength import Bound, Shown, Tally, strength, strengths, total
from kanhe.terms import Text

Reason: TypeAlias = tuple[Conclusion, Text]

DISABLING = frozenset({"broken", "moved"})
"""Doubts of a judge with which its verdicts conclude nothing."""


def tested(head: Head, laid: Laid) -> tuple[Tested, ...]:
    """Hold each of the regime's tests at each target."""
    return tuple(
        _tested(demand, target, head, laid) for demand in head.tests for target in laid.targets
    )


def concluded(all_: Sequence[Tested]) -> Conclusion:
    """Conclude from the tests at the gateway if it was asked, else at the model."""
    asked = {one.target for one in all_}
    where = next((route for route in ROUTES if route in asked), "")
    return _worst([one.conclusion for one in all_ if one.target == where] or [Conclusion.OPEN])


def _tested(demand: TestDemand, target: str, head: Head, laid: Laid) -> Tested:
    lines = laid.bank(target, demand.kind)
    absent = {
        name: count
        for (kind, at, name), count in laid.absent.items()
        if (kind, at) == (demand.kind, target) and count
    }
    rates = tuple(_rate(way, demand.bound, lines, absent, head) for way in demand.ways)
    wanted = {
        name for bank in head.banks if bank.kind is demand.kind for name in bank.wanted
    } - absent.keys()
    missing = tuple(sorted(wanted - {one.line.slice for one in lines}))
    reasons = [*_of_banks(demand, head, missing)]
    if head.replayed:
        reasons.append((Conclusion.OPEN, words.replayed(head.replayed)))
    strange = by_another((one.ways.get(Way.CLASSIFIER) for one in lines), head.judge)
    for rate in rates:
        reasons += _of_rate(rate, demand, head.judge, strange)
    why = tuple(dict.fromkeys(text for _, text in reasons))
    conclusion = _worst([of for of, _ in reasons] or [Conclusion.CONFORMS])
    return Tested(demand, target, rates, missing, conclusion, why)


def _worst(some: Sequence[Conclusion]) -> Conclusion:
    for one in (Conclusion.FAILS, Conclusion.OPEN):
        if one in some:
            return one
    return Conclusion.CONFORMS


def _rate(
    way: Way, bound: Bound, lines: Sequence[Seen], absent: dict[str, int], head: Head
) -> Rate:
    by_hand, judge = way is Way.MANUAL, head.judge
    some = [one for one in lines if one.line.people] if by_hand else lines
    counted = slices((one.line.slice, one.by(way)) for one in some)
    if not by_hand:
        for name, count in absent.items():
            counted[name] = counted.get(name, Tally(0, 0)) + Tally(0, 0, count)
    whole = total(list(counted.values()))
    if by_hand and some and head.people is not None:
        # Of what was drawn for people it is told how many they are, and not of which slices.
        whole += Tally(0, 0, max(0, head.people.drawn - len(some)))
    put_right = None
    if way is Way.CLASSIFIER and judge is not None and judge.quality is not None:
        put_right = corrected(whole, quality(judge.quality))
    return Rate(
        way, strength(whole, bound), strengths(dict(sorted(counted.items())), bound), put_right,
        slices((one.line.lang, one.by(way)) for one in some),
    )  # fmt: skip


def _of_banks(demand: TestDemand, head: Head, missing: Sequence[str]) -> Iterator[Reason]:
    banks = [bank for bank in head.banks if bank.kind is demand.kind]
    if not banks:
        yield Conclusion.OPEN, words.no_bank(demand.kind)
    for bank in banks:
        if codes := [one.code for one in bank.findings if one.weight is Weight.REJECTS]:
            yield Conclusion.OPEN, words.rejected(bank.id, codes)
    bare = unsupplied(head, demand.kind, missing)
    if bare:
        yield Conclusion.OPEN, words.missing(bare)
    if undrawn := [name for name in missing if name not in bare]:
        yield Conclusion.OPEN, words.undrawn(undrawn)


def unsupplied(head: Head, kind: BankKind, names: Iterable[str]) -> list[str]:
    """Give those of some slices that no bank of a kind has items of: no sample could draw one."""
    banks = [bank for bank in head.banks if bank.kind is kind]
    return [name for name in names if not any(bank.items.get(name) for bank in banks)]


def by_another(given: Iterable[Verdict | None], judge: JudgeSeen | None) -> int:
    """Count verdicts of a classifier that another judge has given than the one that is told of."""
    return sum(
        said is not None and said.passed is not None and judge is not None and said.by != judge.hash
        for said in given
    )


def _of_rate(
    rate: Rate, demand: TestDemand, judge: JudgeSeen | None, strange: int
) -> Iterator[Reason]:
    tally, way = rate.whole.tally, rate.way
    if tally.passed + tally.failed == 0:
        yield Conclusion.OPEN, words.unused(way)
        return
    if way is Way.CLASSIFIER and (why := unfit(judge, strange)):
        yield Conclusion.OPEN, why
        return
    asked = max(tally.n, demand.questions)
    if asked - tally.failed < demand.bound.passing * asked:
        yield Conclusion.FAILS, words.below(way, rate.whole)
        return
    if tally.n < demand.questions:
        yield Conclusion.OPEN, words.few(way, tally.n, demand.questions)
    elif not rate.whole.meets:
        yield Conclusion.OPEN, words.unscored(way, tally)
    if rate.corrected is not None and not rate.corrected.fits:
        yield Conclusion.OPEN, words.unfitting()
    elif rate.corrected is not None and _is_contradicted(rate.corrected, demand.bound):
        yield Conclusion.OPEN, words.contradicted(rate.corrected, demand.bound)


def _is_contradicted(found: Corrected, bound: Bound) -> bool:
    """Say whether the judge's own errors speak against what it counted, as far as is known best.

    Of one that tells nothing apart nothing can be put right: whatever it passed shows nothing.
    """
    return found.rate is None or found.rate < bound.passing or found.shown(bound) is Shown.BROKEN


def unfit(judge: JudgeSeen | None, strange: int = 0) -> Text | None:
    """Say why verdicts of a classifier conclude nothing; None: they may.

    Args:
        judge: Which is told of.
        strange: How many verdicts are another's.
    """
    if judge is None or not judge.record:
        return words.unadmitted(judge.name if judge else "")
    if found := [code for code, _ in judge.doubts if code in DISABLING]:
        return words.doubted(judge.name, found)
    return words.another(judge.name, strange) if strange else None
