"""The embedded judge: a number for whatever text, the same alone as in company, from sound files.

The weights are planted: of the right form and without sense. What sense the shipped ones have is
measured by `kanhe judge measure` and told in docs/judge-figures.md. For its files see
tests/test_embedded_files.py.
"""

from __future__ import annotations

import asyncio
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded_weights import NASTY, OUTPUTS, cascade, flat, halved, planted, write
from encoders import encoder
from kanhe.adapters import embedded_judge as subject
from kanhe.adapters.embedded_judge import WHOLE, EmbeddedJudge
from kanhe.errors import JudgeBusy
from kanhe.judge.cascade import Cascade, weights_of
from kanhe.judge.port import Opinion, Question, Unscored
from kanhe.judge.window import LONGEST


@pytest.fixture
def place(tmp_path):
    return write(tmp_path / "weights", planted())


@pytest.fixture
def judge(place):
    made = EmbeddedJudge(None, place)
    made._cascade = halved()  # what loading gives, without waiting for it in each test
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
    found = opinions(judge, NASTY)
    assert len(found) == len(NASTY)
    for opinion in found:
        assert all(math.isfinite(p) and 0 <= p <= 1 for p in numbers(opinion))
        assert opinion.categories.keys() | {"unsafe"} == judge.categories == {*OUTPUTS}
    assert {opinion.stage for opinion in found} == {"static", "tower"}


def test_nothing_asked_is_nothing_answered(judge):
    assert opinions(judge, []) == []


def test_an_opinion_is_the_same_alone_and_in_company(judge):
    together = opinions(judge, NASTY)
    for text, opinion in zip(NASTY, together, strict=True):
        (alone,) = opinions(judge, [text])
        assert close(alone, opinion)


class Noted:
    """The encoder's eyes, and which pieces they were shown."""

    def __init__(self):
        self.seen = []

    def ids(self, text):
        return encoder().ids(text)

    def rows(self, ids):
        self.seen += ids.tolist()
        return encoder().rows(ids)


@pytest.mark.parametrize(
    "padding", ["½", "ﷺ", "㒨", "x "], ids=["three", "many", "unknown", "words"]
)
def test_the_tower_sees_what_stands_behind_padding(padding):
    """Planted fault: pieces beyond the most that the tower takes are cut off."""
    noted = Noted()
    text = padding * (580 // len(padding)) + "kerosene"
    (view,) = Cascade(cascade(0.0).weights, noted).look([text])
    assert view.stage == "tower"
    last = encoder().ids(text)[-3:]
    assert last in [noted.seen[i : i + 3] for i in range(len(noted.seen))]


@settings(max_examples=25)
@given(st.permutations(range(len(NASTY) - 3)))
def test_the_order_of_questions_does_not_matter(order):
    """Planted fault: views of the tower given back in the order of their lengths."""
    views = cascade(0.0).look([NASTY[i] for i in order])
    straight = cascade(0.0).look(NASTY[: len(order)])
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
    sentence = ("今天天气不错，" * 600)[: LONGEST - 1] + "。"
    first, worst = sentence * (WHOLE // LONGEST), set()
    for second in ["x" * 50, "Hello", "怎样？", "1234567890" * 9, "👍"]:
        whole = numbers(*opinions(judge, [first + second]))
        each = [numbers(opinion) for opinion in opinions(judge, [sentence, second])]
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
        (opinion,) = opinions(judge, ["卖茶叶" * 2000])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert opinion.stage == "tower"
    assert most < 60 * 2**20


def test_what_is_no_number_is_no_opinion(judge):
    """A comparison with it is false: it would pass below every threshold."""
    arrays = flat(planted(leave=0.0))
    arrays["tower/out_b"] = np.full(len(OUTPUTS), np.nan, np.float32)
    judge._cascade = Cascade(weights_of(arrays), encoder())
    (answer,) = opinions(judge, ["a"])
    assert isinstance(answer, Unscored)


def test_a_text_that_would_take_minutes_gets_no_opinion(judge, monkeypatch):
    """Planted fault: windows counted over all texts, so that one spoils its neighbour's opinion."""
    judge._cascade = watched = Watched(leave=0.0)
    monkeypatch.setattr(subject, "MOST_DOUBTED", 8)
    texts = ["卖茶叶，" * 128 * 100, "卖茶叶。"]
    long, short = opinions(judge, texts)
    assert isinstance(long, Unscored)
    assert isinstance(short, Opinion)
    assert 8 < sum(map(len, watched.portions)) < 25


class Watched:
    """A cascade that notes what it was asked, and calls back before it answers."""

    def __init__(self, then=lambda: None, leave=2.0):
        self.portions = []
        self._then, self._leave = then, leave

    def look(self, texts):
        self.portions.append([len(text) for text in texts])
        self._then()
        return cascade(self._leave).look(texts)


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
    assert max(map(sum, watched.portions)) <= 4096
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
