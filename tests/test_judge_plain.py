"""The reading of a text by the embedded judge: one code point for one, disguises seen through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.judge.plain import COVERED, Plain, plain_of, text_of


def planted() -> Plain:
    """A table that drops U+200B, widens nothing, folds one traditional character, and case."""
    table = np.tile(np.arange(COVERED, dtype=np.uint32), (2, 1))
    table[:, 0] = table[:, 0x200B] = 0
    table[:, ord("國")] = ord("国")
    table[:, ord("Ａ")] = ord("A")
    table[1, ord("A") : ord("Z") + 1] += 32
    return plain_of(table)


PLAIN = planted()


@pytest.mark.parametrize(
    ("raw", "cased", "lower"),
    [
        ("", "", ""),
        ("國\u200b家", "国家", "国家"),
        ("ＡB", "AB", "ab"),
        ("\u200b\x00", "", ""),
        ("😀𠮷A", "😀𠮷A", "😀𠮷a"),
        ("\ud800x", "\ufffdx", "\ufffdx"),
    ],
    ids=[
        "empty",
        "zero width and traditional",
        "width",
        "nothing left",
        "astral",
        "lone surrogate",
    ],
)
def test_a_text_is_read_without_its_disguises(raw, cased, lower):
    codes = PLAIN.codes(raw)
    assert text_of(codes) == cased
    assert text_of(PLAIN.lowered(codes)) == lower


@given(st.text(), st.text())
def test_reading_two_texts_on_end_is_reading_each(one, other):
    """The oracle is concatenation itself. Planted fault: a table that looks at the neighbour (a
    carried `covered` mask) differs at once."""
    whole = PLAIN.codes(one + other)
    assert text_of(whole) == text_of(PLAIN.codes(one)) + text_of(PLAIN.codes(other))
