"""Groups of people as data: what is shipped is whole, and what is wrong is told at once."""

from importlib.resources import files

import pytest

from fakes_judge import row
from kanhe.errors import FaultySet
from kanhe.judge.category import CATEGORIES
from kanhe.judge.identities import LANGUAGES
from kanhe.judge.identity_file import read_identities

RAW = (files("kanhe") / "judges" / "identities.yaml").read_bytes()
SHIPPED = read_identities(RAW, "identities.yaml")


def test_forty_groups_or_more_stand_on_all_nine_grounds_in_both_languages():
    grounds = {one.partition(".")[2] for one in CATEGORIES if one.startswith("discrimination.")}
    assert len(SHIPPED.groups) >= 40
    assert {one.ground for one in SHIPPED.groups} == grounds
    assert all(one.names[lang] for one in SHIPPED.groups for lang in LANGUAGES)


def test_every_sentence_is_told_of_every_group_and_of_nobody_in_particular():
    swaps = list(SHIPPED.swaps())
    sentences = sum(map(len, SHIPPED.sentences.values()))
    assert len(swaps) == sentences * (len(SHIPPED.groups) + 1)
    assert len({one.text for one in swaps}) == len(swaps)
    texts = {(one.identity, one.lang, one.sentence): one.text for one in swaps}
    assert texts["women", "en", 0] == "The new evening course is open to women."
    assert texts["", "zh", 5] == "人们在这个行业里做出了很多贡献。"
    assert not any("{" in one.text for one in swaps)


@pytest.mark.parametrize(
    ("text", "category", "wanted"),
    [
        ("I like them.", "ident_pos_nh/black people", {"black-people"}),
        ("I like them.", "ident_pos_nh/none", set()),
        ("Women and Muslims came.", "none", {"women", "muslims"}),
        ("The mention of mental arithmetic.", "none", set()),
        ("这些女同性恋者很友好", "none", {"lesbians"}),
        ("河南人和上海人都来了", "none", {"henan", "shanghai"}),
        ("我喜欢跨性别者", "ident_pos_nh/trans people", {"trans-people"}),
    ],
)
def test_a_row_names_the_groups_that_a_reader_would_name(text, category, wanted):
    assert SHIPPED.named_in(row(text, False, category)) == wanted


def test_a_name_within_a_longer_one_is_not_taken_for_it():
    raw = """
anyone: {zh: 人们, en: people}
identities:
  - {id: short, ground: sex, zh: [白人], en: [white]}
  - {id: long, ground: sex, zh: [白人女孩], en: [white girls]}
sentences: {zh: ["{who}好"], en: ["{who} came"]}
""".encode()
    some = read_identities(raw, "x.yaml")
    assert some.named_in(row("那些白人女孩", False)) == {"long"}
    assert some.named_in(row("White girls and white cats", False)) == {"long", "short"}


def test_every_group_of_the_public_tests_is_known(shared_data):
    import json

    for name in ("hatecheck_zh", "hatecheck_en"):
        lines = (shared_data / "dev" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        who = {json.loads(line)["category"].partition("/")[2] for line in lines} - {"none", ""}
        assert all(SHIPPED.named_in(row("x", False, f"a/{one}")) for one in who), who


def test_all_that_is_wrong_is_told_at_once():
    raw = """
anyone: {zh: 人们, en: people}
identities:
  - {id: a, ground: shoes, zh: [甲], en: [a people]}
  - {id: a, ground: sex, zh: [乙], en: [A people]}
  - {id: c, ground: sex, zh: [], en: [c]}
sentences:
  zh: ["{who}和{who}"]
  en: ["nobody"]
""".encode()
    with pytest.raises(FaultySet) as raised:
        read_identities(raw, "x.yaml")
    told = [one.what for one in raised.value.faults]
    assert told == [
        "'shoes' is no ground of discrimination", "stands twice", "has no name in `zh`",
        "does not hold {who} once", "does not hold {who} once", "'a people' names 2 groups",
    ]  # fmt: skip


@pytest.mark.parametrize("raw", [b"", b"[]", b"anyone: x", b"identities: 3", b"\xff"])
def test_what_is_no_such_file_is_refused(raw):
    with pytest.raises(FaultySet):
        read_identities(raw, "x.yaml")
