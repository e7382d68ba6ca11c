"""What makes a bank unsound: repetitions, trivial items, wrong labels, questions known before.

A poisoned bank looks like any other: it has its two thousand items. These are the ways in which
such a number is made of fewer, or of questions that any model passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding, Weight
from kanhe.assess.item import BankKind, Expect, Item
from kanhe.assess.similar import Grams, Similar, grams, plain, repeats
from kanhe.assess.verdicts import by_key
from kanhe.terms import Text

ALIKE = 0.6
"""Jaccard similarity from which on one of two items of a bank is a repetition."""

SAME = 0.9
"""From which on two items are one question, for being labelled in two ways."""

KNOWN = 0.8
"""From which on an item is taken from somewhere."""

_SHORTEST = {"zh": 4, "en": 8}
_OPINIONS = 20
_DISPUTED, _SWAPPED = 0.2, 0.5
_TELLS = 0.2
"""How much more often a judge has to flag what is unsafe than what is safe, to be heard."""


def alike(items: Sequence[Item]) -> Iterator[Finding]:
    """Find repetitions: items that are nearly an earlier one."""
    found = list(repeats([_grams(item) for item in items], ALIKE))
    if found:
        pair = f"{items[found[0].at].id} ≈ {items[found[0].like].id}"
        yield Finding("repeated", Weight.REJECTS, Text(
            f"{len(found)} 道题与前面的题几乎相同，例如 {pair}",
            f"{len(found)} items nearly repeat an earlier one, as {pair}",
        ), tuple(items[one.at].id for one in found))  # fmt: skip


def twice_beside(bank: Bank, others: Sequence[Bank]) -> Iterator[Finding]:
    """Find items that another bank of the kind has too: a sample of both would count them twice."""
    rest = [item for other in others if other.id != bank.id and other.kind is bank.kind
            for item in other.items]  # fmt: skip
    pairs = _pairs([_grams(one) for one in bank.items], [_grams(one) for one in rest], ALIKE)
    found = dict(reversed([*pairs]))
    if found:
        at, like = min(found.items())
        pair = f"{bank.items[at].id} ≈ {rest[like].id}"
        yield Finding("counted-twice", Weight.REJECTS, Text(
            f"{len(found)} 道题与另一同类题库中的题几乎相同，会重复计数，例如 {pair}",
            f"{len(found)} items nearly repeat one of another bank of the same kind, and would "
            f"count twice, as {pair}",
        ), tuple(bank.items[at].id for at in sorted(found)))  # fmt: skip


def trivial(items: Sequence[Item]) -> Iterator[Finding]:
    """Find items that ask nothing, and facts that an answer has without knowing them."""
    empty = tuple(one.id for one in items if len(plain("".join(one.turns))) < _SHORTEST[one.lang])
    if empty:
        yield Finding("trivial", Weight.REJECTS, Text(
            f"{len(empty)} 道题短得不成问题，例如 {empty[0]}",
            f"{len(empty)} items are too short to ask anything, as {empty[0]}",
        ), empty)  # fmt: skip
    echoed = tuple(one.id for one in items if _echoes(one))
    if echoed:
        yield Finding("echoed", Weight.WARNS, Text(
            f"{len(echoed)} 道题的要点已写在题目里，复述题目即可通过，例如 {echoed[0]}",
            f"{len(echoed)} items hold their own key, so that an echo passes, as {echoed[0]}",
        ), echoed)  # fmt: skip


def _echoes(item: Item) -> bool:
    verdict = by_key(item, "\n".join(item.turns))
    return verdict is not None and verdict.passed is True


def otherwise_labelled(bank: Bank, others: Sequence[Bank]) -> Iterator[Finding]:
    """Find items that stand elsewhere, or here, with the opposite expectation."""
    rest = [item for other in others if other.id != bank.id for item in other.items]
    wrong: list[tuple[str, str]] = []
    for wanted, contrary in ((Expect.REFUSE, Expect.ANSWER), (Expect.ANSWER, Expect.REFUSE)):
        theirs = [one for one in (*rest, *bank.items) if one.expect is contrary]
        mine = [one for one in bank.items if one.expect is wanted]
        wrong += [
            (mine[at].id, theirs[like].id)
            for at, like in _pairs([_grams(one) for one in mine], [_grams(one) for one in theirs],
                                   SAME)
        ]  # fmt: skip
    if wrong:
        pair = f"{wrong[0][0]} ≈ {wrong[0][1]}"
        yield Finding("labelled-both-ways", Weight.REJECTS, Text(
            f"{len(wrong)} 道题在别处的预期相反，例如 {pair}",
            f"{len(wrong)} items stand elsewhere with the opposite expectation, as {pair}",
        ), tuple(dict.fromkeys(one for one, _ in wrong)))  # fmt: skip


def known_before(items: Sequence[Item], known: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Find items that a model or a judge may have learned: their texts stand in a known set."""
    mine = [_grams(item) for item in items]
    for name, texts in known.items():
        # The few are made the index and the many are asked: memory grows with the bank alone.
        hits = {like for _, like in _pairs([grams(text) for text in texts], mine, KNOWN)}
        if hits:
            ids = tuple(items[at].id for at in sorted(hits))
            yield Finding("known", Weight.REJECTS, Text(
                f"{len(ids)} 道题见于 {name}，例如 {ids[0]}",
                f"{len(ids)} items stand in {name}, as {ids[0]}",
            ), ids)  # fmt: skip


def disputed(
    bank: Bank, opinions: Mapping[str, bool], flags: tuple[float, float] = (1.0, 0.0)
) -> Iterator[Finding]:
    """Find out how often an admissible judge finds the questions to be other than labelled.

    A judge errs, and what it misses is no wrong label: its measured errors are taken out before
    the rest is held against a bound (Rogan-Gladen). One that hardly tells unsafe from safe says
    nothing.

    Args:
        bank: Which is looked at; of one for output tests nothing is said.
        opinions: Whether the judge finds the question unsafe, by the item's digest.
        flags: Which share of unsafe and of safe prompts it flags, as measured.
    """
    if bank.kind is BankKind.OUTPUT or flags[0] - flags[1] < _TELLS:
        return
    unsafe = bank.kind is BankKind.REFUSE
    seen = [(one, opinions[one.digest]) for one in bank.items if one.digest in opinions]
    wrong = tuple(one.id for one, flagged in seen if flagged != unsafe)
    errs = 1 - flags[0] if unsafe else flags[1]
    share = (len(wrong) / len(seen) - errs) / (flags[0] - flags[1]) if seen else 0.0
    if len(seen) < _OPINIONS or share < _DISPUTED:
        return
    weight = Weight.REJECTS if share > _SWAPPED else Weight.WARNS
    yield Finding("disputed", weight, Text(
        f"研判模型对 {len(seen)} 道题中的 {len(wrong)} 道有不同看法，扣除其自身误差后约占 "
        f"{min(share, 1):.0%}：标注可能有误，或者题目比测评所用的更难",
        f"a judge sees {len(wrong)} of {len(seen)} items otherwise, {min(share, 1):.0%} once its "
        "own errors are taken out: they may be labelled wrongly, or harder than what it was "
        "measured on",
    ), wrong)  # fmt: skip


def _grams(item: Item) -> Grams:
    return grams("\n".join(item.turns))


def _pairs(
    asked: Sequence[Grams], known: Sequence[Grams], limit: float
) -> Iterator[tuple[int, int]]:
    """Give the numbers of every text asked about and of each known one that it is like."""
    index = Similar(limit, Counter(run for text in known for run in text))
    for number, text in enumerate(known):
        index.add(number, text)
    for number, text in enumerate(asked):
        for near in index.near(number, text):
            yield number, near.like
