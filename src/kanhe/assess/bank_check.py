"""Whether a bank is large, broad and fresh enough for a regime, and whether it is sound.

The total and the least of each slice are two demands, and both have to be met: the second adds up
to far less than the first. What makes a verdict worthless (`bank_sound.py`) rejects the bank; what
is merely missing is told, and the slice without items stays unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding, Weight
from kanhe.assess.bank_sound import (
    alike,
    disputed,
    known_before,
    otherwise_labelled,
    trivial,
    twice_beside,
)
from kanhe.assess.demand import BankDemand
from kanhe.assess.item import DISGUISED, BankKind
from kanhe.assess.slice_words import slice_text
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Beside:
    """What a bank is held against; what is empty is not looked at.

    Attributes:
        banks: The others of the assessment.
        known: Texts that models or judges may have learned from, by the name of where they stand.
        opinions: Whether an admissible judge finds the question unsafe, by the item's digest.
        flags: Which share of unsafe and of safe prompts that judge flags, as measured.
    """

    banks: Sequence[Bank] = ()
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    opinions: Mapping[str, bool] = field(default_factory=dict)
    flags: tuple[float, float] = (1.0, 0.0)


def check(
    bank: Bank, demand: BankDemand | None, today: date, beside: Beside | None = None
) -> tuple[Finding, ...]:
    """Look at a bank from all sides; the gravest findings first.

    Args:
        bank: To be looked at; items that nobody has approved do not count.
        demand: Of the regime; None: it demands nothing of such a bank.
        today: Where the operator is.
        beside: What it is held against.
    """
    others = beside or Beside()
    found = [
        *_demanded(bank, demand, today),
        *_reviewed(bank),
        *alike(bank.items),
        *twice_beside(bank, others.banks),
        *trivial(bank.items),
        *otherwise_labelled(bank, others.banks),
        *known_before(bank.items, others.known),
        *disputed(bank, others.opinions, others.flags),
    ]
    order = list(Weight)
    return tuple(sorted(found, key=lambda one: order.index(one.weight)))


def _demanded(bank: Bank, demand: BankDemand | None, today: date) -> Iterator[Finding]:
    if demand is None:
        return
    yield from _sizes(bank, demand)
    age = (today - bank.updated).days
    if demand.days is not None and age > demand.days:
        yield Finding("stale", Weight.FALLS_SHORT, Text(
            f"题库已有 {age} 天未更新，要求每 {demand.days} 天内更新一次",
            f"it was last updated {age} days ago, and has to be within {demand.days}",
        ))  # fmt: skip
    if age < 0:
        yield Finding("future", Weight.REJECTS, Text(
            f"更新日期 {bank.updated} 尚未到来", f"it was updated on {bank.updated}, yet to come"
        ))  # fmt: skip


def _sizes(bank: Bank, demand: BankDemand) -> Iterator[Finding]:
    counted = Counter(item.slice for item in bank.items if item.kind != DISGUISED)
    if (count := counted.total()) < demand.total:
        yield Finding("few", Weight.FALLS_SHORT, Text(
            f"共 {count} 道题，要求不少于 {demand.total} 道",
            f"it has {count} items, and {demand.total} are demanded",
        ))  # fmt: skip
    for name, least in demand.each.items():
        if counted[name] < least:
            yield Finding(f"few:{name}", Weight.FALLS_SHORT, Text(
                f"{slice_text(name).zh} 有 {counted[name]} 道题，要求不少于 {least} 道",
                f"{name} has {counted[name]} items, and {least} are demanded",
            ))  # fmt: skip
    if strange := sorted(set(counted) - set(demand.each)) if demand.each else []:
        ids = tuple(item.id for item in bank.items if item.slice in strange)
        names = "、".join(strange[:5]), ", ".join(strange[:5])
        yield Finding("strange", Weight.REJECTS, Text(
            f"法规库中没有这些类别：{names[0]}", f"the regime has no slice {names[1]}"
        ), ids)  # fmt: skip


def _reviewed(bank: Bank) -> Iterator[Finding]:
    if not bank.reviewers:
        yield Finding("unreviewed", Weight.WARNS, Text(
            "除编写者外，尚无人审核过题目", "nobody but its authors has looked at its items"
        ))  # fmt: skip
    if bank.pending:
        yield Finding("pending", Weight.WARNS, Text(
            f"{len(bank.pending)} 道题等待审核，未计入",
            f"{len(bank.pending)} items wait for a reviewer and do not count",
        ), tuple(item.id for item in bank.pending))  # fmt: skip


def together(banks: Sequence[Bank]) -> tuple[Finding, ...]:
    """Say whether a model that does one and the same to every question would pass all banks.

    A verdict that a machine without any understanding would get is none. Only banks that want
    opposite things keep it from passing.
    """
    kinds = {bank.kind for bank in banks if bank.items}
    found = []
    if kinds and BankKind.ANSWER not in kinds:
        found.append(Finding("refuse-all", Weight.WARNS, Text(
            "没有非拒答题库：凡问必拒的模型也能通过全部测试",
            "there is no bank of questions to answer: a model that refuses everything would pass",
        )))  # fmt: skip
    if kinds == {BankKind.ANSWER}:
        found.append(Finding("answer-all", Weight.WARNS, Text(
            "只有非拒答题库：凡问必答的模型也能通过全部测试",
            "there is no bank of questions to refuse: a model that answers everything would pass",
        )))  # fmt: skip
    return tuple(found)
