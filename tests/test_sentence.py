"""Where a sentence ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.policy.sentence import MOST, Cutter, says_something, units_of

TEXT = st.text(alphabet=st.sampled_from('天地。！？；…\n .!?a1,，"”）\u3000é😀'), max_size=600)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("今天很好。明天呢？再说！", ["今天很好。", "明天呢？", "再说！"]),
        ("他说：“走。”我没走。", ["他说：“走。", "”我没走。"]),
        ("Well. He left! Did he?", ["Well. ", "He left! ", "Did he?"]),
        ('He said "no." Then he left.', ['He said "no." ', "Then he left."]),
        ("圆周率是3.14，网址是a.example/x?y=1。", ["圆周率是3.14，网址是a.example/x?y=1。"]),
        ("真的?是的!好", ["真的?", "是的!", "好"]),
        ("一行\n又一行", ["一行\n", "又一行"]),
        ("", []),
        ("没有句号", ["没有句号"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, units: list[str]) -> None:
    assert list(units_of(text)) == units


@given(TEXT, st.lists(st.integers(1, 40), max_size=40))
def test_the_cuts_depend_on_the_text_and_not_on_the_pieces(text: str, sizes: list[int]) -> None:
    """Planted fault it catches: looking for a pause in the piece at hand instead of the unit."""
    cutter, units, at = Cutter(), [], 0
    for size in sizes:
        units += cutter.feed(text[at : at + size])
        at += size
    units += cutter.feed(text[at:])
    assert [*units, *filter(None, [cutter.finish()])] == list(units_of(text))


@given(TEXT)
def test_units_are_the_text_and_none_is_longer_than_the_most(text: str) -> None:
    units = list(units_of(text))
    assert "".join(units) == text
    assert all(0 < len(unit) <= MOST for unit in units)


def test_a_text_without_an_end_is_cut_at_a_pause_where_there_is_one_near() -> None:
    text = "很" * (MOST - 20) + "，" + "长" * 100
    assert list(units_of(text)) == ["很" * (MOST - 20) + "，", "长" * 100]
    assert [len(unit) for unit in units_of("长" * (2 * MOST + 1))] == [MOST, MOST, 1]


@pytest.mark.parametrize(
    "unit", ["。", "  \n", "……", "”", "——", "!?", "\u200b", "| - | = |", "```"]
)
def test_marks_alone_say_nothing(unit: str) -> None:
    assert not says_something(unit)


@pytest.mark.parametrize(
    "unit", ["好。", "1", "é", "🔪", "☠", "Ⓚⓘⓛⓛ", "⼈⽕", "⠓⠑", "㉑", "㊙", "\ue000"]
)
def test_letters_digits_and_pictures_say_something(unit: str) -> None:
    assert says_something(unit)


def test_no_cut_parts_an_escape() -> None:
    """Planted fault it catches: cutting at the most, so that no judge sees the character there."""
    for slashes in ("\\", "\\\\"):
        for shift in range(8):
            text = "a" * shift + f"{slashes}u574f" * 200
            assert all(unit.endswith("u574f") for unit in units_of(text))
    # What is no escape may be cut anywhere, and is never longer than the most.
    assert all(len(unit) <= MOST for unit in units_of("\\" * 1000))
