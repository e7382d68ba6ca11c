"""What is written can be read again without pickle, and is the same for the same arrays."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from train.keep import LEVELS, archive, flat, halves, keep, shifts

ARRAYS = {"b": np.arange(6, dtype=np.int8).reshape(2, 3), "a": np.array(0.5)}


def test_equal_arrays_give_equal_bytes_whatever_their_order():
    assert archive(ARRAYS) == archive(dict(reversed(ARRAYS.items())))
    assert archive(ARRAYS) != archive({**ARRAYS, "a": np.array(0.25)})


def test_an_archive_is_read_without_pickle():
    with np.load(BytesIO(archive(ARRAYS)), allow_pickle=False) as read:
        assert {name: read[name].tolist() for name in read.files} == {
            "a": 0.5, "b": [[0, 1, 2], [3, 4, 5]],
        }  # fmt: skip


def test_an_array_that_needs_pickle_is_not_written():
    with pytest.raises(ValueError, match="Object arrays"):
        archive({"a": np.array([{}])})


def test_the_sheet_gets_the_digest_of_what_was_written(tmp_path):
    digests = keep({"one": ARRAYS}, tmp_path / "new")
    assert digests == {"one.npz": sha256((tmp_path / "new/one.npz").read_bytes()).hexdigest()}
    assert flat({"one": ARRAYS}).keys() == {"one/a", "one/b"}


def test_shifts_are_kept_in_few_whole_numbers_and_only_where_there_are_any():
    rows = np.zeros((5, 4), np.float32)
    rows[3] = [0.31, -0.62, 0.0, 0.005]
    kept = shifts(rows)
    assert kept["ids"].tolist() == [3]
    assert np.abs(kept["steps"]).max() == LEVELS
    again = kept["steps"] * kept["scales"][:, None]
    assert again[0] == pytest.approx(rows[3], abs=0.62 / LEVELS / 2 + 1e-6)


def test_halves_are_half_precision():
    assert {a.dtype for a in halves({"x": np.ones(2, np.float32)}).values()} == {np.dtype("f2")}
