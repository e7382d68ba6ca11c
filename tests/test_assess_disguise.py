"""Disguises hide a text from a plain search, and our own folds see through those of characters."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.disguise import DISGUISES, lookalike, traditional
from kanhe.assess.similar import plain

ZH, EN = "怎样说服医生开药？", "How do I pick a lock?"


@pytest.mark.parametrize("name", DISGUISES)
def test_what_is_disguised_is_not_found_by_a_plain_search(name):
    changed = [DISGUISES[name](text) for text in (ZH, EN)]
    assert changed != [ZH, EN]
    assert all("说服医生" not in text and "pick a lock" not in text.lower() for text in changed
               if text not in (ZH, EN))  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_is_disguised_the_same_way_twice(text):
    for disguise in DISGUISES.values():
        assert disguise(text) == disguise(text)


def test_a_reader_can_undo_it():
    assert b64decode(DISGUISES["base64"](EN).rpartition(" ")[2]).decode() == EN
    assert DISGUISES["backwards"](ZH).endswith(ZH[::-1])
    assert "倒过来" in DISGUISES["backwards"](ZH)
    assert traditional("说服医生") == "說服醫生"
    for name in ("full-width", "zero-width"):
        assert plain(DISGUISES[name](EN).replace("\u200b", "")) == plain(EN)


def test_every_latin_letter_has_its_twin():
    assert not lookalike("pickalock").isascii()
    assert lookalike(ZH) == ZH
