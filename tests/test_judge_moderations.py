"""The moderations API: many texts a call, scores mapped, nothing read into what is not there."""

import json
import math

import pytest

from judges import server_of
from kanhe.adapters.judge_moderations import ModerationsJudge
from kanhe.adapters.judge_templates import open_template
from kanhe.errors import JudgeError
from kanhe.judge.port import Opinion, Question, Unscored
from upstream import on_loop

ZERO = dict.fromkeys(
    ["harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
     "illicit/violent", "self-harm", "self-harm/intent", "self-harm/instructions", "sexual",
     "sexual/minors", "violence", "violence/graphic"], 0.0001,
)  # fmt: skip


def result(**scores):
    """One result as the API reference shows it."""
    told = ZERO | {key.replace("__", "/").replace("_", "-"): odd for key, odd in scores.items()}
    return {
        "flagged": max(told.values()) > 0.5,
        "categories": {key: odd > 0.5 for key, odd in told.items()},
        "category_scores": told,
        "category_applied_input_types": {key: ["text"] for key in told},
    }


def judge_of(answers):
    server, model = server_of(answers)
    return ModerationsJudge(server, open_template("openai-moderations")), model


def by_text(path, asked):
    results = [result(violence=0.9) if "hit" in text else result() for text in asked["input"]]
    return {"id": "modr-1", "model": asked["model"], "results": results}


@on_loop
async def test_texts_go_in_one_list_and_come_back_in_their_order():
    judge, model = judge_of(by_text)
    found = await judge.judge([Question("hit him"), Question("你好", "prompt", "answer")])
    assert [one.unsafe for one in found] == [0.9, 0.0001]
    assert found[0].of("violence") == 0.9
    assert found[0].of("drugs") is None
    assert model.paths == ["/moderations"]
    assert model.asked == [{"model": "m", "input": ["hit him", "你好"]}]


@on_loop
async def test_more_texts_than_a_call_takes_are_asked_in_several():
    judge, model = judge_of(by_text)
    texts = [f"{'hit' if n % 2 else 'hug'} {n}" for n in range(70)]
    found = await judge.judge([Question(text) for text in texts])
    assert [one.unsafe > 0.5 for one in found] == ["hit" in text for text in texts]
    assert sorted(len(asked["input"]) for asked in model.asked) == [6, 32, 32]


@on_loop
async def test_a_category_of_several_scores_has_the_highest():
    judge, _ = judge_of(
        lambda path, asked: {"results": [result(self_harm=0.1, self_harm__intent=0.7)]}
    )
    (found,) = await judge.judge([Question("x")])
    assert (found.unsafe, found.of("self-harm")) == (0.7, 0.7)


@on_loop
async def test_a_score_that_is_none_of_ours_still_counts_for_unsafe():
    judge, _ = judge_of(lambda path, asked: {"results": [result(novelty=0.8)]})
    (found,) = await judge.judge([Question("x")])
    assert found.unsafe == 0.8
    assert max(found.categories.values()) < 0.01


@pytest.mark.parametrize(
    "told",
    [{"flagged": False}, {"flagged": False, "category_scores": {}}, {"category_scores": None}, 3,
     {"category_scores": {"hate": "high"}}, {"category_scores": {"hate": 1.5}},
     {"category_scores": {"hate": True}}, {"category_scores": {"hate": -0.1, "sexual": 0.1}}],
)  # fmt: skip
@on_loop
async def test_a_result_without_probabilities_is_no_opinion(told):
    judge, _ = judge_of(lambda path, asked: {"results": [told]})
    (found,) = await judge.judge([Question("x")])
    assert isinstance(found, Unscored)


@on_loop
async def test_not_a_number_is_no_probability():
    raw = b'{"results": [{"category_scores": {"hate": NaN}}]}'
    assert math.isnan(json.loads(raw)["results"][0]["category_scores"]["hate"])
    judge, _ = judge_of(lambda path, asked: raw)
    (found,) = await judge.judge([Question("x")])
    assert isinstance(found, Unscored)


@pytest.mark.parametrize("told", [{}, {"results": []}, {"results": [result()] * 2}, []])
@on_loop
async def test_another_number_of_results_is_a_fault_of_the_judge(told):
    judge, _ = judge_of(lambda path, asked: told)
    with pytest.raises(JudgeError, match="another number of results"):
        await judge.judge([Question("x")])


@on_loop
async def test_one_text_that_is_refused_does_not_spoil_the_others():
    def answers(path, asked):
        return (400, {"error": {}}) if "bad" in asked["input"] else by_text(path, asked)

    judge, model = judge_of(answers)
    found = await judge.judge([Question("hit"), Question("bad"), Question("hug")])
    assert [type(one) for one in found] == [Opinion, Unscored, Opinion]
    assert found[0].unsafe == 0.9
    assert len(model.asked) == 4


@on_loop
async def test_blank_and_endless_texts_are_not_sent():
    judge, model = judge_of(by_text)
    blank, long, hit = await judge.judge([Question(" "), Question("x" * 16_001), Question("hit")])
    assert blank.unsafe == 0.0
    assert isinstance(long, Unscored)
    assert hit.unsafe == 0.9
    assert model.asked[0]["input"] == ["hit"]
