"""Every word of the console is there in Chinese, said once, with the same places in it."""

import re

import pytest
from babel.messages.pofile import read_po
from markupsafe import Markup

from console_messages import messages
from kanhe.console.language import chosen
from kanhe.console.locale_text import CATALOGUES, Catalogue, read_catalogue, read_file

PLACE = re.compile(r"%\((\w+)\)s")
FILES = sorted(CATALOGUES.glob("*.po"))
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff] ?[,;:!?]|[\u4e00-\u9fff]\.(?!\w)")


def test_every_message_of_templates_and_code_has_a_chinese_one():
    """Planted: a message that nobody said is found missing."""
    known = read_catalogue().zh
    assert [f"{where} {texts[0]}" for where, texts in messages() if texts[0] not in known] == []
    assert "nobody said this" not in known


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_entry_is_fuzzy_or_empty_and_places_are_kept(file):
    with file.open("rb") as opened:
        for entry in read_po(opened, locale="zh"):
            if not entry.id:
                continue
            said = entry.string[0] if isinstance(entry.string, tuple) else entry.string
            meant = entry.id[-1] if isinstance(entry.id, tuple) else entry.id
            assert not entry.fuzzy, entry.id
            assert said, entry.id
            assert set(PLACE.findall(said)) == set(PLACE.findall(meant)), entry.id


def test_no_message_stands_in_two_files():
    """Which one is read would depend on the names of the files."""
    seen = {}
    for file in FILES:
        for message in read_file(file):
            assert message not in seen, (message, file.name, seen.get(message))
            seen[message] = file.name


def test_chinese_has_full_width_punctuation():
    for message, said in read_catalogue().zh.items():
        assert not HALF_WIDTH.search(said), (message, said)
    assert HALF_WIDTH.search("好,")


def test_no_word_shouts_or_boasts():
    told = [text for _, texts in messages() for text in texts] + [*read_catalogue().zh.values()]
    for text in told:
        assert not re.search(r"[!！]|successfully|成功", text), text


def test_values_are_escaped_and_markup_is_not():
    catalogue = Catalogue({"entry %(n)s": "记录%(n)s"})
    assert catalogue.say("zh", "entry %(n)s", n="<b>") == "记录&lt;b&gt;"
    assert catalogue.say("en", "entry %(n)s", n=Markup("<b>1</b>")) == "entry <b>1</b>"
    assert catalogue.say("en", "100 % sure") == "100 % sure"


def test_chinese_has_one_form_and_english_two():
    catalogue = Catalogue({"%(n)s gap": "%(n)s项未满足"})
    messages_ = ("%(n)s gap", "%(n)s gaps")
    assert catalogue.count("en", messages_, 1) == "1 gap"
    assert catalogue.count("en", messages_, 1200) == "1,200 gaps"
    assert catalogue.count("zh", messages_, 4) == "4项未满足"


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (["zh", "en"], "zh"),
        (["", "en"], "en"),
        (["fr", "zh-CN,zh;q=0.9,en;q=0.8"], "zh"),
        (["de,en-GB;q=0.5"], "en"),
        ([], "en"),
        (["<script>"], "en"),
    ],
)
def test_a_reader_gets_the_first_language_that_there_is(wishes, language):
    assert chosen(wishes) == language
