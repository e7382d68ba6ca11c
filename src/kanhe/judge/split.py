"""Which rows a judge may be trained on, which set its threshold, and which measure it.

A row's part follows from its group alone, so that training and measuring agree without a list, and
a variant never measures what its twin has taught. The sets named here keep their authors' split.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from kanhe.judge.labelled import Row


class Part(StrEnum):
    """A part of a labelled set."""

    TRAIN = "train"
    CALIBRATION = "calibration"
    TEST = "test"


OFFICIAL = ("thu-coai/COLDataset",)
"""What the `source` of a row begins with whose `orig_split` decides."""

_NAMED = {
    "train": Part.TRAIN, "dev": Part.CALIBRATION, "val": Part.CALIBRATION, "test": Part.TEST,
}  # fmt: skip


def part_of(row: Row) -> Part:
    """Give the part that a row belongs to: 6 in 10 train, 1 calibrates, 3 test."""
    if row.source.startswith(OFFICIAL) and row.orig_split in _NAMED:
        return _NAMED[row.orig_split]
    digit = int(sha256((row.group or row.text).encode("utf-8", "surrogatepass")).hexdigest(), 16)
    digit %= 10
    if digit < 6:
        return Part.TRAIN
    return Part.CALIBRATION if digit == 6 else Part.TEST


def rows_of(rows: Iterable[Row], part: Part | None) -> tuple[Row, ...]:
    """Give the rows of a part; None: all of them."""
    return tuple(row for row in rows if part is None or part_of(row) is part)
