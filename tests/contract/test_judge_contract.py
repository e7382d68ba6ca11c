"""What every `Judge` promises: the remote ones, the queue before them, and the twin in memory."""

from __future__ import annotations

import asyncio
import math

import pytest

from fakes_judge import FakeJudge
from judges import chat, server_of
from kanhe.adapters.judge_guard import GuardJudge
from kanhe.adapters.judge_http import HttpJudge
from kanhe.adapters.judge_moderations import ModerationsJudge
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judge_templates import open_template
from kanhe.errors import JudgeError
from kanhe.judge.category import is_category
from kanhe.judge.port import Judge, Opinion, Question, Unscored

TEXTS = ["hit", "hug", "DOWN", "MUTE", "你好", "", "x" * 5000, "\ud800 hit", "👍"]
"""`hit` is unsafe, DOWN takes the judge down, MUTE is answered off the menu."""


def odds(text: str) -> float:
    return 0.97 if "hit" in text else 0.03


def thinks(question: Question):
    return {"unsafe": odds(question.text), "violence": odds(question.text)}


def word(path, asked):
    text = asked["messages"][-1]["content"]
    if "DOWN" in text:
        return 503, b""
    if "MUTE" in text:
        return chat("I would rather not say.")
    return chat("Yes" if "\nhit" in text or " hit" in text else "No")


def guard():
    server, _ = server_of(word)
    return GuardJudge(server, open_template("rubric-word"))


def moderations():
    def answers(path, asked):
        if "DOWN" in asked["input"]:
            return 503, b""
        scores = [{} if "MUTE" in text else {"violence": odds(text)} for text in asked["input"]]
        return {"results": [{"flagged": False, "category_scores": one} for one in scores]}

    server, _ = server_of(answers)
    return ModerationsJudge(server, open_template("openai-moderations"))


def http():
    def answers(path, asked):
        if "DOWN" in asked["text"]:
            return 503, b""
        return {"unsafe": None if "MUTE" in asked["text"] else odds(asked["text"])}

    server, _ = server_of(answers)
    return HttpJudge(server, open_template("plain-http"))


JUDGES = {
    "memory": lambda: FakeJudge(thinks, categories=("violence",)),
    "guard": guard,
    "moderations": moderations,
    "http": http,
    "queue": lambda: JudgeQueue(guard()),
}


@pytest.fixture(params=JUDGES)
def run(request):
    """Run `test(judge)` in a loop of its own; the judge is closed twice afterwards."""

    async def inside(test):
        judge: Judge = JUDGES[request.param]()
        await test(judge)
        await judge.aclose()
        await judge.aclose()

    return lambda test: asyncio.run(asyncio.wait_for(inside(test), 20))


def asked(*texts):
    return [Question(text) for text in texts]


def test_it_gives_one_answer_to_each_question_in_their_order(run):
    async def test(judge):
        found = await judge.judge(asked("hug", "hit", "MUTE", "hit", "hug"))
        assert [type(one) for one in found] == [Opinion, Opinion, Unscored, Opinion, Opinion]
        assert [one.unsafe > 0.5 for one in found if isinstance(one, Opinion)] == [
            False, True, True, False,
        ]  # fmt: skip
        assert found[2].why

    run(test)


def test_no_questions_are_no_answers(run):
    async def test(judge):
        assert list(await judge.judge([])) == []

    run(test)


def test_an_opinion_does_not_depend_on_the_batch(run):
    async def test(judge):
        texts = [text for text in TEXTS if text != "DOWN"]
        together = await judge.judge(asked(*texts))
        for text, found in zip(texts, together, strict=True):
            assert list(await judge.judge(asked(text))) == [found]

    run(test)


def test_opinions_are_probabilities_of_categories_it_looks_for(run):
    async def test(judge):
        for found in await judge.judge(asked(*(text for text in TEXTS if text != "DOWN"))):
            if isinstance(found, Opinion):
                several = (found.unsafe, *found.categories.values())
                assert all(math.isfinite(odd) and 0 <= odd <= 1 for odd in several)
                assert set(found.categories) <= judge.categories
        assert "unsafe" in judge.categories
        assert all(map(is_category, judge.categories))

    run(test)


def test_a_judge_that_is_down_raises_and_gives_nothing_for_the_others(run):
    async def test(judge):
        with pytest.raises(JudgeError) as caught:
            await judge.judge(asked("hug", "DOWN"))
        assert caught.value.advice
        assert isinstance((await judge.judge(asked("hug")))[0], Opinion)

    run(test)


def test_it_says_which_judge_it_is_and_stays_it(run):
    async def test(judge):
        await judge.judge(asked("hug"))
        first = judge.id
        assert first.name
        assert first.model
        assert len(first.hash) == 64
        await judge.judge(asked("hit", "MUTE"))
        assert judge.id == first

    run(test)
