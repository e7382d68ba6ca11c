"""The routes that applications call, over twins of every port: each failure has its answer.

Planted faults that these tests were seen to catch: a client that leaves while the model is still
asked; a request that is counted as running for ever; a broken send that leaves the model at work.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from exchanges import Gateway, answer, chunk, content_of, event, turns, whole
from fakes import MemoryLedger, ScriptedModel
from kanhe.errors import LedgerUnwritable, UpstreamBusy, UpstreamError, UpstreamTimeout
from proxied import CHATS, KEY, Called, call, proxy_over
from test_stream import rule
from upstream import on_loop

TERM = "独角兽"


def running(proxy):
    lines = proxy.metrics.text().decode().splitlines()
    return next(line for line in lines if line.startswith("kanhe_requests_running "))


@on_loop
async def test_a_stream_is_sent_as_it_comes():
    proxy = proxy_over()
    called = await call(proxy, Called({**CHATS, "stream": True}))
    assert called.status == 200
    assert called.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert called.headers[b"x-kanhe-decision"] == b"d1"
    assert called.headers[b"x-accel-buffering"] == b"no"
    assert content_of(called.body) == "hello (AI-generated)"
    assert called.is_whole
    assert running(proxy) == "kanhe_requests_running 0.0"


@on_loop
async def test_a_whole_answer_has_its_length():
    called = await call(proxy_over(Gateway(model=whole())), Called())
    assert called.status == 200
    assert int(called.headers[b"content-length"]) == len(called.body)


@on_loop
async def test_a_notice_streams_like_an_answer():
    gateway = Gateway([rule("hi")])
    called = await call(proxy_over(gateway), Called({**CHATS, "stream": True}))
    assert called.is_whole
    assert b"content_filter" in called.body
    assert gateway.model.calls == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
@on_loop
async def test_other_methods_are_told_what_to_do(method):
    called = await call(proxy_over(), Called(method=method))
    assert (called.status, called.error["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "value", [None, b"", b"key", b"Basic key", b"Bearer", b"Bearer ", b"Bearer no", b"Bearer \xff"]
)
@on_loop
async def test_without_a_known_key_there_is_no_service(value):
    headers = [] if value is None else [(b"authorization", value)]
    gateway = Gateway()
    called = await call(proxy_over(gateway), Called(headers=headers))
    assert (called.status, called.error["code"]) == (401, "invalid_api_key")
    assert gateway.ledger.entries == []


@pytest.mark.parametrize("value", [b"Bearer key", b"bearer  key ", b"BEARER key"])
@on_loop
async def test_the_scheme_is_read_in_any_case(value):
    assert (
        await call(proxy_over(Gateway(model=whole())), Called(headers=[(b"authorization", value)]))
    ).status == 200


@on_loop
async def test_a_body_over_its_limit_is_refused_by_its_length_and_by_its_bytes():
    told = (b"content-length", b"999")
    called = await call(proxy_over(body_bytes=100), Called(headers=[KEY, told]))
    assert (called.status, called.error["code"]) == (413, "request_too_large")
    assert called.headers[b"connection"] == b"close"
    called = Called(b"x" * 60)
    called.incoming = asyncio.Queue()
    for _ in range(2):
        called.say({"type": "http.request", "body": b"x" * 60, "more_body": True})
    await call(proxy_over(body_bytes=100), called)
    assert called.status == 413


@on_loop
async def test_a_length_that_is_none_is_not_believed():
    headers = [KEY, (b"content-length", b"-1")]
    assert (await call(proxy_over(Gateway(model=whole())), Called(headers=headers))).status == 200


@on_loop
async def test_a_slow_body_is_told_so():
    called = Called()
    called.incoming = asyncio.Queue()
    called.say({"type": "http.request", "body": b"{", "more_body": True})
    await call(proxy_over(request_s=0.01), called)
    assert (called.status, called.error["code"]) == (408, "request_timeout")
    assert called.headers[b"connection"] == b"close"


@on_loop
async def test_a_body_in_pieces_is_put_together():
    called = Called()
    called.incoming = asyncio.Queue()
    raw = json.dumps(CHATS).encode()
    for at in range(0, len(raw), 7):
        called.say({"type": "http.request", "body": raw[at : at + 7], "more_body": True})
    called.say({"type": "http.request", "more_body": False})
    await call(proxy_over(Gateway(model=whole())), called)
    assert called.status == 200


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"identity, gzip"])
@on_loop
async def test_a_compressed_body_is_not_read(coding):
    called = await call(proxy_over(), Called(headers=[KEY, (b"content-encoding", coding)]))
    assert (called.status, called.error["code"]) == (415, "unsupported_encoding")


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "invalid_json"), (b"", "invalid_json"), (b'{"a":1,"a":2}', "invalid_json"),
     (b'{"messages":"\x00"}', "invalid_json"), (b"[" * 100_000, "invalid_json"),
     ({}, "invalid_request"), ({**CHATS, "model": "no"}, "model_not_found")],
)  # fmt: skip
@on_loop
async def test_what_is_no_request_is_the_callers_fault_and_told_how_to_mend(body, code):
    called = await call(proxy_over(), Called(body))
    assert called.error["code"] == code
    assert called.error["type"] == "invalid_request_error"
    assert 400 <= called.status < 500


@on_loop
async def test_too_many_requests_at_once_are_told_to_come_back():
    gateway = Gateway()
    gateway.model.before = asyncio.Event()
    proxy = proxy_over(gateway, streams=1)
    first = asyncio.ensure_future(call(proxy, Called({**CHATS, "stream": True})))
    await turns()
    second = await call(proxy, Called())
    assert (second.status, second.error["code"]) == (503, "overloaded")
    assert second.headers[b"retry-after"] == b"1"
    gateway.model.before.set()
    assert (await first).status == 200
    assert (await call(proxy, Called({**CHATS, "stream": True}))).status == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UpstreamError("broken", advice="ask the operator"), 502),
        (UpstreamBusy("down", advice="ask the operator"), 503),
        (UpstreamTimeout("late", advice="ask the operator"), 504),
        (LedgerUnwritable("disk full", advice="ask the operator"), 503),
    ],
)
@on_loop
async def test_every_failure_of_ours_has_its_status_and_keeps_its_advice_to_the_log(error, status):
    gateway = Gateway()
    gateway.model.before = error
    called = await call(proxy_over(gateway), Called())
    assert called.status == status
    assert called.error == {
        "message": str(error), "type": "server_error", "param": None, "code": error.code,
    }  # fmt: skip
    assert (b"retry-after" in called.headers) == (status == 503)


@on_loop
async def test_a_ledger_that_cannot_be_written_gives_no_answer():
    ledger = MemoryLedger()
    ledger.unwritable = "disk full"
    called = await call(proxy_over(Gateway(ledger=ledger)), Called({**CHATS, "stream": True}))
    assert (called.status, called.error["code"]) == (503, "ledger_unwritable")
    assert b"hello" not in called.body


@on_loop
async def test_a_client_that_leaves_in_its_body_gets_nothing():
    called = Called()
    called.incoming = asyncio.Queue()
    called.leave()
    gateway = Gateway()
    proxy = proxy_over(gateway)
    await call(proxy, called)
    assert gateway.ledger.entries == []
    assert b'status="499"' in proxy.metrics.text()


@pytest.mark.parametrize("where", ["the call", "the answer"])
@on_loop
async def test_a_client_that_leaves_before_the_answer_ends_the_exchange(where):
    waiting = asyncio.Event()
    model = ScriptedModel(waiting)
    model.before = waiting if where == "the call" else None
    gateway = Gateway(model=model)
    proxy, called = proxy_over(gateway), Called({**CHATS, "stream": True})
    serving = asyncio.ensure_future(call(proxy, called))
    await turns()
    called.leave()
    await turns()
    assert serving.done()
    assert called.sent == []
    assert gateway.ends == [("abandoned", {"decision": "d1", "released": 0})]
    assert all(reply.closed.is_set() for reply in model.replies)
    assert b'status="499"' in proxy.metrics.text()
    assert running(proxy) == "kanhe_requests_running 0.0"


@on_loop
async def test_a_client_that_leaves_during_the_answer_stops_the_model():
    model = ScriptedModel(event(chunk({"content": "abc"})), asyncio.Event())
    gateway = Gateway(model=model)
    called = Called({**CHATS, "stream": True})
    serving = asyncio.ensure_future(call(proxy_over(gateway), called))
    await turns()
    called.leave()
    await turns()
    assert serving.done()
    assert model.replies[0].closed.is_set()
    assert gateway.ends == [("abandoned", {"decision": "d1", "released": 3})]


@pytest.mark.parametrize("after", [0, 1, 2])
@on_loop
async def test_a_connection_that_breaks_while_we_send_stops_the_model(after):
    gateway = Gateway(model=ScriptedModel(*answer("a", "b", "c"), asyncio.Event()))
    proxy, called = proxy_over(gateway), Called({**CHATS, "stream": True})
    called.gone = after
    with pytest.raises(OSError, match="gone"):
        await call(proxy, called)
    await turns()
    assert gateway.model.replies[0].closed.is_set()
    assert [kind for kind, _ in gateway.ends] == ["abandoned"]
    assert running(proxy) == "kanhe_requests_running 0.0"


@on_loop
async def test_a_server_that_shuts_down_ends_what_is_open():
    gateway = Gateway(model=ScriptedModel(event(chunk({"content": "a"})), asyncio.Event()))
    proxy = proxy_over(gateway)
    called = Called({**CHATS, "stream": True})
    serving = asyncio.ensure_future(proxy(called.scope, called.receive, called.send))
    await turns()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    await turns()
    assert [kind for kind, _ in gateway.ends] == ["abandoned"]
    assert running(proxy) == "kanhe_requests_running 0.0"


@pytest.mark.parametrize("user", [b"u\r\nx-evil: 1", b"\xff\xfe", b"u" * 5000, "用户".encode()])
@on_loop
async def test_a_users_name_is_never_echoed(user):
    gateway = Gateway(model=whole())
    called = await call(proxy_over(gateway), Called(headers=[KEY, (b"x-end-user", user)]))
    assert called.status == 200
    assert user[:6] not in called.body
    for name, value in called.sent[0]["headers"]:
        assert b"\r" not in name + value
        assert b"\n" not in name + value
    name = gateway.ledger.entries[0].facts["user"]
    assert int(name.removeprefix("p-app-")) <= 512


@on_loop
async def test_a_models_name_stands_in_an_error_as_text_only():
    called = await call(proxy_over(), Called({**CHATS, "model": "x\r\nevil: 1" + "y" * 500}))
    assert called.status == 404
    assert len(called.error["message"]) < 300
    assert "\r" not in called.error["message"]


@on_loop
async def test_the_language_is_the_one_that_the_client_accepts():
    gateway = Gateway([rule("hi")], language="auto")
    headers = [KEY, (b"accept-language", b"zh-CN,en;q=0.5")]
    called = await call(proxy_over(gateway), Called(headers=headers))
    assert "问题已停止" in called.body.decode()


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/completions", {"prompt": "hi"}), ("/v1/embeddings", {"input": "hi"})],
)
@on_loop
async def test_every_route_has_its_path_at_the_model(path, body):
    gateway = Gateway(model=whole())
    await call(proxy_over(gateway), Called(body, path=path))
    assert gateway.model.calls[0].path == path.removeprefix("/v1")
