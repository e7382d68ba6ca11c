"""The server under the application: slow and endless heads, its port, its end."""

import asyncio
import contextlib
import json
import socket

import pytest

from kanhe.errors import SettingsError
from kanhe.web.server import HEAD_BYTES, Server, bind
from upstream import on_loop

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


async def hello(scope, receive, send):
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@contextlib.asynccontextmanager
async def served(app, *, head_s=20.0, idle_s=20.0, grace_s=5):
    listening = asyncio.Event()
    sock = bind("127.0.0.1", 0)
    server = Server(app, head_s=head_s, idle_s=idle_s, grace_s=grace_s, listening=listening.set)
    running = asyncio.ensure_future(server.run_on(sock))
    address = sock.getsockname()
    await listening.wait()
    try:
        yield server, address
    finally:
        server.stop()
        await running


async def tell(address, *pieces):
    """Send pieces over one connection and give what comes until it is closed."""
    reader, writer = await asyncio.open_connection(*address)
    for piece in pieces:
        writer.write(piece)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
    said = b""
    with contextlib.suppress(ConnectionError):
        said = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return said


def status(said):
    return int(said.split(b" ", 2)[1])


@on_loop
async def test_requests_are_served_one_after_another_on_a_connection():
    async with served(hello) as (_, address):
        last = GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
        said = await tell(address, GET, last)
    assert said.count(b"hello") == 2


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: a\r\n"])
@on_loop
async def test_a_head_that_does_not_come_is_not_waited_for(sent):
    async with served(hello, head_s=0.05) as (_, address):
        said = await tell(address, sent)
    assert status(said) == 408
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "request_timeout"


@on_loop
async def test_the_head_of_a_second_request_is_not_waited_for_either():
    async with served(hello, head_s=0.05) as (_, address):
        said = await tell(address, GET + b"GET / HTTP/1.1\r\nx")
    assert said.count(b"hello") == 1
    assert said.count(b"HTTP/1.1 408") == 1


@on_loop
async def test_a_slow_answer_is_not_cut_by_the_clock_of_the_head():
    late = asyncio.Event()

    async def slow(scope, receive, send):
        await late.wait()
        await hello(scope, receive, send)

    async with served(slow, head_s=0.05) as (_, address):
        asyncio.get_running_loop().call_later(0.2, late.set)
        # The beginning of a further request comes with it, and is not waited for afterwards.
        said = await tell(address, GET + b"GET")
    assert status(said) == 200
    assert b"hello" in said


@on_loop
async def test_a_head_without_end_is_refused():
    async with served(hello) as (_, address):
        line = b"x-a: " + b"b" * 1000 + b"\r\n"
        said = await tell(address, b"GET / HTTP/1.1\r\n", line * (HEAD_BYTES // 1000 + 50))
    assert said == b"" or status(said) == 431


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01\x00", b"HELO x\r\n\r\n", b"\0" * 99])
@on_loop
async def test_what_is_no_http_is_refused_in_the_shape_of_the_api(sent):
    async with served(hello) as (_, address):
        said = await tell(address, sent)
    assert status(said) == 400
    assert "HTTP/1.1" in json.loads(said.partition(b"\r\n\r\n")[2])["error"]["message"]


@on_loop
async def test_an_open_answer_may_finish_after_the_stop():
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send):
        begun.set()
        await go_on.wait()
        await hello(scope, receive, send)

    async with served(slow) as (server, address):
        asked = asyncio.ensure_future(tell(address, GET))
        await begun.wait()
        server.stop()
        asyncio.get_running_loop().call_later(0.2, go_on.set)
        said = await asked
    assert status(said) == 200
    assert said.endswith(b"hello")


@on_loop
async def test_an_answer_that_does_not_finish_is_ended_and_may_note_its_end():
    begun, noted = asyncio.Event(), []

    async def endless(scope, receive, send):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            noted.append("ended")

    async with served(endless, grace_s=0) as (server, address):
        asked = asyncio.ensure_future(tell(address, GET))
        await begun.wait()
        server.stop()
    assert noted == ["ended"]
    await asked


def test_a_taken_port_is_told_with_what_to_do():
    with contextlib.closing(bind("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} of 127.0.0.1 is taken") as caught:
            bind("127.0.0.1", port)
    assert "--port" in caught.value.advice


def test_an_address_that_is_none_is_told():
    with pytest.raises(SettingsError, match="cannot be listened on") as caught:
        bind("127.0.0.300", 0)
    assert "--host" in caught.value.advice


def test_ipv6_is_listened_on_too():
    try:
        sock = bind("::1", 0)
    except SettingsError:
        pytest.skip("this machine has no IPv6 loopback")
    with contextlib.closing(sock):
        assert sock.family == socket.AF_INET6


@on_loop
async def test_a_client_that_does_not_read_is_not_waited_for():
    left = asyncio.Event()

    async def flood(scope, receive, send):
        gone = asyncio.ensure_future(_disconnect(receive, left))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not left.is_set():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        await gone

    async with served(flood, idle_s=0.05) as (_, address):
        _, writer = await asyncio.open_connection(*address, limit=1)
        writer.write(GET)
        await left.wait()
        writer.close()


async def _disconnect(receive, left):
    while (await receive())["type"] != "http.disconnect":
        pass
    left.set()
