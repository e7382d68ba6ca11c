"""The course of an assessment: which trials there are, and in which order they are begun.

All of it follows from plan, banks and seed, so that a run which goes on tomorrow asks what it would
have asked today. Only the disguises wait: which items are put into them depends on what came of the
items as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from kanhe.assess.bank import Bank
from kanhe.assess.disguise import DISGUISES
from kanhe.assess.fairness import Choice
from kanhe.assess.item import BankKind, Expect, Item
from kanhe.assess.line import Part
from kanhe.assess.outcome import Trial
from kanhe.assess.plan import Draw, Plan
from kanhe.assess.privacy import Probe
from kanhe.assess.robustness import Frame, chosen, variants
from kanhe.assess.sample import Sample, draw
from kanhe.assess.swap_file import Swap, within

CHOICES, SWAPS, PROBES = "choices", "swaps", "probes"
"""Names of what is asked beside the banks."""

_PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class Asked:
    """One trial, and the item as it is put: varied, where it is. `plain`: as its bank has it."""

    trial: Trial
    item: Item
    plain: Item
    bank: str
    part: Part
    people: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """All that can be asked: the plan's banks in its order, and what stands beside them."""

    banks: tuple[Bank, ...]
    frames: tuple[Frame, ...] = ()
    choices: tuple[Choice, ...] = ()
    probes: tuple[Probe, ...] = ()
    swaps: tuple[Swap, ...] = ()


def samples(plan: Plan, banks: Sequence[Bank]) -> tuple[Sample, ...]:
    """Draw from each bank, in the order of the plan."""
    return tuple(_drawn(bank, one, plan.seed) for bank, one in zip(banks, plan.draws, strict=True))


def _drawn(bank: Bank, one: Draw, seed: int) -> Sample:
    each = dict.fromkeys({item.slice for item in bank.items}, one.each)
    return draw(bank.items, one.questions, seed, each)


def first(plan: Plan, material: Material) -> tuple[Asked, ...]:
    """Give all trials but those in disguise: the banks, then what stands beside them."""
    drawn = [(bank, sample.items) for bank, sample in
             zip(material.banks, samples(plan, material.banks), strict=True)]  # fmt: skip
    people = _for_people(plan, drawn)
    once = [
        (item, bank.id, Part.BANK, item.digest in people) for bank, items in drawn for item in items
    ]
    beside = [*_choices(plan, material), *_probes(plan, material)]
    routes = _routes(plan)
    found = [
        Asked(Trial(item.digest, route), item, item, bank, part, by_hand and route == routes[0])
        for item, bank, part, by_hand in (*once, *beside)
        for route in routes
    ]
    swaps = (one for route in routes for one in _swaps(plan, material, route))
    return (*found, *swaps, *(one for route in routes for one in _again(plan, drawn, route)))


def second(
    plan: Plan, material: Material, done: Iterable[Asked], passed: Mapping[Trial, bool | None],
    begun: Callable[[Trial], bool] = lambda _: False,
) -> tuple[Asked, ...]:  # fmt: skip
    """Give the trials in disguise, once it is known what passed as it stands.

    Args:
        plan: The plan.
        material: As `first` had it.
        done: What `first` gave.
        passed: Of its trials, all ways of judging together.
        begun: Whether a trial in disguise was asked: its item stays among those that are.
    """
    if plan.parts.robust_passed == 0 and not plan.parts.variants:
        return ()
    plain = tuple(done)
    by_route = [
        _disguised(plan, material, [a for a in plain if _is_plain(a, route)], passed, begun)
        for route in _routes(plan)
    ]
    # In turns, as everything else: two targets that are asked at once take half the time.
    return tuple(one for turn in zip_longest(*by_route) for one in turn if one is not None)


def _routes(plan: Plan) -> list[str]:
    # Their plain names: a ledger knows no enumerations.
    return sorted(route.value for route in plan.targets)


def _is_plain(one: Asked, route: str) -> bool:
    return one.part is Part.BANK and one.trial.target == route


def _disguised(
    plan: Plan, material: Material, plain: Sequence[Asked], passed: Mapping[Trial, bool | None],
    begun: Callable[[Trial], bool],
) -> Iterator[Asked]:  # fmt: skip
    # A question that stands in two banks is one trial, and is varied once.
    own = {one.item.digest: one for one in plain}
    found = {digest: passed.get(one.trial) for digest, one in own.items()}
    names = plan.parts.variants or (*DISGUISES, *(frame.id for frame in material.frames))
    stay = {
        digest for digest, one in own.items() if found[digest] is not False
        and any(begun(replace(one.trial, variant=name)) for name in names)
    }  # fmt: skip
    items = [one.item for one in own.values()]
    for item in chosen(items, found, plan.parts.robust_passed, plan.seed, stay):
        for one in variants(item, material.frames, plan.parts.variants):
            asked = own[item.digest]
            trial = replace(asked.trial, variant=one.name)
            yield Asked(trial, replace(item, turns=one.turns), item, asked.bank, Part.ROBUST)


def _for_people(
    plan: Plan, drawn: Sequence[tuple[Bank, Sequence[Item]]]
) -> frozenset[str]:  # fmt: skip
    """Give the digests of what people judge: part of what the machines judge, of output banks."""
    people = plan.judging.people
    if people is None:
        return frozenset()
    items = [item for bank, some in drawn if bank.kind is BankKind.OUTPUT for item in some]
    return frozenset(item.digest for item in draw(items, people.questions, plan.seed, {}).items)


def _again(
    plan: Plan, drawn: Sequence[tuple[Bank, Sequence[Item]]], route: str
) -> Iterator[Asked]:  # fmt: skip
    items = [item for _, some in drawn for item in some]
    banks = {item.digest: bank.id for bank, some in drawn for item in some}
    for item in draw(items, plan.parts.reliable, plan.seed, {}).items:
        for repeat in range(1, plan.parts.repeats):
            trial = Trial(item.digest, route, repeat=repeat)
            yield Asked(trial, item, item, banks[item.digest], Part.RELIABLE)


def choice_item(one: Choice) -> Item:
    """Give a multiple-choice question as an item."""
    return Item(one.id, BankKind.OUTPUT, one.lang, (one.text,), one.ground, Expect.SAFE,
                kind=f"choice:{one.right}", origin="kanhe")  # fmt: skip


def probe_item(one: Probe) -> Item:
    """Give a probe as an item."""
    return Item(one.id, BankKind.OUTPUT, one.lang, one.turns, _PRIVACY, Expect.SAFE,
                kind=f"leak:{'planted' if one.plant else 'open'}", origin="kanhe",
                system=one.system)  # fmt: skip


_Once = tuple[Item, str, Part, bool]


def _choices(plan: Plan, material: Material) -> Iterator[_Once]:
    items = [choice_item(one) for one in material.choices]
    for item in draw(items, plan.parts.fairness, plan.seed, {}).items:
        yield item, CHOICES, Part.CHOICE, False


def _probes(plan: Plan, material: Material) -> Iterator[_Once]:
    items = [probe_item(one) for one in material.probes]
    for item in draw(items, plan.parts.privacy, plan.seed, {}).items:
        yield item, PROBES, Part.LEAK, False


def _swaps(plan: Plan, material: Material, route: str) -> Iterator[Asked]:
    for one in within(material.swaps, plan.parts.fairness, plan.seed):
        trial = Trial(one.item.digest, route, one.group)
        yield Asked(trial, one.item, one.item, SWAPS, Part.SWAP)
