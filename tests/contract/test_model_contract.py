"""What every adapter of the port to a model promises, asked of each of them in the same words."""

import asyncio
import json

import pytest
import uvloop

from kanhe.adapters.model_embedded import MODEL, EmbeddedModel
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.upstream import Upstream
from kanhe.errors import UpstreamBusy, UpstreamError
from kanhe.model import Call, Model, Reply
from upstream import Scripted, require_embedded

LIMIT_S = 60


async def behind_http():
    server = await Scripted("like_a_model").__aenter__()
    return HttpModel(Upstream(MODEL, server.url)), lambda: server.__aexit__(None, None, None)


async def embedded():
    require_embedded()

    async def nothing():
        pass

    return EmbeddedModel(), nothing


ADAPTERS = {"http": behind_http, "embedded": embedded}


@pytest.fixture(scope="module", params=ADAPTERS)
def subject(request):
    """One model for all tests of an adapter: the embedded one takes a second to load."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        model, end = runner.run(ADAPTERS[request.param]())
        yield model, lambda test: runner.run(asyncio.wait_for(test, LIMIT_S))
        runner.run(model.aclose())
        runner.run(end())


def call(tokens, *, stream):
    said = [{"role": "user", "content": "Tell me a story."}]
    asked = {"model": MODEL, "messages": said, "max_tokens": tokens, "stream": stream}
    return Call("/chat/completions", json.dumps({**asked, "ignore_eos": True}).encode(), stream)


async def read(reply):
    return b"".join([chunk async for chunk in reply.chunks()])


async def rest_of(chunks):
    return b"".join([chunk async for chunk in chunks])


def test_a_call_is_answered_with_200_and_json(subject):
    model, run = subject

    async def check():
        reply = await model.call(call(4, stream=False))
        assert (reply.status, reply.content_type) == (200, "application/json")
        answer = json.loads(await read(reply))
        assert answer["choices"][0]["message"]["content"]
        await reply.close()

    run(check())


def test_a_streamed_call_is_answered_with_events_that_end_in_done(subject):
    model, run = subject

    async def check():
        reply = await model.call(call(4, stream=True))
        assert (reply.status, reply.content_type) == (200, "text/event-stream")
        events = (await read(reply)).split(b"\n\n")
        assert events[-2:] == [b"data: [DONE]", b""]
        deltas = [json.loads(event.removeprefix(b"data: ")) for event in events[:-2]]
        assert "".join(
            choice["delta"].get("content") or "" for delta in deltas for choice in delta["choices"]
        )
        await reply.close()

    run(check())


def test_an_error_is_an_answer_with_its_status_and_a_json_body(subject):
    model, run = subject

    async def check():
        reply = await model.call(Call("/chat/completions", b'{"messages": 1}', stream=False))
        assert reply.status == 400
        assert "error" in json.loads(await read(reply))

    run(check())


def test_closing_in_the_middle_stops_and_closing_twice_is_fine(subject):
    model, run = subject

    async def check():
        reply = await model.call(call(1800, stream=True))
        chunks = reply.chunks()
        assert await anext(chunks)
        await reply.close()
        await reply.close()
        with pytest.raises(UpstreamError):
            await anext(chunks)
        assert (await model.call(call(1, stream=False))).status == 200

    run(check())


def test_closing_before_reading_is_fine(subject):
    model, run = subject

    async def check():
        reply = await model.call(call(1800, stream=True))
        await reply.close()

    run(check())


def test_answers_come_side_by_side(subject):
    model, run = subject

    async def check():
        replies = [await model.call(call(30, stream=True)) for _ in range(3)]
        bodies = await asyncio.gather(*map(read, replies))
        assert all(body.endswith(b"data: [DONE]\n\n") for body in bodies)

    run(check())


def test_both_adapters_have_the_shape_of_the_port(subject):
    model, run = subject
    # The assignments are for the type checker's eyes too; at run time the names must be there.
    names = [name for name in vars(Model) if not name.startswith("_")]
    assert all(callable(getattr(model, name)) for name in names)

    async def check():
        reply = await model.call(call(1, stream=False))
        assert all(hasattr(reply, name) for name in vars(Reply) if not name.startswith("_"))
        await reply.close()

    run(check())


def test_a_model_is_ready_until_it_is_closed_and_closing_it_drops_open_answers(subject):
    model, run = subject

    async def check():
        assert await model.ready()
        reply = await model.call(call(1800, stream=True))
        chunks = reply.chunks()
        await anext(chunks)
        await model.aclose()
        await model.aclose()
        with pytest.raises(UpstreamError):
            await rest_of(chunks)
        assert not await model.ready()
        with pytest.raises(UpstreamBusy):
            await model.call(call(1, stream=False))

    run(check())
