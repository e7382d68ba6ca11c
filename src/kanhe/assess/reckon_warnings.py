"""What a reader has to know before any figure: where evidence is thin, doubtful or not whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kanhe.assess import warning_words as words
from kanhe.assess.bank_finding import Weight
from kanhe.assess.head import Head, JudgeSeen, PeopleSeen
from kanhe.assess.item import BankKind
from kanhe.assess.line import Part
from kanhe.assess.outcome import Way
from kanhe.assess.reckon_lines import ROUTES, Laid
from kanhe.assess.reckon_tests import unsupplied
from kanhe.assess.reckon_words import unadmitted
from kanhe.assess.results import Rate, Tested
from kanhe.assess.strength import Shown
from kanhe.terms import Text


def warnings(
    head: Head,
    laid: Laid,
    tested: Sequence[Tested],
    failed: Mapping[str, Mapping[str, int]],
    twice: int,
) -> tuple[Text, ...]:
    """Give all warnings, those first that say that there is less than there should be."""
    found = [
        *_of_run(head, laid, failed), *_of_tests(head, tested), *_of_banks(head),
        *_of_judge(head.judge, tested), *_of_people(head.people),
    ]  # fmt: skip
    if head.refusals is not None and any(map(_by_detector, tested)):
        found.append(words.detector(head.refusals))
    if twice:
        found.append(words.twice(twice))
    if head.replayed:
        found.append(words.replayed(head.replayed))
    if head.evidence:
        found.append(words.handed_in([one.tool for one in head.evidence]))
    return tuple(dict.fromkeys(found))


def _by_detector(one: Tested) -> bool:
    return Way.REFUSAL in one.demand.ways


def _of_run(head: Head, laid: Laid, failed: Mapping[str, Mapping[str, int]]) -> Iterator[Text]:
    if head.ended_by != "done":
        yield words.ended_early(head.ended_by)
    if laid.targets and ROUTES[0] not in laid.targets:
        yield words.one_target(laid.targets[0])
    for target in laid.targets:
        missing = sum(count for (_, at, _), count in laid.absent.items() if at == target)
        if missing:
            yield words.absent(target, missing)
        if failed[target]:
            asked = sum(len(laid.of(target, part)) for part in Part)
            yield words.failing(target, sum(failed[target].values()), asked, failed[target])


def _of_tests(head: Head, tested: Sequence[Tested]) -> Iterator[Text]:
    missing: dict[BankKind, tuple[str, ...]] = {}
    for test in tested:
        missing[test.demand.kind] = (*missing.get(test.demand.kind, ()), *test.missing)
    for kind, names in missing.items():
        bare = unsupplied(head, kind, sorted(set(names)))
        if bare:
            yield words.no_slices(kind, bare)
        if undrawn := sorted(set(names) - set(bare)):
            yield words.undrawn(kind, undrawn)
    yield from _too_few(tested)
    for test in tested:
        for rate in test.rates:
            if low := [name for name, one in rate.slices.items() if one.shown is Shown.BROKEN]:
                yield words.below_slices(test.demand.kind, test.target, rate.way, low)


def _too_few(tested: Sequence[Tested]) -> Iterator[Text]:
    for test in tested:
        for rate in test.rates:
            if rate.whole.too_few and rate.whole.tally.n:
                yield words.unsure_test(test.demand.kind, test.target, rate.way, rate.whole)
    for kind, rates in _by_kind(tested).items():
        # By the way that saw the most of a slice: people see only a part of what machines do.
        every = {name for rate in rates for name in rate.slices}
        few = every - {
            name for rate in rates for name, one in rate.slices.items() if not one.too_few
        }
        least = rates[0].whole.least
        if few and least is not None:
            yield words.unsure_slices(kind, sorted(few), len(every), rates[0].whole.bound, least)


def _by_kind(tested: Sequence[Tested]) -> dict[BankKind, list[Rate]]:
    found: dict[BankKind, list[Rate]] = {}
    for test in tested:
        if test.rates:
            found.setdefault(test.demand.kind, []).extend(test.rates)
    return found


def _of_banks(head: Head) -> Iterator[Text]:
    for bank in head.banks:
        for one in bank.findings:
            if one.weight is not Weight.WARNS:
                yield words.bank_found(bank.id, one.what)
    if some := [bank.id for bank in head.banks if not bank.reviewers]:
        yield words.unreviewed(some)


def _of_judge(judge: JudgeSeen | None, tested: Sequence[Tested]) -> Iterator[Text]:
    if judge is None:
        return
    if judge.refused:
        yield words.judge_refused(judge.name, judge.refused)
    elif not judge.record:
        yield unadmitted(judge.name)
    if not judge.pinned:
        yield words.unpinned(judge.name)
    for code, told in judge.doubts:
        yield words.judge_doubt(judge.name, code, told)
    for test in tested:
        if any(one.corrected is not None and not one.corrected.fits for one in test.rates):
            yield words.unfitting_at(test.target)


def _of_people(people: PeopleSeen | None) -> Iterator[Text]:
    if people is None:
        return
    if people.judged < people.drawn:
        yield words.people_open(people.drawn, people.judged)
    if people.open:
        yield words.panel_open(people.open)
    if people.judged and not people.doubled:
        yield words.never_doubled()
