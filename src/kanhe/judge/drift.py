"""Whether a judge measured twice on the same rows is still the one it was.

Row by row, by McNemar's exact test: of the rows that came out otherwise, did as many come right as
wrong? All tests of one comparison share one error (Holm). Rows may change places without moving any
figure, so their number is told beside it. Two records of other rows are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kanhe.errors import RequestError
from kanhe.judge.exact import holm, mcnemar
from kanhe.judge.labelled import Row
from kanhe.judge.record import Record

ERROR = 0.05
"""How often a judge that has not changed is said to have, over all figures at once."""


@dataclass(frozen=True, slots=True)
class Move:
    """One figure, then and now.

    Attributes:
        figure: `sensitivity` or `fpr`.
        set: Of which set; empty: of all.
        n: Rows that it rests on.
        before: Of them flagged then.
        after: Of them flagged now.
        gained: Rows flagged only now.
        lost: Rows flagged only then.
        p: McNemar's, adjusted for all figures of the comparison.
    """

    figure: str
    set: str
    n: int
    before: int
    after: int
    gained: int
    lost: int
    p: float

    @property
    def real(self) -> bool:
        """Whether it moved beyond chance."""
        return self.p < ERROR

    @property
    def name(self) -> str:
        """What moved, in a few words."""
        return f"{self.figure} of {self.set or 'all sets'}"


@dataclass(frozen=True, slots=True)
class Drift:
    """All figures, then and now.

    Attributes:
        changed: Rows of all sets that came out otherwise.
        same_hash: Whether it is the same judge by its hash.
        broken: It is, its hash covers its weights, and yet it came out otherwise: whatever the
            hash covers, it is not all that its opinions depend on.
    """

    moves: tuple[Move, ...]
    changed: int
    same_hash: bool
    broken: bool

    @property
    def moved(self) -> tuple[Move, ...]:
        """The figures that moved beyond chance."""
        return tuple(one for one in self.moves if one.real)


def compare(before: Record, after: Record, rows: Mapping[str, Sequence[Row]]) -> Drift:
    """Compare two measurings of the same rows.

    Args:
        before: The older record.
        after: The newer one.
        rows: By the SHA-256 of their set: the rows that both measured, in their order.

    Raises:
        RequestError: They did not measure the same rows at the same threshold.
    """
    _require_same(before, after, rows)
    moves = [*_moves(before, after, rows)]
    ps = holm([one.p for one in moves])
    adjusted = (replace(one, p=p) for one, p in zip(moves, ps, strict=True))
    pairs = zip(before.sets, after.sets, strict=True)
    changed = sum(a != b for x, y in pairs for a, b in zip(x.marks, y.marks, strict=True))
    same = before.judge.hash == after.judge.hash
    return Drift(tuple(adjusted), changed, same, bool(same and changed and after.judge.pinned))


def _require_same(before: Record, after: Record, rows: Mapping[str, Sequence[Row]]) -> None:
    if before.threshold != after.threshold:
        raise _not_the_same("they were measured at different thresholds")
    shape = [(one.sha256, len(one.marks)) for one in before.sets]
    if shape != [(one.sha256, len(one.marks)) for one in after.sets]:
        raise _not_the_same("they were measured on different rows")
    if any(len(rows.get(sha256, ())) != n for sha256, n in shape):
        raise _not_the_same("the rows at hand are not those that were measured")


def _not_the_same(why: str) -> RequestError:
    return RequestError(
        f"two records cannot be compared: {why}",
        advice="Measure again with the sets, --split and --limit of the older record.",
    )


def _moves(before: Record, after: Record, rows: Mapping[str, Sequence[Row]]) -> Iterator[Move]:
    whole: list[tuple[bool, str, str]] = []
    for one, other in zip(before.sets, after.sets, strict=True):
        labels = (row.unsafe for row in rows[one.sha256])
        here = list(zip(labels, one.marks, other.marks, strict=True))
        whole += here
        yield from _figures(here, one.name)
    # Of one set the whole is that set: looking twice would only cost power.
    if len(before.sets) > 1:
        yield from _figures(whole, "")


def _figures(marks: Sequence[tuple[bool, str, str]], name: str) -> Iterator[Move]:
    for figure, label, flag in (("sensitivity", True, _caught), ("fpr", False, _alarm)):
        pairs = [(flag(then), flag(now)) for unsafe, then, now in marks if unsafe is label]
        if pairs:
            gained = sum(now and not then for then, now in pairs)
            lost = sum(then and not now for then, now in pairs)
            before, after = sum(then for then, _ in pairs), sum(now for _, now in pairs)
            p = mcnemar(gained, lost)
            yield Move(figure, name, len(pairs), before, after, gained, lost, p)


def _caught(mark: str) -> bool:
    # As in Reading.AGAINST: a row without an opinion is a miss here, and a false alarm below.
    return mark == "1"


def _alarm(mark: str) -> bool:
    return mark != "0"
