"""Windows: none too long, nothing left out, and what stands across a cut is seen whole."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.judge.window import LONGEST, windows

# No character but an end occurs twice, so that a window's place is known from what stands in it.
ENDS = st.lists(st.sampled_from(["", "", "", "。", "\n", ". "]), max_size=60)
TEXTS = ENDS.map(lambda ends: "".join(chr(0x4E00 + i) + end for i, end in enumerate(ends)))
LENGTHS = st.integers(8, 24)


@given(TEXTS, LENGTHS)
@example("".join(map(chr, range(0x4E00, 0x4E40))), 8)
def test_windows_cover_the_text_in_its_order(text, longest):
    """Planted faults: a next window that begins later or earlier, a limit of one more character."""
    covered = 0
    for window in windows(text, longest):
        assert len(window) <= longest
        begin = text.index(window)
        assert begin in {covered, covered - longest // 4}
        assert begin + len(window) >= covered + longest // 4 or begin + len(window) == len(text)
        covered = begin + len(window)
    assert covered == len(text)


@given(TEXTS, LENGTHS)
@example("".join(map(chr, range(0x4E00, 0x4E40))), 8)
def test_what_holds_no_sentence_end_is_seen_whole(text, longest):
    """Planted fault: no overlap."""
    size = longest // 4
    found = windows(text, longest)
    for start in range(len(text) - size + 1):
        phrase = text[start : start + size]
        if not set(phrase) & set("。\n. "):
            assert any(phrase in window for window in found)


def test_a_short_text_is_its_own_window():
    assert windows("") == [""]
    assert windows("a" * LONGEST) == ["a" * LONGEST]


@pytest.mark.parametrize("end", ["。", "！”", "……", "?)", "\n", ". "])
def test_a_window_ends_with_a_sentence(end):
    text = "句" * 6 + end + "子" * 8
    first, *rest = windows(text, 10)
    assert first == "句" * 6 + end.rstrip(" ")
    assert "".join([first, *rest[:1]]).startswith(text[:12])


def test_a_point_inside_a_number_ends_no_sentence():
    assert windows("a" * 6 + "3.14" + "b" * 8, 10)[0] == "a" * 6 + "3.14"


def test_a_line_of_a_million_characters_is_cut_in_bounded_time():
    assert len(windows("a" * 1_000_000)) < 1_000_000 / (LONGEST * 3 / 4) + 2
    assert len(windows("a。" * 500_000)) < 1_000_000 / (LONGEST / 2) + 2
