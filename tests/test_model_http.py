"""The HTTP adapter against a real server that fails in every way we know."""

import asyncio
import contextlib
import gc
import logging

import pytest

from kanhe.adapters.breaker import Circuit
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.errors import SettingsError, UpstreamBusy, UpstreamError, UpstreamTimeout
from kanhe.model import Call
from kanhe.terms import Secret
from upstream import ANSWER, DONE, EVENT, SSE, Scripted, delivered, on_loop, refusing_url

KEY = "planted-key-0123456789"
STREAM = Call("/chat/completions", b'{"stream":true}', stream=True)
WHOLE = Call("/chat/completions", b"{}", stream=False)
SHORT = Timeouts(connect_s=2.0, first_byte_s=0.3, idle_s=0.3)
PATIENT = Timeouts(connect_s=5.0, first_byte_s=10.0, idle_s=10.0)


class Pauses:
    """Stands in for sleep: writes down what it was asked, and waits for nothing."""

    def __init__(self):
        self.asked = []

    async def __call__(self, seconds):
        self.asked.append(seconds)


def model_at(url, *, timeouts=PATIENT, clock=lambda: 0.0, sleep=None, **terms):
    upstream = Upstream("m", url, key=Secret(KEY), timeouts=timeouts, **terms)
    return HttpModel(upstream, clock=clock, luck=lambda: 0.5, sleep=sleep or Pauses())


async def read(reply):
    return b"".join([chunk async for chunk in reply.chunks()])


async def failure(url, call=STREAM, **terms):
    """Call and read until something is raised; give back the error and what arrived before."""
    model, arrived = model_at(url, **terms), []

    async def attempt():
        async for chunk in (await model.call(call)).chunks():
            arrived.append(chunk)

    with pytest.raises(UpstreamError) as caught:
        await attempt()
    await model.aclose()
    error = caught.value
    assert not str(error).endswith(".")
    assert error.advice.endswith((".", url))
    assert KEY not in f"{error} {error.advice} {error.__context__!r} {error.__cause__!r}"
    return error, b"".join(arrived)


@on_loop
async def test_an_answer_passes_through_byte_for_byte():
    async with Scripted("json_answer") as server:
        model = model_at(server.url)
        reply = await model.call(Call("/embeddings", b'{"input":"\xe4\xbd\xa0"}', stream=False))
        assert (reply.status, reply.content_type) == (200, "application/json")
        assert await read(reply) == ANSWER
        await model.aclose()
        line, headers, body = server.received[0]
    assert line == "POST /v1/embeddings HTTP/1.1"
    assert body == b'{"input":"\xe4\xbd\xa0"}'
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["accept-encoding"] == "identity"


@on_loop
async def test_a_server_without_a_key_is_sent_none():
    async with Scripted("json_answer") as server:
        model = HttpModel(Upstream("m", server.url + "/"))
        await read(await model.call(WHOLE))
        await model.aclose()
        line, headers, _ = server.received[0]
    assert line == "POST /v1/chat/completions HTTP/1.1"
    assert "authorization" not in headers


@on_loop
async def test_a_stream_is_what_was_sent_and_nothing_else():
    async with Scripted("sse", events=200) as server:
        model = model_at(server.url)
        reply = await model.call(STREAM)
        assert reply.content_type == "text/event-stream"
        assert await read(reply) == EVENT * 200 + DONE
        await model.aclose()


@on_loop
async def test_complete_answers_share_one_connection():
    async with Scripted("json_answer", "sse", "json_answer") as server:
        model = model_at(server.url)
        for _ in range(3):
            await read(await model.call(STREAM))
        await model.aclose()
        assert server.connections == 1


@on_loop
async def test_a_connection_is_not_kept_where_none_is_to_be():
    async with Scripted("json_answer") as server:
        model = model_at(server.url, keep_alive_s=0.0)
        for _ in range(2):
            await read(await model.call(WHOLE))
        await model.aclose()
        assert server.connections == 2


@on_loop
async def test_a_body_of_several_mebibytes_is_sent_whole():
    body = bytes(range(256)) * 4096 * 3
    async with Scripted("json_answer") as server:
        model = model_at(server.url)
        await read(await model.call(Call("/chat/completions", body, stream=False)))
        await model.aclose()
        assert server.received[0][2] == body


@pytest.mark.parametrize("behaviour", ["never_ends", "hangs_in_the_middle", "floods"])
@on_loop
async def test_the_upstream_sees_the_connection_close_within_100_ms_of_a_stop(behaviour):
    async with Scripted(behaviour) as server:
        model = model_at(server.url)
        reply = await model.call(STREAM)
        await anext(reply.chunks())
        stopped = asyncio.get_running_loop().time()
        await reply.close()
        await reply.close()
        assert await server.closed - stopped < 0.1
        await model.aclose()


@on_loop
async def test_an_answer_dropped_before_it_was_read_closes_too():
    async with Scripted("never_ends") as server:
        model = model_at(server.url)
        reply = await model.call(STREAM)
        await reply.close()
        await server.closed
        await model.aclose()


@on_loop
async def test_a_caller_that_goes_away_while_waiting_closes_the_connection_and_frees_its_place():
    async with Scripted("hangs_before_headers", "json_answer") as server:
        model = model_at(server.url, most_calls=1)
        waiting = asyncio.ensure_future(model.call(STREAM))
        await server.asked.wait()
        assert not await model.ready()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await server.closed
        assert await model.ready()
        await read(await model.call(WHOLE))
        await model.aclose()


@on_loop
async def test_a_reader_is_told_when_its_answer_is_dropped_under_it():
    async with Scripted("hangs_in_the_middle") as server:
        model = model_at(server.url)
        reply = await model.call(STREAM)
        chunks = reply.chunks()
        await anext(chunks)
        waiting = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        await model.aclose()
        with pytest.raises(UpstreamError, match="dropped before its end"):
            await waiting
        with pytest.raises(UpstreamBusy, match="shut down"):
            await model.call(STREAM)
        assert not await model.ready()


@on_loop
async def test_a_body_is_read_once():
    async with Scripted("json_answer") as server:
        model = model_at(server.url)
        reply = await model.call(WHOLE)
        await read(reply)
        await reply.close()
        with pytest.raises(RuntimeError, match="once"):
            await read(reply)
        await model.aclose()


# --- what goes wrong -------------------------------------------------------------------------


@on_loop
async def test_a_server_that_refuses_is_named_as_not_listening():
    error, arrived = await failure(refusing_url())
    assert type(error) is UpstreamError
    assert "cannot be reached" in str(error)
    assert arrived == b""


@pytest.mark.parametrize(
    ("behaviour", "kind", "says", "arrives"),
    [
        ("hangs_before_headers", UpstreamTimeout, "began no answer in 0.3 s", b""),
        ("drips_headers", UpstreamTimeout, "began no answer in 0.3 s", b""),
        ("hangs_in_the_middle", UpstreamTimeout, "sent nothing for 0.3 s", EVENT),
        ("garbage", UpstreamError, "did not answer in HTTP", b""),
        ("cuts_in_an_event", UpstreamError, "broke its answer off", EVENT + EVENT[:20]),
        ("cuts_a_length", UpstreamError, "broke its answer off", ANSWER[:9]),
        ("huge_headers", UpstreamError, "did not answer in HTTP", b""),
        ("html", UpstreamError, "content type 'text/html'", b""),
        ("redirects", UpstreamError, "redirects elsewhere (status 307)", b""),
        ("gzipped", UpstreamError, "content encoding 'gzip'", b""),
        ("closes_at_once", UpstreamError, "closed the connection before it answered", b""),
        ("bad_chunks", UpstreamError, "broke its answer off", EVENT),
    ],
)
@on_loop
async def test_a_fault_has_its_class_its_words_and_keeps_what_arrived(
    behaviour, kind, says, arrives, caplog
):
    caplog.set_level(logging.DEBUG)
    async with Scripted(behaviour) as server:
        error, arrived = await failure(server.url, timeouts=SHORT)
    assert type(error) is kind
    assert says in str(error)
    assert arrived == arrives
    assert KEY not in caplog.text


@on_loop
async def test_what_arrived_before_a_cut_is_given_however_late_it_is_read():
    async with Scripted("cuts_in_an_event") as server:
        model = model_at(server.url)
        reply = await model.call(STREAM)
        await server.closed
        await delivered()
        chunks = reply.chunks()
        assert await anext(chunks) == EVENT + EVENT[:20]
        with pytest.raises(UpstreamError, match="broke its answer off"):
            await anext(chunks)
        await model.aclose()


@on_loop
async def test_a_server_without_tls_is_named_as_such():
    async with Scripted("json_answer") as server:
        error, _ = await failure(server.url.replace("http:", "https:"))
    assert "TLS handshake failed" in str(error)
    assert "http://" in error.advice


@on_loop
async def test_a_slow_drip_is_an_answer_as_long_as_it_drips():
    async with Scripted("drips") as server:
        model = model_at(server.url, timeouts=SHORT)
        assert await read(await model.call(STREAM)) == EVENT + DONE
        await model.aclose()


@on_loop
async def test_a_slow_reader_is_not_taken_for_a_silent_model():
    async with Scripted("sse", events=2) as server:
        model = model_at(server.url, timeouts=Timeouts(2.0, 2.0, idle_s=0.05))
        reply = await model.call(STREAM)
        chunks = reply.chunks()
        got = await anext(chunks)
        # The reader stops between two reads for three idle times; that silence is its own.
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.15, done.set_result, None)
        await done
        async for chunk in chunks:
            got += chunk
        assert got == EVENT * 2 + DONE
        await model.aclose()


@pytest.mark.parametrize(
    ("behaviour", "status"), [("json_500", 500), ("busy_for_long", 429), ("overloaded", 503)]
)
@on_loop
async def test_an_error_answer_is_passed_on_with_its_body(behaviour, status):
    async with Scripted(behaviour) as server:
        model = model_at(server.url)
        reply = await model.call(STREAM)
        assert reply.status == status
        assert (await read(reply)).startswith(b'{"error":')
        await model.aclose()


# --- trying again ----------------------------------------------------------------------------


@on_loop
async def test_a_busy_server_is_asked_again_after_the_pause_it_named():
    pauses = Pauses()
    async with Scripted("busy", "json_answer") as server:
        model = model_at(server.url, sleep=pauses)
        assert await read(await model.call(WHOLE)) == ANSWER
        await model.aclose()
        assert len(server.received) == 2
    assert pauses.asked == [1.0]


@on_loop
async def test_a_pause_above_the_bound_is_not_waited_for():
    async with Scripted("busy_for_long") as server:
        model = model_at(server.url)
        await read(await model.call(WHOLE))
        await model.aclose()
        assert len(server.received) == 1


@on_loop
async def test_a_lost_connection_is_tried_again_with_growing_pauses():
    pauses = Pauses()
    async with Scripted("closes_at_once", "closes_at_once", "json_answer") as server:
        model = model_at(server.url, sleep=pauses)
        assert await read(await model.call(WHOLE)) == ANSWER
        await model.aclose()
    assert pauses.asked == [0.05, 0.1]


@pytest.mark.parametrize("behaviour", ["json_500", "garbage", "hangs_before_headers", "html"])
@on_loop
async def test_what_would_fail_again_or_may_have_generated_is_not_tried_again(behaviour):
    async with Scripted(behaviour) as server:
        model = model_at(server.url, timeouts=SHORT)
        with contextlib.suppress(UpstreamError):
            await read(await model.call(WHOLE))
        await model.aclose()
        assert len(server.received) == 1


@on_loop
async def test_an_answer_that_began_is_never_asked_for_again():
    async with Scripted("cuts_in_an_event") as server:
        await failure(server.url)
        assert len(server.received) == 1


# --- the circuit and the places --------------------------------------------------------------


@on_loop
async def test_a_dead_model_is_left_alone_and_tried_once_when_its_rest_is_over():
    now = [0.0]
    async with Scripted("garbage", "garbage", "json_answer") as server:
        model = model_at(server.url, clock=lambda: now[0], circuit=Circuit(failures=2, rest_s=10))
        for _ in range(2):
            with pytest.raises(UpstreamError, match="HTTP"):
                await model.call(WHOLE)
        assert not await model.ready()
        with pytest.raises(UpstreamBusy, match="tried again in 10 s"):
            await model.call(WHOLE)
        assert len(server.received) == 2
        now[0] = 10.0
        assert await model.ready()
        assert await read(await model.call(WHOLE)) == ANSWER
        assert await model.ready()
        await model.aclose()


@on_loop
async def test_overload_opens_the_circuit_and_an_internal_error_does_not():
    for behaviour, open_after in [("overloaded", True), ("json_500", False), ("busy", False)]:
        async with Scripted(behaviour) as server:
            model = model_at(server.url, circuit=Circuit(failures=2))
            for _ in range(2):
                await read(await model.call(WHOLE))
            assert await model.ready() is not open_after
            await model.aclose()


@on_loop
async def test_a_model_that_cuts_every_answer_is_left_alone_too():
    async with Scripted("cuts_in_an_event") as server:
        model = model_at(server.url, circuit=Circuit(failures=2))
        for _ in range(2):
            with pytest.raises(UpstreamError, match="broke"):
                await read(await model.call(STREAM))
        assert not await model.ready()
        await model.aclose()


@on_loop
async def test_a_gateway_that_stops_does_not_try_again():
    model = model_at(refusing_url(), sleep=lambda seconds: model.aclose())
    with pytest.raises(UpstreamBusy, match="shut down"):
        await model.call(WHOLE)


@on_loop
async def test_one_call_above_the_limit_is_refused_until_a_place_is_free():
    async with Scripted("never_ends") as server:
        model = model_at(server.url, most_calls=1)
        reply = await model.call(STREAM)
        with pytest.raises(UpstreamBusy, match="1 calls open"):
            await model.call(STREAM)
        await reply.close()
        await (await model.call(STREAM)).close()
        await model.aclose()


# --- what the operator wrote -----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://host/v1",
        "host:8000",
        "http://",
        "http://me:planted@host/v1",
        "http://host/v1?key=planted",
        "http://host/#planted",
        "http://[::1/v1",
        "http://host:99999/v1",
    ],
)
def test_an_address_that_cannot_work_is_refused_without_being_repeated(address):
    with pytest.raises(SettingsError, match="base URL of model 'm'") as caught:
        Upstream("m", address)
    assert "planted" not in f"{caught.value} {caught.value.advice}"


@pytest.mark.parametrize("key", ["", "planted\nX-Evil: 1", "planted ", "plänted"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key):
    with pytest.raises(SettingsError, match="API key") as caught:
        Upstream("m", "http://host/v1", key=Secret(key))
    assert "planted" not in f"{caught.value} {caught.value.advice}"


def test_a_key_has_no_repr():
    upstream = Upstream("m", "http://host/v1", key=Secret(KEY))
    assert KEY not in f"{upstream!r} {upstream.key} {upstream.key:>20} {[upstream.key]}"


def test_a_model_that_was_never_called_needs_no_closing():
    HttpModel(Upstream("m", "http://127.0.0.1:1/v1"))
    gc.collect()


def test_the_scripted_server_sends_chunks():
    assert b"Transfer-Encoding: chunked" in SSE
