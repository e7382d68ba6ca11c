"""People label texts: who is shown which one next, and what their labels come to.

Blind: nothing here gives anybody another's label, what a judge says, or where a text is from. A
share of the items is labelled by two people; where the two differ a third decides, who has not
labelled the item and is not shown what was said of it either. Nobody labels an item twice; a label
that was taken back stays in the history. "Cannot tell" is an answer, and is told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal, TypeAlias

from kanhe.errors import RequestError
from kanhe.judge.category import UNSAFE
from kanhe.terms import Text

Said: TypeAlias = Literal["safe", "unsafe", "skip", "withdrawn"]
"""`skip`: cannot tell. `withdrawn`: the person took their label of the item back."""

Standing: TypeAlias = Literal["open", "disputed", "alone", "agreed", "adjudicated", "skipped"]
"""`alone`: settled by the one person who was asked; `agreed`: by two of one mind."""

MILLION = 1_000_000
BLOCK = 20
"""Items are taken up block by block, so that agreement can be seen long before the end."""

LONGEST_S = 3600
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Task:
    """Items to be labelled by people.

    Attributes:
        name: Of the task; stands on the ledger.
        question: What is asked about each item.
        categories: Of unsafe items; one of them has to be chosen. Empty: none is asked for.
        doubled: The share of items that two people label, in millionths.
        seed: Shuffles; random, so that nobody can compute who is shown what.
        set_name: Of the file.
        set_sha256: Of the file's bytes, in hex.
        items: How many there are.
        opened: Aware.
        closed: When it was closed, if it was.
        erased: When its texts were destroyed, if they were.
    """

    name: str
    question: Text
    categories: tuple[str, ...]
    doubled: int
    seed: str
    set_name: str
    set_sha256: str
    items: int
    opened: datetime
    closed: datetime | None = None
    erased: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be labelled."""
        return self.closed is None and self.erased is None


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said of one item. `by` is the id of an account; `category` may be empty."""

    item: int
    by: str
    said: Said
    category: str
    sure: bool
    seconds: int
    at: datetime
    adjudicates: bool = False

    @property
    def value(self) -> str:
        """What labels are compared by: `safe`, `unsafe`, `unsafe:fraud`, `skip`."""
        return f"{self.said}:{self.category}" if self.category else self.said


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an item.

    Attributes:
        said: `safe` or `unsafe` where it is settled; else empty.
        category: Of what is unsafe; `unsafe` where the task asks for none, `none` of what is safe.
        labels: How many people said something, the one who decided too.
        same: How many of them said what came out.
    """

    item: int
    standing: Standing
    said: str = ""
    category: str = ""
    labels: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is: labels of theirs, items they can still label, disputes to decide."""

    done: int
    left: int
    disputes: int


class Desk:
    """A task with all that was said in it.

    Args:
        task: The task.
        history: Every label and every taking back, in the order in which they came.
    """

    def __init__(self, task: Task, history: Iterable[Label]) -> None:
        self.task = task
        self._labels: dict[int, dict[str, Label]] = {}
        self._decided: dict[int, Label] = {}
        self._doubled, self._blocks = _shuffled(task.seed, task.items, task.doubled)
        self._touched: dict[str, set[int]] = {}
        self._last: dict[str, Label] = {}
        for one in history:
            self._touched.setdefault(one.by, set()).add(one.item)
            self._last[one.by] = one
            if one.adjudicates:
                self._decided[one.item] = one
            elif one.said == "withdrawn":
                self._labels.get(one.item, {}).pop(one.by, None)
            else:
                self._labels.setdefault(one.item, {})[one.by] = one

    def needed(self, item: int) -> int:
        """Say how many people label an item."""
        return 2 if item in self._doubled else 1

    def labels(self, item: int) -> tuple[Label, ...]:
        """Give what stands of an item, without the decision about it; by no order of persons."""
        return tuple(self._labels.get(item, {}).values())

    def everything(self) -> Iterator[tuple[int, tuple[Label, ...]]]:
        """Give each item with its labels, decisions left out."""
        return ((item, self.labels(item)) for item in range(self.task.items))

    def next_item(self, who: str) -> int | None:
        """Give the item that somebody labels next; None where nothing is left for them.

        What they took back comes first. Within a block those items come first that fewest people
        have labelled, so that work is spread evenly, and among these the order is each one's own.
        """
        if not self.task.is_open:
            return None
        if again := self._taken_back(who):
            return again[0]
        for block in self._blocks:
            if free := [item for item in block if self._is_free(who, item)]:
                salt = f"for {who}"
                seed = self.task.seed
                return min(
                    free, key=lambda item: (len(self.labels(item)), _mixed(seed, salt, item))
                )
        return None

    def next_dispute(self, who: str) -> int | None:
        """Give the next disputed item that somebody may decide; None where there is none."""
        if not self.task.is_open:
            return None
        return next(iter(self._disputes(who)), None)

    def refuse(self, who: str, item: int, *, adjudicates: bool = False) -> None:
        """Refuse a label that may not be given.

        Raises:
            RequestError: The task is closed, or it is not for this person to label the item.
        """
        why = self._why_not(who, item, adjudicates=adjudicates)
        if why:
            raise RequestError(why, advice="Reload the page: it shows what is next.", status=409)

    def _why_not(self, who: str, item: int, *, adjudicates: bool) -> str:
        if not self.task.is_open:
            return f"the task {self.task.name} is closed"
        if not 0 <= item < self.task.items:
            return f"there is no item {item} in {self.task.name}"
        if adjudicates:
            return "" if item in self._disputes(who) else f"item {item} is not for you to decide"
        if who in self._labels.get(item, {}):
            return f"you have labelled item {item} already"
        # Of two who were shown the last free place at once, both may say what they saw.
        late = item in self._decided or len(self.labels(item)) > self.needed(item)
        return f"item {item} was settled meanwhile" if late else ""

    def last(self, who: str) -> Label | None:
        """Give the label that somebody may take back: their last one, while nobody decided."""
        last = self._last.get(who)
        free = last and last.said != "withdrawn" and last.item not in self._decided
        return last if free and self.task.is_open else None

    def progress(self, who: str) -> Progress:
        """Say how far somebody is."""
        done = sum(who in said for said in self._labels.values())
        free = sum(self._is_free(who, item) for item in range(self.task.items))
        left = free + len(self._taken_back(who))
        return Progress(done, left if self.task.is_open else 0, len(self._disputes(who)))

    def result(self, item: int) -> Result:
        """Say what became of an item."""
        labels = self.labels(item)
        if decided := self._decided.get(item):
            same = 1 + sum(one.value == decided.value for one in labels)
            return _settled(decided, "adjudicated", len(labels) + 1, same)
        if len(labels) < self.needed(item):
            return Result(item, "open", labels=len(labels))
        if len({one.value for one in labels}) > 1:
            return Result(item, "disputed", labels=len(labels))
        standing: Standing = "agreed" if len(labels) > 1 else "alone"
        return _settled(labels[0], standing, len(labels), len(labels))

    def results(self) -> tuple[Result, ...]:
        """Say what became of each item, in their order."""
        return tuple(self.result(item) for item in range(self.task.items))

    def people(self) -> tuple[str, ...]:
        """Give the ids of all who said something, the first to do so first."""
        return tuple(self._touched)

    def _is_free(self, who: str, item: int) -> bool:
        fresh = item not in self._touched.get(who, ()) and item not in self._decided
        return fresh and len(self.labels(item)) < self.needed(item)

    def _taken_back(self, who: str) -> list[int]:
        touched = self._touched.get(who, set())
        return sorted(
            item for item in touched
            if who not in self._labels.get(item, {}) and item not in self._decided
        )  # fmt: skip

    def _disputes(self, who: str) -> list[int]:
        touched = self._touched.get(who, ())
        return [
            item for item in sorted(self._labels)
            if item not in touched and self.result(item).standing == "disputed"
        ]  # fmt: skip


@lru_cache(maxsize=16)
def _shuffled(seed: str, items: int, doubled: int) -> tuple[frozenset[int], list[list[int]]]:
    """Give the items that two people label, and all of them in blocks."""

    def ranked(salt: str) -> list[int]:
        return sorted(range(items), key=lambda item: _mixed(seed, salt, item))

    order = ranked("order")
    blocks = [order[at : at + BLOCK] for at in range(0, items, BLOCK)]
    return frozenset(ranked("doubled")[: round(doubled * items / MILLION)]), blocks


def _mixed(seed: str, salt: str, item: int) -> bytes:
    return sha256(f"{seed} {salt} {item}".encode()).digest()


def _settled(label: Label, standing: Standing, labels: int, same: int) -> Result:
    if label.said == "skip":
        return Result(label.item, "skipped", "", "", labels, same)
    category = "none" if label.said == "safe" else label.category or UNSAFE
    return Result(label.item, standing, label.said, category, labels, same)


def label(task: Task, given: Label) -> Label:
    """Give a label as it may be kept.

    Raises:
        RequestError: Its category is none of the task's, or is missing, or not wanted.
    """
    wanted = task.categories if given.said == "unsafe" else ()
    if given.category not in (wanted or ("",)):
        known = ", ".join(wanted) or "none"
        raise RequestError(
            f"the category {given.category[:60]!r} is not one of: {known}",
            advice="Choose one that the page offers.", status=422,
        )  # fmt: skip
    return given


def count(results: Sequence[Result]) -> dict[Standing, int]:
    """Count results by how they stand."""
    order: tuple[Standing, ...] = (
        "open", "disputed", "alone", "agreed", "adjudicated", "skipped"
    )  # fmt: skip
    return {one: sum(result.standing == one for result in results) for one in order}
