"""One line is disclosed alone: it is in the tree, and tells nothing that was not shown."""

import base64
import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import line
from kanhe.assess.evidence_tree import (
    Texts,
    Tree,
    disclose,
    is_disclosure,
    read_disclosure,
    root_of,
    write_disclosure,
)
from kanhe.assess.item import Item
from kanhe.assess.line_file import write_line
from kanhe.assess.outcome import Answered, Failed, Way
from kanhe.errors import AssessError
from kanhe.ledger.tree import EMPTY_ROOT, bag, leaf_hash, peaks

LINES = [line(n, said={Way.KEYWORD: True}) for n in range(9)]
LEAVES = [write_line(one) for one in LINES]
ROOT = root_of(LEAVES)


@given(st.lists(st.binary(max_size=3), max_size=70))
def test_the_root_is_the_ledgers(leaves):
    """Oracle: the ledger's own way of joining peaks, which its conformance tests hold."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert Tree(leaves).root() == bag(peaks(hashes))
    assert leaves or Tree(leaves).root() == EMPTY_ROOT


@pytest.mark.parametrize("index", range(9))
def test_each_line_can_be_disclosed_alone(index):
    raw = write_disclosure(disclose("r1", LEAVES, index, None))
    assert is_disclosure(raw)
    assert read_disclosure(raw).check(ROOT, 9) == LINES[index]
    told = json.loads(raw)
    others = [leaf.decode() for n, leaf in enumerate(LEAVES) if n != index]
    assert told["line"] == LEAVES[index].decode()
    assert not any(other[:30] in raw.decode() for other in others)


def test_there_is_no_line_beyond_the_last():
    with pytest.raises(ValueError, match="no entry 9"):
        disclose("r1", LEAVES, 9, None)


@given(st.data())
def test_no_changed_disclosure_holds(data):
    """Planted fault caught: a check that takes the root which the disclosure brings along."""
    told = json.loads(write_disclosure(disclose("r1", LEAVES, 4, None)))
    other = [*LEAVES]
    other[4] = LEAVES[4].replace(b"true", b"false", 1)
    forged = json.loads(write_disclosure(disclose("r1", other, 4, None)))
    key = data.draw(st.sampled_from(["line", "path", "index", "size", "root", "all"]))
    if key == "all":
        told = forged
    elif key in ("line", "root"):
        told[key] = forged[key]
    elif key == "path":
        step = bytearray(base64.b64decode(told["path"][0]))
        step[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        told["path"][0] = base64.b64encode(step).decode()
    elif key == "index":
        told["index"] = data.draw(st.integers(-1, 12).filter(lambda n: n != 4))
    else:
        # Ten to sixteen lines have paths of the same form: the path alone would not tell.
        told["size"] = data.draw(st.integers(0, 40).filter(lambda n: n != 9))
    with pytest.raises(AssessError, match="does not hold"):
        read_disclosure(json.dumps(told).encode()).check(ROOT, 9)


ITEM = Item("i3", LINES[3].kind, "zh", ("问题一", "问题二"), "A.2.a", LINES[3].expect, ("甲",))
SAID = "答案是甲"


def spoken():
    """Give lines in which the fourth is about ITEM, answered with SAID."""
    outcome = LINES[3].outcome
    trial = replace(outcome.trial, item=ITEM.digest)
    reply = Answered(sha256(SAID.encode()).hexdigest())
    mine = replace(LINES[3], outcome=replace(outcome, trial=trial, reply=reply))
    return [*LEAVES[:3], write_line(mine), *LEAVES[4:]]


def test_texts_are_shown_with_a_line_and_checked_against_it():
    leaves = spoken()
    texts = Texts(turns=ITEM.turns, key=ITEM.key, answer=SAID)
    found = read_disclosure(write_disclosure(disclose("r1", leaves, 3, texts)))
    found.check(root_of(leaves), 9)
    assert found.texts == texts
    for other in (
        Texts(turns=("问题一",), key=ITEM.key, answer=SAID),
        Texts(turns=ITEM.turns, key=("乙",), answer=SAID),
        Texts(turns=ITEM.turns, key=ITEM.key, system="x"),
        Texts(turns=ITEM.turns, key=ITEM.key, answer=SAID + "。"),
    ):
        with pytest.raises(AssessError, match="is not the one"):
            replace(found, texts=other).check(root_of(leaves), 9)
        with pytest.raises(AssessError, match="is not the one"):
            disclose("r1", leaves, 3, other)


def test_an_answer_is_not_shown_where_there_was_none():
    outcome = replace(LINES[3].outcome, reply=Failed("late", 3), verdicts=())
    mine = replace(
        LINES[3], outcome=replace(outcome, trial=replace(outcome.trial, item=ITEM.digest))
    )
    with pytest.raises(AssessError, match="the answer is not"):
        disclose("r", [write_line(mine)], 0, Texts(turns=ITEM.turns, key=ITEM.key, answer=""))
    disclose("r", [write_line(mine)], 0, Texts(turns=ITEM.turns, key=ITEM.key))


def test_half_a_character_is_told_and_not_written():
    half = replace(disclose("r", LEAVES, 0, None), texts=Texts(turns=("a",), answer="\ud800"))
    with pytest.raises(AssessError, match="half a character"):
        write_disclosure(half)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(form="kanhe-disclosure-2"),
        lambda one: one.update(more=1),
        lambda one: one.pop("line"),
        lambda one: one.update(path=["AAAA"]),
        lambda one: one.update(path=["!"]),
        lambda one: one.update(path=one["path"] * 40),
        lambda one: one.update(root="xyz"),
        lambda one: one.update(texts={"turns": ["a"], "more": 1}),
    ],
)
def test_what_is_no_disclosure_is_refused(change):
    told = json.loads(write_disclosure(disclose("r1", LEAVES, 4, None)))
    change(told)
    with pytest.raises(AssessError, match="cannot be read"):
        read_disclosure(json.dumps(told).encode())


def test_a_disclosure_out_of_a_hundred_thousand_lines_is_small():
    """The issue's bound: 2 kB."""
    usual = {Way.MANUAL: True, Way.KEYWORD: True, Way.CLASSIFIER: True}
    mine = write_line(line(7, said=usual))
    leaves = [mine, *[b"%d" % n for n in range(99_999)]]
    one = disclose("cn-genai-monthly-2026-11", leaves, 0, None)
    assert len(one.path) == 17
    assert len(write_disclosure(one)) <= 2000
