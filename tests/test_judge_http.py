"""Any other service, by template: numbers, words and truths, where the pointers say."""

import pytest

from judges import server_of
from kanhe.adapters.judge_http import HttpJudge
from kanhe.adapters.judge_templates import open_template
from kanhe.judge.port import Opinion, Question, Unscored
from kanhe.judge.template_file import load_template
from upstream import on_loop

# The manner of the moderation services of the large Chinese clouds: a suggestion, a label, a score.
CLOUD = """\
id: cloud
title: {zh: 云, en: Cloud}
source: here
license: ours
wire: http
path: /text/scan
request: {scenes: [antispam], tasks: [{content: "{text}"}]}
unsafe: /data/0/results/0/suggestion
verdicts: {pass: 0.02, review: 0.5, block: 0.98}
labels: /data/0/results/0/labels
categories: {porn: [sexual], ad: [fraud], abuse: [insult, hate]}
"""
PERCENT = """\
id: percent
title: {zh: 百, en: Percent}
source: here
license: ours
wire: http
path: /x
request: ["{text}", "{context}", "{whose}"]
unsafe: /risk
scale: 100
scores: {/by/a: [drugs], /by/b: [drugs, weapons]}
"""


def judge_of(answer, template="plain-http"):
    server, model = server_of(lambda path, asked: answer)
    shipped = template == "plain-http"
    found = open_template(template) if shipped else load_template(template.encode(), "t.yaml")
    return HttpJudge(server, found), model


@on_loop
async def test_the_plain_form_is_one_text_and_its_probabilities():
    judge, model = judge_of({"unsafe": 0.8, "categories": {"fraud": 0.7, "mystery": 1}})
    found = await judge.judge([Question("text", "before", "answer")])
    assert found == [Opinion(0.8, {"fraud": 0.7})]
    assert model.paths == ["/judge"]
    assert model.asked == [{"text": "text", "context": "before", "whose": "answer"}]


@pytest.mark.parametrize(
    ("suggestion", "labels", "unsafe", "named"),
    [
        ("block", ["porn"], 0.98, {"sexual": 0.98}),
        ("review", "abuse", 0.5, {"insult": 0.5, "hate": 0.5}),
        ("Pass", ["normal"], 0.02, {}),
        ("block", ["new", 3], 0.98, {}),
        ("block", None, 0.98, {}),
    ],
)
@on_loop
async def test_words_and_labels_are_mapped(suggestion, labels, unsafe, named):
    answer = {"code": 200, "data": [{"results": [{"suggestion": suggestion, "labels": labels}]}]}
    judge, model = judge_of(answer, CLOUD)
    assert await judge.judge([Question('a "quoted" {context}')]) == [Opinion(unsafe, named)]
    assert model.asked == [{"scenes": ["antispam"], "tasks": [{"content": 'a "quoted" {context}'}]}]


@on_loop
async def test_percentages_are_scaled_and_the_highest_score_counts():
    judge, model = judge_of({"risk": 55, "by": {"a": 10, "b": 40}}, PERCENT)
    (found,) = await judge.judge([Question("t", "c", "answer")])
    assert found.unsafe == pytest.approx(0.55)
    assert found.categories == {"drugs": 0.4, "weapons": 0.4}
    assert model.asked == [["t", "c", "answer"]]


@on_loop
async def test_a_truth_has_the_probability_of_its_word():
    judge, _ = judge_of({"unsafe": True})
    assert (await judge.judge([Question("t")]))[0].unsafe == 0.97


@pytest.mark.parametrize(
    "answer",
    [{}, [], None, {"unsafe": None}, {"unsafe": "sure"}, {"unsafe": 1.01}, {"unsafe": -1},
     b'{"unsafe": NaN}', b'{"unsafe": Infinity}', {"unsafe": [1]}, (422, {"detail": "x"})],
)  # fmt: skip
@on_loop
async def test_an_answer_without_a_verdict_is_no_opinion(answer):
    judge, _ = judge_of(answer)
    (found,) = await judge.judge([Question("t")])
    assert isinstance(found, Unscored)


@on_loop
async def test_blank_and_endless_texts_are_not_sent():
    judge, model = judge_of({"unsafe": 1})
    blank, long = await judge.judge([Question(""), Question("x" * 16_001)])
    assert blank.unsafe == 0.0
    assert isinstance(long, Unscored)
    assert model.asked == []
