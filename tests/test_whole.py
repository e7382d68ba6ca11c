"""An answer in one piece: all of it is looked at, cut or passed on, and its end recorded once.

Planted faults that these tests were seen to catch: log probabilities passed as they came; two
choices that stop counted as two violations; an index passed that is text.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from exchanges import LABEL, Gateway, content_of, events_of, json_model, turns, whole
from fakes import ScriptedModel
from kanhe.errors import UpstreamError, UpstreamTimeout
from kanhe.gateway.refusal import COMPLETIONS, EMBEDDINGS
from kanhe.policy.rule import Action, Text
from test_stream import rule
from upstream import on_loop

TERM = "独角兽"
BLOCK = rule(TERM, word=False)
MASK = rule(TERM, word=False, action=Action.MASK, mask="*")


async def ask(gateway, **more):
    status, data = await gateway.ask(stream=False, **more)
    assert TERM not in data.decode()
    return status, json.loads(data)


def document(*choices, **more):
    base = {"id": "c", "object": "chat.completion", "created": 1, "model": "up"}
    return {**base, "choices": list(choices), **more}


def choice(index=0, **message):
    said = {"role": "assistant", "content": None, **message}
    return {"index": index, "finish_reason": "stop", "logprobs": None, "message": said}


@pytest.mark.obligation("eu-aia-50-2")
@pytest.mark.obligation("cn-lab-5-1")
@on_loop
async def test_a_clean_answer_passes_labelled():
    gateway = Gateway(model=whole("hello", usage={"total_tokens": 3}, timings={"ms": 1.5}))
    status, got = await ask(gateway)
    ChatCompletion.model_validate({**got, "usage": None})
    assert status == 200
    assert got["choices"][0]["message"]["content"] == "hello (AI-generated)"
    assert got["AIGC"] == LABEL.metadata("d1")
    assert got["timings"] == {"ms": 1.5}
    assert gateway.ends == [("released", {"decision": "d1", "characters": 5})]


@pytest.mark.parametrize(
    ("message", "kept", "surface"),
    [
        ({"content": f"ab{TERM}c"}, "ab (AI-generated)", "content"),
        ({"content": "ab", "reasoning_content": TERM}, "", "reasoning"),
        ({"content": "ab", "thoughts": [{"text": "独"}, {"text": "角兽"}]}, "", "other"),
        ({"content": "ab", TERM: 1}, "", "other"),
        ({"content": None, "tool_calls": [{"id": "1", "type": "function",
          "function": {"name": "f", "arguments": '"\\u72ec角兽"'}}]}, "", "tool_arguments"),
    ],
    ids=["content", "reasoning", "unknown", "a key", "arguments"],
)  # fmt: skip
@on_loop
async def test_a_finding_leaves_what_stands_before_it_in_the_content(message, kept, surface):
    gateway = Gateway([BLOCK], json_model(document(choice(**message))))
    _, got = await ask(gateway, user="u")
    ChatCompletion.model_validate(got)
    (one,) = got["choices"]
    assert one["finish_reason"] == "content_filter"
    assert one["message"]["content"] == kept
    assert "d1" in one["message"]["refusal"]
    ((kind, facts),) = gateway.ends
    assert (kind, facts["surface"], facts["user"]) == ("stopped", surface, "p-app-1")
    assert facts["released"] == (2 if kept else 0)


@on_loop
async def test_choices_that_stop_are_one_violation():
    two = [choice(0, content=TERM), choice(1, content="ab"), choice(2, content=f"c{TERM}")]
    gateway = Gateway([BLOCK], json_model(document(*two)))
    _, got = await ask(gateway, user="u", n=3)
    ends = [one["finish_reason"] for one in got["choices"]]
    assert ends == ["content_filter", "stop", "content_filter"]
    ((_, facts),) = gateway.ends
    assert facts["released"] == 3
    assert gateway.strikes.records["p-app-1"].row == 1


@on_loop
async def test_a_finding_beside_the_choices_leaves_nothing():
    gateway = Gateway([BLOCK], whole("hello", note=f"a {TERM}"))
    _, got = await ask(gateway)
    ChatCompletion.model_validate(got)
    assert got["choices"][0]["message"]["content"] == ""
    assert "hello" not in json.dumps(got)


@on_loop
async def test_masks_are_written_where_they_belong_and_noticed():
    gateway = Gateway([MASK], whole(f"a{TERM}b", note=f"c {TERM}"))
    _, got = await ask(gateway)
    assert got["choices"][0]["message"]["content"] == "a*b (AI-generated)"
    assert got["note"] == "c *"
    ((_, facts),) = gateway.ends
    assert [one["surface"] for one in facts["noticed"]] == ["other", "content"]


@on_loop
async def test_completions_are_cut_too():
    reply = Text("换个话题", "Else.")
    some = [rule(TERM, word=False, action=Action.ANSWER, reply=reply)]
    said = [
        {"index": index, "text": text, "finish_reason": "stop"}
        for index, text in enumerate([f"ab{TERM}", "cd"])
    ]
    model = json_model(document(*said, object="text_completion"))
    gateway = Gateway(some, model)
    _, got = await ask(gateway, path=COMPLETIONS)
    Completion.model_validate(got)
    assert [one["text"] for one in got["choices"]] == [
        "abElse. (AI-generated)",
        "cd (AI-generated)",
    ]
    gateway = Gateway([BLOCK], json_model({"choices": [{"text": "a"}], "note": f"a {TERM}"}))
    _, got = await ask(gateway, path=COMPLETIONS)
    assert got["choices"][0]["text"] == ""


@pytest.mark.parametrize("index", [f"a {TERM}", True, None, {"a": TERM}])
@on_loop
async def test_a_number_that_is_none_does_not_come_back(index):
    gateway = Gateway([BLOCK], json_model(document({**choice(content=TERM), "index": index})))
    _, got = await ask(gateway)
    assert got["choices"][0]["index"] == 0


def spelled(*tokens):
    others = [{"token": TERM, "logprob": 0.0}]
    fields = {"logprob": 0.0, "bytes": None, "top_logprobs": others}
    return {"content": [{"token": one, **fields} for one in tokens]}


@pytest.mark.parametrize(
    ("some", "message", "logprobs", "shown"),
    [
        ([BLOCK], {"content": "ab"}, spelled("a", "b"), ["a", "b"]),
        ([BLOCK], {"content": "ab"}, spelled("独", "角兽"), None),
        ([MASK], {"content": TERM}, spelled("独", "角兽"), None),
        ([BLOCK], {"content": "ab"}, {"tokens": [TERM]}, None),
        ([BLOCK], {"content": "ab", "tool_calls": [{"function": {}}]}, spelled("a"), None),
    ],
)
@on_loop
async def test_log_probabilities_say_no_more_than_the_text(some, message, logprobs, shown):
    said = {**choice(**message), "logprobs": logprobs}
    _, got = await ask(Gateway(some, json_model(document(said))))
    tokens = got["choices"][0]["logprobs"]
    assert (tokens and [one["token"] for one in tokens["content"]]) == shown
    if shown:
        assert all(one["top_logprobs"] == [] for one in tokens["content"])


@on_loop
async def test_what_people_do_not_read_has_the_machines_mark_only():
    gateway = Gateway(model=whole("{}"))
    _, got = await ask(gateway, response_format={"type": "json_schema"})
    assert got["choices"][0]["message"]["content"] == "{}"
    assert got["AIGC"]["Label"] == "1"


@on_loop
async def test_sound_is_on_record_as_not_looked_at():
    gateway = Gateway(model=json_model(document(choice(audio={"data": "UklG"}))))
    await ask(gateway)
    assert gateway.ends[0][1]["unseen"] == ["audio"]


def vectors(**more):
    item = {"object": "embedding", "index": 0, "embedding": [0.5]}
    return {"object": "list", "data": [item], "model": "up",
            "usage": {"prompt_tokens": 1, "total_tokens": 1}, **more}  # fmt: skip


@on_loop
async def test_vectors_pass_and_are_named_unseen():
    gateway = Gateway([BLOCK], json_model(vectors()))
    status, got = await ask(gateway, path=EMBEDDINGS)
    CreateEmbeddingResponse.model_validate(got)
    assert status == 200
    assert gateway.ends[0][1]["unseen"] == ["embedding"]


@pytest.mark.parametrize("some", [[BLOCK], [MASK]])
@on_loop
async def test_text_beside_vectors_is_looked_at(some):
    gateway = Gateway(some, json_model(vectors(note=f"a {TERM}")))
    with pytest.raises(UpstreamError, match="beside its vectors") as caught:
        await ask(gateway, path=EMBEDDINGS)
    assert TERM not in str(caught.value)
    await turns()
    assert [kind for kind, _ in gateway.ends] == ["failed"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html>", b"[]", b'"text"', b"{}", b'{"choices":null}', b'{"choices":["text"]}',
     b'{"choices":{"0":"text"}}'],
)  # fmt: skip
@on_loop
async def test_what_is_no_answer_is_an_error(raw):
    gateway = Gateway(model=json_model(raw))
    with pytest.raises(UpstreamError):
        await ask(gateway)
    await turns()
    assert [facts["code"] for _, facts in gateway.ends] == ["upstream_error"]
    assert gateway.model.replies[0].closed.is_set()


@on_loop
async def test_an_answer_over_its_limit_is_an_error():
    gateway = Gateway(model=whole("a" * 500), most_answer_bytes=400)
    with pytest.raises(UpstreamError, match="more than 400 bytes"):
        await ask(gateway)
    assert gateway.model.replies[0].closed.is_set()


@on_loop
async def test_an_answer_that_takes_too_long_is_an_error():
    model = ScriptedModel(b"{", asyncio.Event(), content_type="application/json")
    gateway = Gateway(model=model, answer_s=0.01)
    with pytest.raises(UpstreamTimeout):
        await ask(gateway)
    await turns()
    assert gateway.ends[0][1]["code"] == "upstream_timeout"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"error": {"message": "too long"}}, ": too long"),
        ({"error": "too long"}, ": too long"),
        ({"error": {"message": f"no {TERM}"}}, ""),
        ({"error": {"code": 1}}, ""),
        ({"detail": "x"}, ""),
    ],
)
@pytest.mark.parametrize("rules", [[BLOCK], [MASK]])
@on_loop
async def test_an_error_of_the_model_is_told_in_its_words_if_they_are_clean(rules, told, said):
    status, got = await ask(Gateway(rules, json_model(told, status=429)))
    assert status == 429
    assert got["error"]["message"] == f"the model answered with status 429{said}"


@on_loop
async def test_a_status_that_is_no_error_and_no_answer_is_a_bad_gateway():
    status, _ = await ask(Gateway(model=json_model({}, status=302)))
    assert status == 502


@on_loop
async def test_an_answer_at_once_to_who_asked_for_a_stream_becomes_one():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    model = json_model(document(choice(content="hello"), choice(1, tool_calls=[call])))
    status, data = await Gateway(model=model).ask(stream=True)
    events = events_of(data)
    for event in events:
        ChatCompletionChunk.model_validate(event)
    assert status == 200
    assert content_of(data) == "hello (AI-generated)"
    deltas = [one["choices"][0].get("delta", {}) for one in events]
    assert [d["tool_calls"][0]["index"] for d in deltas if d.get("tool_calls")] == [0]
    assert [one["choices"][0]["finish_reason"] for one in events] == [None, "stop"] * 2


@on_loop
async def test_a_stop_in_it_ends_that_stream_as_any_other():
    status, data = await Gateway([BLOCK], json_model(document(choice(content=f"a{TERM}")))).ask(
        stream=True
    )
    assert status == 200
    assert TERM not in data.decode()
    assert content_of(data).startswith("a")
    assert events_of(data)[-1]["choices"][0]["finish_reason"] == "content_filter"
