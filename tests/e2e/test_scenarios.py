"""The scenarios of the shared bench, one chunk an event, on every surface: nothing of them leaks.

The oracle is absolute: the client receives, on every surface, a prefix of what the model said that
ends before the banned run begins. That the model said the whole run is checked too, so a scenario
that was never sent does not pass. Planted fault: with the rules in `shadow` every one of these
scenarios leaks (`test_the_oracle_sees_a_leak`).
"""

from __future__ import annotations

import importlib.util
import json
import statistics
from pathlib import Path

import pytest
from scripted import HANG, chunk, sse
from served import Served, events, until

from needs import absent

BENCH = Path(__file__).parents[3] / "shared" / "bench" / "scenarios.py"
CHUNKS = 40
STOPS = ("one", "split2", "split1", "split2-en", "zw", "punct", "long", "far", "spaced")
SCENARIOS = (
    "one", "split2", "split1", "split2-en", "fullwidth-en", "case-en", "zw", "spaced", "punct",
    "trad", "homo", "pinyin", "chaizi", "long", "far", "edge0", "edge7", "edge38",
)  # fmt: skip
CLEAN = ("clean", "clean-en")
SURFACES = ("content", "reasoning", "tool", "second", "legacy")


@pytest.fixture(scope="module")
def bench():
    if not BENCH.is_file():
        absent(
            "no ../shared/bench/scenarios.py beside the checkout", "Lay the shared folder there."
        )
    spec = importlib.util.spec_from_file_location("bench_scenarios", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ruleset(bench, mode="enforce"):
    terms = json.dumps([bench.ZH, bench.EN, bench.LONG], ensure_ascii=False)
    return f"""
name: scenarios
version: "1"
rules:
  - id: banned
    category: A.1.h
    on: [answer]
    match: {{terms: {{list: {terms}}}}}
    folds: all
    boundary: none
    action: block
    mode: {mode}
    examples: {{match: [看蓝色独角兽], miss: [蓝色的马]}}
  - id: far
    category: A.1.h
    on: [answer]
    match: {{pattern: "甲方.{{0,120}}乙方"}}
    action: block
    mode: {mode}
    examples: {{match: [甲方和乙方], miss: [甲方]}}
"""


@pytest.fixture(scope="module")
def guarded(bench, upstream, tmp_path_factory):
    place = tmp_path_factory.mktemp("scenarios")
    served = Served(place, upstream=upstream, rules=ruleset(bench), env={"KANHE_LABEL": "header"})
    yield served
    served.stop()


def event(surface, text, first):
    """One event that says `text` on `surface`, as models send it."""
    match surface:
        case "content":
            return [chunk(text)]
        case "reasoning":
            return [chunk(reasoning_content=text)]
        case "second":
            return [chunk("好", index=0), chunk(text, index=1)]
        case "legacy":
            choice = {"index": 0, "text": text, "finish_reason": None, "logprobs": None}
            return [{**chunk(), "object": "text_completion", "choices": [choice]}]
    call = {"index": 0, "function": {"arguments": text}}
    if first:
        call |= {"id": "call_1", "type": "function"}
        call["function"]["name"] = "f"
    return [chunk(tool_calls=[call])]


def stream_of(surface, texts, *, escaped=True):
    """One network write a chunk; `[DONE]` comes last."""
    pieces = [
        b"".join(sse(one, escaped=escaped) for one in event(surface, text, number == 0))
        for number, text in enumerate(texts)
    ]
    ends = [chunk(finish="stop", index=0)]
    if surface == "second":
        ends.append(chunk(finish="stop", index=1))
    if surface == "legacy":
        ends = [{**chunk(), "choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}]
    return [*pieces, *map(sse, ends), b"data: [DONE]\n\n"]


def heard(surface, body):
    """(text on the surface, last finish reason, everything that is said elsewhere)"""
    text, other, reasons = "", "", []
    for document in events(body):
        for choice in () if document == "[DONE]" else document["choices"]:
            delta = choice.get("delta", {})
            calls = delta.get("tool_calls") or ()
            said = {
                "content": delta.get("content") if choice["index"] == 0 else "",
                "reasoning": delta.get("reasoning_content"),
                "second": delta.get("content") if choice["index"] == 1 else "",
                "legacy": choice.get("text"),
                "tool": "".join(call["function"].get("arguments") or "" for call in calls),
            }
            text += said.pop(surface) or ""
            other += "".join(filter(None, said.values())) + (delta.get("refusal") or "")
            reasons += filter(None, [choice["finish_reason"]])
    return text, reasons, other


def ask(gateway, surface, *, stream=True):
    if surface == "legacy":
        asked = {"model": "up", "prompt": "hello", "stream": stream}
        return gateway.post("/v1/completions", asked)
    return gateway.chat(stream=stream, **({"n": 2} if surface == "second" else {}))


def allowed(bench, scenario, texts):
    """All that may be shown: what stands before the banned run."""
    whole = "".join(texts)
    run = bench.banned_raw(scenario)
    assert run in whole
    return whole[: whole.index(run)]


def drained(gateway, upstream, surface):
    """Ask, read to the end, and wait until the model has seen its caller leave or has finished."""
    status, _, body = ask(gateway, surface)
    assert status == 200
    until(upstream.last.over.is_set, "the model has stopped")
    return body


@pytest.fixture(params=[0.0, 0.0005], ids=["at-once", "one-by-one"])
def pace(request, upstream):
    """Events several a read, as a fast model's come, and each in a read of its own."""
    upstream.pause_s = request.param
    yield
    upstream.pause_s = 0.0


@pytest.mark.obligation("cn-im-4-1")
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.usefixtures("pace")
def test_nothing_of_a_banned_run_reaches_the_client(bench, guarded, upstream, surface):
    for scenario in SCENARIOS:
        texts = bench.make_chunks(scenario, CHUNKS)
        upstream.stream = stream_of(surface, texts)
        text, reasons, other = heard(surface, drained(guarded, upstream, surface))
        assert text == allowed(bench, scenario, texts), (scenario, surface)
        assert set(reasons) == {"content_filter"}, (scenario, surface)
        assert not set(bench.ZH) & set(other), (scenario, surface)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("width", [1, 7, 5000])
def test_nothing_leaks_however_the_network_cuts_the_bytes(bench, guarded, upstream, surface, width):
    """Cut inside events, inside escapes, inside a character's bytes; and many events at once."""
    for scenario in ("split2", "zw", "far") if width > 1 else ("split2",):
        texts = bench.make_chunks(scenario, CHUNKS if width > 1 else 8)
        for escaped in (True, False):
            body = b"".join(stream_of(surface, texts, escaped=escaped))
            upstream.stream = [body[n : n + width] for n in range(0, len(body), width)]
            text, reasons, _ = heard(surface, drained(guarded, upstream, surface))
            assert text == allowed(bench, scenario, texts), (scenario, surface, escaped)
            assert set(reasons) == {"content_filter"}


@pytest.mark.obligation("cn-im-13-1")
@pytest.mark.parametrize("surface", SURFACES)
def test_a_clean_stream_arrives_whole(bench, guarded, upstream, surface):
    for scenario in CLEAN:
        texts = bench.make_chunks(scenario, CHUNKS)
        upstream.stream = stream_of(surface, texts)
        text, reasons, _ = heard(surface, drained(guarded, upstream, surface))
        assert text == "".join(texts)
        assert set(reasons) == {"stop"}


def whole_of(surface, text):
    message = {"role": "assistant", "content": "好"}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    choices = [choice]
    match surface:
        case "content":
            message["content"] = text
        case "reasoning":
            message["reasoning_content"] = text
        case "second":
            other = {"role": "assistant", "content": text}
            choices.append({"index": 1, "finish_reason": "stop", "message": other})
        case "legacy":
            choices = [{"index": 0, "text": text, "finish_reason": "stop"}]
        case "tool":
            function = {"name": "f", "arguments": text}
            message["tool_calls"] = [{"id": "c", "type": "function", "function": function}]
    return {**chunk(), "object": "chat.completion", "choices": choices}


@pytest.mark.parametrize("surface", SURFACES)
def test_nothing_of_a_banned_run_is_in_a_whole_answer(bench, guarded, upstream, surface):
    for scenario in SCENARIOS:
        texts = bench.make_chunks(scenario, CHUNKS)
        upstream.answer = whole_of(surface, "".join(texts))
        status, _, body = ask(guarded, surface, stream=False)
        choice = json.loads(body)["choices"][-1]
        assert status == 200
        assert choice["finish_reason"] == "content_filter", (scenario, surface)
        shown = choice["text"] if surface == "legacy" else choice["message"]["content"]
        before = allowed(bench, scenario, texts)
        # Of a surface beside the content nothing is left: half an argument is no use to a program.
        assert shown == ("" if surface in {"reasoning", "tool"} else before), (scenario, surface)
        assert bench.banned_raw(scenario) not in body.decode()


def test_the_oracle_sees_a_leak(bench, upstream, tmp_path):
    served = Served(tmp_path, upstream=upstream, rules=ruleset(bench, mode="shadow"))
    try:
        for scenario in SCENARIOS:
            texts = bench.make_chunks(scenario, CHUNKS)
            upstream.stream = stream_of("content", texts)
            text, reasons, _ = heard("content", drained(served, upstream, "content"))
            assert text.startswith("".join(texts))
            assert reasons == ["stop"]
    finally:
        served.stop()


def completing(bench, scenario, texts):
    """The number of the chunk with which the banned run is complete."""
    end = len(allowed(bench, scenario, texts)) + len(bench.banned_raw(scenario))
    read = 0
    for number, text in enumerate(texts):
        read += len(text)
        if read >= end:
            return number
    raise AssertionError(scenario)


@pytest.mark.obligation("cn-im-14-1")
def test_the_model_sees_its_connection_closed_within_100_ms_of_the_stop(bench, guarded, upstream):
    """Measured by the model, from before it wrote the piece that completes the phrase."""
    upstream.pause_s, took = 0.01, []
    try:
        for scenario in STOPS:
            texts = bench.make_chunks(scenario, 100)
            upstream.stream = stream_of("content", texts)
            ask(guarded, "content")
            visit = upstream.last
            assert visit.gone.wait(10)
            until(visit.over.is_set, "the model has stopped")
            took.append(visit.gone_at - visit.sent_at[completing(bench, scenario, texts)])
            # It generates no more: what it had still to say was never said.
            assert visit.written < len(upstream.stream) - 10, scenario
    finally:
        upstream.pause_s = 0.0
    print("stop to close, ms:", [round(1000 * one, 1) for one in took])  # pytest -rP shows it
    assert statistics.median(took) < 0.1, took


def test_a_model_that_hangs_after_the_phrase_is_closed_too(bench, guarded, upstream):
    upstream.stream = [*stream_of("content", ["看", bench.ZH, ""])[:-2], HANG]
    ask(guarded, "content")
    assert upstream.last.gone.wait(10)
