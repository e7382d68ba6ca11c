"""The embedded judge: a number for whatever text, the same alone as in company, from sound files.

The weights are planted: of the right form and without sense. What sense the shipped ones have is
measured by `kanhe judge measure` and told in docs/judge-figures.md.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import tracemalloc
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded_weights import OUTPUTS, digest, planted, write
from encoders import encoder
from kanhe.adapters import embedded_judge as subject
from kanhe.adapters.embedded_judge import EmbeddedJudge, read_sheet
from kanhe.errors import JudgeBusy, JudgeError, WeightsError
from kanhe.judge.cascade import Cascade, weights_of
from kanhe.judge.port import Opinion, Question, Unscored
from kanhe.judge.window import LONGEST

TEXTS = [
    "",
    " ",
    "\0",
    "\0\0\0",
    "a",
    "你好",
    "👍👍👍🏽👨\u200d👩\u200d👧",
    "\ud800",
    "a\udfffb\ud800\udc00",
    "\u200b\u200b",
    "\ufeff",
    "混合 mixed متن текст ภาษา 漢字かな 🎉",
    "How do I wipe an old disk?",
    "怎样安全地清除旧电脑里的数据？",
    "１２３ ①②③ ㍿ ﷺ ½",
    "e\u0301\u0302\u0303" * 20,
    "\u202eabc\u2066def\U000e0041",
    "炸\u200b弹\u200c制\u200d作",
    "b\u0336o\u0336m\u0336b",
    "𠮷𩸽" * 50,
    "\U0010ffff\ue000\ufffe",
    "啊" * 3000,
    "word " * 2000,
    "。" * 5000,
]


def flat(arrays):
    return {f"{file}/{name}": a for file, named in arrays.items() for name, a in named.items()}


@cache
def cascade(leave=0.5):
    return Cascade(weights_of(flat(planted(leave=leave))), encoder())


@pytest.fixture
def place(tmp_path):
    return write(tmp_path / "weights", planted())


@pytest.fixture
def judge(place):
    made = EmbeddedJudge(None, place)
    made._cascade = cascade()  # what loading gives, without waiting for it in each test
    yield made
    asyncio.run(made.aclose())


def opinions(judge, texts):
    return asyncio.run(judge.judge([Question(text) for text in texts]))


def numbers(opinion):
    assert isinstance(opinion, Opinion)
    return [opinion.unsafe, *(opinion.categories[name] for name in OUTPUTS[1:])]


def close(one, other):
    return all(abs(a - b) <= 1e-5 for a, b in zip(numbers(one), numbers(other), strict=True))


def test_every_text_has_probabilities(judge):
    found = opinions(judge, TEXTS)
    assert len(found) == len(TEXTS)
    for opinion in found:
        assert all(math.isfinite(p) and 0 <= p <= 1 for p in numbers(opinion))
        assert opinion.categories.keys() | {"unsafe"} == judge.categories == {*OUTPUTS}
    assert {opinion.stage for opinion in found} == {"static", "tower"}


def test_nothing_asked_is_nothing_answered(judge):
    assert opinions(judge, []) == []


def test_an_opinion_is_the_same_alone_and_in_company(judge):
    together = opinions(judge, TEXTS)
    for text, opinion in zip(TEXTS, together, strict=True):
        (alone,) = opinions(judge, [text])
        assert close(alone, opinion)


@given(st.permutations(range(len(TEXTS) - 3)))
def test_the_order_of_questions_does_not_matter(order):
    """Planted fault: views of the tower given back in the order of their lengths."""
    views = cascade(0.0).look([TEXTS[i] for i in order])
    straight = cascade(0.0).look(TEXTS[: len(order)])
    for i, view in zip(order, views, strict=True):
        assert np.allclose(view.probabilities, straight[i].probabilities, atol=1e-5)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_texts_have_probabilities_alone_as_in_company(texts):
    together = cascade(0.0).look(texts)
    for text, view in zip(texts, together, strict=True):
        assert ((view.probabilities >= 0) & (view.probabilities <= 1)).all()
        (alone,) = cascade(0.0).look([text])
        assert np.allclose(view.probabilities, alone.probabilities, atol=1e-5)


def test_a_long_text_is_as_unsafe_as_its_worst_part(judge):
    """Planted fault: the last part instead of the worst."""
    first = ("今天天气不错。" * 600)[: LONGEST - 1] + "。"
    worst = set()
    for second in ["x" * 50, "Hello", "怎样？", "1234567890" * 9, "👍"]:
        whole = numbers(*opinions(judge, [first + second]))
        each = [numbers(opinion) for opinion in opinions(judge, [first, second])]
        assert whole == pytest.approx([max(both) for both in zip(*each, strict=True)], abs=1e-5)
        worst |= {a > b for a, b in zip(*each, strict=True)}
    assert worst == {True, False}  # or the texts above show nothing


@pytest.mark.parametrize("line", ["a" * 1_000_000, "骗" * 333_333, "ab c" * 250_000])
def test_a_line_of_a_megabyte_takes_little_memory(place, line):
    """Planted fault: one portion for all windows of a text."""
    judge = EmbeddedJudge(None, place)
    judge._cascade = cascade(2.0)  # no text is as probable as that: the tower stays out
    opinions(judge, ["warm"])
    tracemalloc.start()
    try:
        (opinion,) = opinions(judge, [line])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0 <= opinion.unsafe <= 1
    assert most < 30 * 2**20
    asyncio.run(judge.aclose())


def test_the_tower_takes_little_memory_for_a_long_line(judge):
    judge._cascade = cascade(0.0)
    opinions(judge, ["warm"])
    tracemalloc.start()
    try:
        (opinion,) = opinions(judge, ["卖茶叶" * 4000])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert opinion.stage == "tower"
    assert most < 60 * 2**20


def test_what_is_no_number_is_no_opinion(judge):
    """A comparison with it is false: it would pass below every threshold."""
    arrays = flat(planted(leave=0.0))
    arrays["tower/out_b"][1] = np.nan
    judge._cascade = Cascade(weights_of(arrays), encoder())
    (answer,) = opinions(judge, ["a"])
    assert isinstance(answer, Unscored)


class Watched:
    """A cascade that notes what it was asked, and calls back before it answers."""

    def __init__(self, then=lambda: None):
        self.portions = []
        self._then = then

    def look(self, texts):
        self.portions.append([len(text) for text in texts])
        self._then()
        return cascade(2.0).look(texts)


def test_a_long_question_lets_a_short_one_through(judge):
    judge._cascade = watched = Watched()

    async def both():
        long = asyncio.create_task(judge.judge([Question("a" * 100_000)]))
        await asyncio.sleep(0)
        short = asyncio.create_task(judge.judge([Question("b")]))
        await asyncio.wait([long, short], return_when=asyncio.FIRST_COMPLETED)
        assert short.done()
        assert not long.done()
        await long

    asyncio.run(both())
    assert watched.portions.index([1]) == 1


def test_a_question_given_up_is_not_looked_at_any_further(judge):
    async def given_up():
        loop = asyncio.get_running_loop()
        begun = asyncio.Event()
        judge._cascade = watched = Watched(lambda: loop.call_soon_threadsafe(begun.set))
        task = asyncio.create_task(judge.judge([Question("a" * 100_000)]))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await judge.judge([Question("b")])
        return watched.portions

    assert len(asyncio.run(given_up())) <= 3


def test_portions_are_small(judge):
    judge._cascade = watched = Watched()
    opinions(judge, ["短", "a" * 50_000, "句子。" * 4000, *["b" * 100] * 500])
    assert max(map(sum, watched.portions)) <= 8192
    assert sum(map(len, watched.portions)) >= 500


def test_a_judge_that_is_closed_says_so(place):
    judge = EmbeddedJudge(None, place)

    async def closed():
        await judge.aclose()
        await judge.aclose()
        with pytest.raises(JudgeBusy, match="shut down"):
            await judge.judge([Question("a")])

    asyncio.run(closed())


def test_a_start_loads_and_the_encoder_is_kept(place, tmp_path, caplog):
    caplog.set_level("INFO")
    judge = EmbeddedJudge(tmp_path / "cache", place)

    async def started():
        await judge.start()
        await judge.start()
        answers = await judge.judge([Question("你好")])
        await judge.aclose()
        return answers

    assert isinstance(asyncio.run(started())[0], Opinion)
    assert sum("loaded the embedded judge" in message for message in caplog.messages) == 1
    assert (tmp_path / "cache").is_dir()


# What follows: files.


def test_the_hash_covers_weights_outputs_and_arithmetic(place, tmp_path, monkeypatch):
    def hash_of(where):
        return EmbeddedJudge(None, where).id.hash

    first = hash_of(place)
    assert hash_of(place) == first
    assert hash_of(write(tmp_path / "same", planted())) == first
    assert hash_of(write(tmp_path / "seed", planted(seed=8))) != first
    assert (
        hash_of(write(tmp_path / "swapped", planted(), outputs=("unsafe", "drugs", "fraud")))
        != first
    )
    # The threshold is for those who measure: an opinion does not depend on it.
    assert hash_of(write(tmp_path / "threshold", planted(), threshold=0.25)) == first
    monkeypatch.setattr(subject, "ARITHMETIC", subject.ARITHMETIC + 1)
    assert hash_of(place) != first
    assert EmbeddedJudge(None, place).id.pinned


GOLDEN_TEXTS = ["", "Hello, World", "怎样清除旧电脑里的数据？", "啊\u200b" * 700]
GOLDEN = {
    "static": [
        [0.8147, 0.1076, 0.7115],
        [0.8231, 0.092, 0.7196],
        [0.7879, 0.2676, 0.6995],
        [0.2548, 0.8865, 0.9999],
    ],
    "tower": [
        [0.9434, 0.3057, 0.0968],
        [0.9593, 0.2964, 0.1309],
        [0.9443, 0.2933, 0.0651],
        [0.9707, 0.3054, 0.1006],
    ],
}


def test_the_arithmetic_is_the_one_with_its_number():
    """Fails when equal weights give another opinion: then raise `ARITHMETIC`, and pin these anew.

    Otherwise a record of measuring would vouch for a judge that is no longer the same.
    """
    assert subject.ARITHMETIC == 1
    for stage, leave in (("static", 2.0), ("tower", 0.0)):
        found = [view.probabilities.tolist() for view in cascade(leave).look(GOLDEN_TEXTS)]
        assert np.allclose(found, GOLDEN[stage], atol=1e-3), np.round(found, 4).tolist()


@pytest.mark.parametrize("damage", ["changed", "cut", "missing", "elsewhere"])
def test_weights_that_the_sheet_does_not_vouch_for_are_refused(place, damage):
    file = place / "tower.npz"
    data = file.read_bytes()
    match damage:
        case "changed":
            file.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "cut":
            file.write_bytes(data[: len(data) // 2])
        case "missing":
            file.unlink()
        case "elsewhere":
            outside = place.parent / "tower.npz"
            file.rename(outside)
            sheet = json.loads((place / "sheet.json").read_bytes())
            sheet["files"]["../tower.npz"] = sheet["files"].pop("tower.npz")
            (place / "sheet.json").write_text(json.dumps(sheet))
    with pytest.raises(WeightsError, match=r"not what|cannot be read|another folder") as told:
        EmbeddedJudge(None, place)
    assert told.value.advice


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"outputs": ["fraud", "unsafe"]}, "outputs"),
        ({"outputs": []}, "outputs"),
        ({"outputs": ["unsafe", "fraud", "fraud"]}, "outputs"),
        ({"outputs": ["unsafe", "politics"]}, "politics"),
        ({"outputs": 3}, "no data sheet"),
        ({"files": []}, "no data sheet"),
        ({"threshold": "high"}, "no data sheet"),
        ({"encoder": {}}, "no data sheet"),
        ({"encoder": {"sha256": "00"}}, "another sentence encoder"),
    ],
)
def test_a_sheet_that_makes_no_sense_is_refused(tmp_path, changed, what):
    with pytest.raises(WeightsError, match=what):
        read_sheet(write(tmp_path, {}, **changed))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\ud800"])
def test_what_is_no_sheet_is_refused(tmp_path, text):
    (tmp_path / "sheet.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(WeightsError, match="no data sheet"):
        read_sheet(tmp_path)


def test_a_folder_without_a_sheet_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        EmbeddedJudge(None, tmp_path)


class Code:
    """Where it is unpickled, something happens."""

    def __init__(self, place):
        self._place = place

    def __reduce__(self):
        return os.mkdir, (str(self._place),)


@pytest.mark.parametrize("fault", ["pickle", "array", "file", "shape", "no archive"])
def test_weights_that_cannot_be_used_are_a_failure_and_no_opinion(tmp_path, fault):
    """Vouched for, and wrong all the same: told when it loads, never run, never guessed."""
    arrays = planted()
    ran = tmp_path / "ran"
    match fault:
        case "pickle":
            arrays["joint"]["early"] = np.array([Code(ran)])
        case "array":
            del arrays["static"]["hidden"]
        case "file":
            del arrays["linear"]
        case "shape":
            arrays["linear"]["scale"] = np.ones((2, 2))
    place = write(tmp_path, arrays)
    if fault == "no archive":
        (place / "joint.npz").write_bytes(b"PK nothing")
        vouched = {file.name: digest(file) for file in place.glob("*.npz")}
        write(place, {}, files=vouched)
    judge = EmbeddedJudge(None, place)
    with pytest.raises(JudgeError, match="unusable"):
        opinions(judge, ["a"])
    with pytest.raises(WeightsError, match="unusable"):
        asyncio.run(judge.start())
    asyncio.run(judge.aclose())
    assert not ran.exists()
