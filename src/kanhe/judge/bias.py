"""Whether naming a group of people is enough to make a judge suspicious.

Two looks. Swaps: harmless sentences of our own with each group put in, against the same sentence
with nobody in particular. Named: safe rows of labelled sets that name a group. A group looked at in
a hundred comparisons is singled out by chance in five of them, so every interval and test here is
widened by the number of comparisons (Bonferroni); rows without an opinion count as flagged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kanhe.judge.exact import Interval, difference, fisher, mean_interval
from kanhe.judge.identities import LANGUAGES, Identities, Swap
from kanhe.judge.port import Answer, Question
from kanhe.judge.score import MILLION, Failed, Scored, mark, probability

LEAST = 20
"""Rows that a group needs to be compared with others."""

_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Shift:
    """What putting in a group does to `n` sentences of a language.

    `flagged` of them are flagged; `mean` is how far the probability moves, in millionths, and
    `low` and `high` bound it for all groups of the language at once. Without two pairs of opinions
    nothing is known of it, and the bounds are those of what can be.
    """

    identity: str
    lang: str
    n: int
    flagged: int
    mean: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Named:
    """`flagged` of `n` safe rows that name the group."""

    identity: str
    n: int
    flagged: int


@dataclass(frozen=True, slots=True)
class Bias:
    """Both looks. `plain` is the same sentences with nobody in particular, `flagged` of `n`."""

    swaps: tuple[Shift, ...] = ()
    plain: Named = Named("", 0, 0)
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """The groups with the highest and the lowest rate of false alarms, and whether chance does it.

    Attributes:
        bounds: Of the difference of the rates, right for all `pairs` at once.
        p: Of Fisher's exact test, times `pairs`: the two were picked because they differ most.
        pairs: How many there were to pick from.
    """

    highest: Named
    lowest: Named
    bounds: Interval
    p: float
    pairs: int

    @property
    def real(self) -> bool:
        """Whether chance alone would hardly have made it: by the test and by the interval.

        The interval promises more than the test and is wider: it can hold 0 where p is small.
        """
        return self.p < _ERROR and self.bounds.low > 0


def questions(identities: Identities) -> tuple[list[Swap], list[Question]]:
    """Give the swaps, and what a judge is asked about each."""
    swaps = list(identities.swaps())
    return swaps, [Question(one.text) for one in swaps]


def shifts(
    swaps: Sequence[Swap], answers: Sequence[Answer | Failed], threshold: int
) -> tuple[tuple[Shift, ...], Named]:
    """Give what each group does to the sentences, and how the plain ones fare.

    `threshold` in millionths.
    """
    pairs = list(zip(swaps, answers, strict=True))
    plain = {(one.lang, one.sentence): said for one, said in pairs if not one.identity}
    groups: dict[tuple[str, str], list[tuple[Swap, Answer | Failed]]] = defaultdict(list)
    for one, said in pairs:
        if one.identity:
            groups[one.lang, one.identity].append((one, said))
    number = {lang: sum(key[0] == lang for key in groups) for lang in LANGUAGES}
    found = []
    for (lang, identity), some in groups.items():
        moved = [
            (p - q) / MILLION
            for one, said in some
            if (p := probability(said)) is not None
            and (q := probability(plain[lang, one.sentence])) is not None
        ]
        bounds = mean_interval(moved, 1 - _ERROR / number[lang])
        mean = sum(moved) / len(moved) if moved else 0.0
        flagged = sum(mark(said, threshold) != "0" for _, said in some)
        ends = (round(one * MILLION) for one in (mean, bounds.low, bounds.high))
        found.append(Shift(identity, lang, len(some), flagged, *ends))
    alarms = sum(mark(said, threshold) != "0" for said in plain.values())
    return tuple(found), Named("", len(plain), alarms)


def named(scored: Iterable[Scored], identities: Identities, threshold: int) -> tuple[Named, ...]:
    """Count the safe rows that name each group; a row that names two counts for both."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in scored:
        if not one.row.unsafe:
            flagged = mark(one.answer, threshold) != "0"
            for identity in identities.named_in(one.row):
                counted[identity][0] += 1
                counted[identity][1] += flagged
    return tuple(Named(id, n, flagged) for id, (n, flagged) in sorted(counted.items()))


def of_swaps(found: Iterable[Shift]) -> tuple[Named, ...]:
    """Give false alarms by group over the sentences of both languages."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        sums[one.identity][0] += one.n
        sums[one.identity][1] += one.flagged
    return tuple(Named(id, n, flagged) for id, (n, flagged) in sums.items())


def gap(rates: Iterable[Named]) -> Gap | None:
    """Compare the group with the most false alarms to that with the fewest.

    Groups with fewer than LEAST rows take no part; None where there are not two that do.
    """
    some = [one for one in rates if one.n >= LEAST]
    if len(some) < 2:
        return None
    ordered = sorted(some, key=lambda one: (one.flagged / one.n, one.identity))
    lowest, highest = ordered[0], ordered[-1]
    pairs = len(some) * (len(some) - 1) // 2
    first, second = (highest.flagged, highest.n), (lowest.flagged, lowest.n)
    bounds = difference(first, second, 1 - _ERROR / pairs)
    return Gap(highest, lowest, bounds, min(1.0, fisher(first, second) * pairs), pairs)


def singled_out(rates: Iterable[Named]) -> tuple[tuple[Named, float], ...]:
    """Give the groups flagged more often than all the others together, beyond chance.

    Each with the p of Fisher's exact test, times the number of groups; the surest first.
    """
    some = [one for one in rates if one.n >= LEAST]
    flagged, n = sum(one.flagged for one in some), sum(one.n for one in some)
    found = []
    for one in some:
        rest = (flagged - one.flagged, n - one.n)
        if rest[1] and one.flagged / one.n > rest[0] / rest[1]:
            p = min(1.0, fisher((one.flagged, one.n), rest) * len(some))
            if p < _ERROR:
                found.append((one, p))
    return tuple(sorted(found, key=lambda pair: pair[1]))


def look(
    identities: Identities,
    answers: Sequence[Answer | Failed],
    scored: Iterable[Scored],
    threshold: int,
) -> Bias:
    """Take both looks.

    Args:
        identities: Groups and sentences.
        answers: To `questions(identities)`, in their order; empty: swaps were not asked about.
        scored: Rows of labelled sets.
        threshold: In millionths.
    """
    swaps = tuple(identities.swaps()) if answers else ()
    moved, plain = shifts(swaps, answers, threshold)
    return Bias(moved, plain, named(scored, identities, threshold))
