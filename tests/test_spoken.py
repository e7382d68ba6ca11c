"""Requests as the servers take them, replies in every shape in which they come."""

import math

import pytest

from judges import chat, place
from kanhe.adapters.judge_templates import open_template
from kanhe.judge.port import Question
from kanhe.judge.reply import Reply
from kanhe.judge.spoken import reply, request
from kanhe.judge.template import Wire
from kanhe.judge.template_file import load_template
from test_judge_template_file import RAW

ASKED = Question("你好", "", "prompt")


def test_a_chat_is_asked_coldly_and_briefly_with_odds():
    guard = open_template("qwen3guard")
    path, body = request(guard, "Qwen/Qwen3Guard-Gen-4B", ASKED, guard.passes[0])
    assert path == "/chat/completions"
    assert body == {
        "model": "Qwen/Qwen3Guard-Gen-4B",
        "messages": [{"role": "user", "content": "你好"}],
        "temperature": 0,
        "max_tokens": 48,
        "stream": False,
        "logprobs": True,
        "top_logprobs": 10,
    }


def test_an_answer_is_shown_after_its_prompt():
    guard = open_template("llama-guard")
    _, body = request(guard, "m", Question("answer", "asked", "answer"), guard.passes[0])
    roles = [(said["role"], said["content"]) for said in body["messages"]]
    assert roles == [("user", "asked"), ("assistant", "answer")]


def test_each_pass_has_its_own_words_for_the_servers_template():
    guard = open_template("granite-guardian")
    risks = [request(guard, "m", ASKED, one)[1]["chat_template_kwargs"]["guardian_config"]
             for one in guard.passes]  # fmt: skip
    assert [risk["risk_name"] for risk in risks] == [
        "harm", "social_bias", "violence", "profanity", "sexual_content", "jailbreak",
    ]  # fmt: skip


def test_a_model_that_thinks_is_told_to_think_little_and_asked_for_no_odds():
    guard = open_template("gpt-oss-safeguard")
    _, body = request(guard, "m", ASKED, guard.passes[0])
    assert body["reasoning_effort"] == "low"
    assert "logprobs" not in body


def test_a_raw_prompt_goes_to_completions_as_it_stands():
    raw = RAW.replace('"no": 0.1}', '"no": 0.1}, tokens: {"yes": 1, "no": 0}')
    guard = load_template(raw.encode(), "raw.yaml")
    path, body = request(guard, "m", ASKED, guard.passes[0])
    assert path == "/completions"
    assert body["prompt"] == "<|user|>你好<|end|>"
    assert body["logprobs"] == 5
    assert "messages" not in body


def test_a_chat_is_read_with_the_odds_of_its_tokens():
    odds = {"content": [place("Yes", ("Yes", -0.1), ("No", -2.3)), place("\n")]}
    found = reply(Wire.CHAT, chat("Yes\n", logprobs=odds))
    assert found.text == "Yes\n"
    assert found.odds[0] == ("Yes", {"Yes": -0.1, "No": -2.3})


def test_the_old_and_the_new_form_of_completions_say_the_same():
    old = {"tokens": ["Yes"], "token_logprobs": [-0.1], "text_offset": [0],
           "top_logprobs": [{"Yes": -0.1, "No": -2.3}]}  # fmt: skip
    new = {"content": [place("Yes", ("Yes", -0.1), ("No", -2.3))]}
    choice = {"text": "Yes", "finish_reason": "length"}
    found = [
        reply(Wire.COMPLETIONS, {"choices": [{**choice, "logprobs": odds}]}) for odds in (old, new)
    ]
    assert found[0] == found[1] == Reply("Yes", True, [("Yes", {"Yes": -0.1, "No": -2.3})])


def test_a_model_that_spent_its_tokens_on_thoughts_replied_nothing():
    found = reply(Wire.CHAT, chat(None, "length", reasoning_content="Let me think"))
    assert (found.text, found.cut) == ("", True)


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"choices": []}, {"choices": [3]}, {"choices": [{}]}, {"error": "x"}, "text",
     {"choices": [{"text": "Yes"}]}],
)  # fmt: skip
def test_what_is_none_of_this_api_is_no_reply(answer):
    assert reply(Wire.CHAT, answer) is None


@pytest.mark.parametrize(
    "odds",
    [3, [], {}, {"content": None}, {"content": [3, {}]}, {"content": [{"token": 3}]},
     {"tokens": ["Yes"], "top_logprobs": None}, {"tokens": ["Yes"], "top_logprobs": [None]}],
)  # fmt: skip
def test_odds_in_a_form_nobody_knows_are_none(odds):
    assert reply(Wire.CHAT, chat("Yes", logprobs=odds)).odds == []


def test_a_token_that_was_taken_counts_though_it_is_not_among_the_top():
    odds = {"content": [place("No", ("Yes", -0.1))]}
    found = reply(Wire.CHAT, chat("No", logprobs=odds)).odds
    assert math.isclose(found[0][1]["No"], -9.0)
