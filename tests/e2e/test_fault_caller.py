"""What strangers send to a port: each gets a clear error, and the next caller is served."""

from __future__ import annotations

import contextlib
import json
import socket
import time

import pytest
from scripted import said
from served import KEY, Served, content, received, request

HEAD_BYTES = 64 << 10
MESSAGES = b'[{"role":"user","content":"hello"}]'


@pytest.fixture(scope="module")
def strict(upstream, tmp_path_factory):
    """A gateway with small limits."""
    config = "[limits]\nrequest_s = 0.5\nbody_bytes = 200000\nturns = 5\n"
    served = Served(tmp_path_factory.mktemp("strict"), config=config, upstream=upstream)
    yield served
    assert served.verify()[0] == 0
    assert served.stop() == 0


@pytest.fixture(autouse=True)
def still_serving(strict, upstream):
    """Whatever was sent: no model was asked about it, and the next caller is served."""
    upstream.stream = said("Good ", "morning")
    before = len(upstream.visits)
    yield
    assert len(upstream.visits) == before
    status, _, body = strict.chat(stream=True)
    assert (status, content(body)[:12]) == (200, "Good morning")


def answered(connection):
    """(status, headers, document) of one answer, after which the other side may close."""
    with connection:
        raw = b""
        while b"\r\n\r\n" not in raw:
            piece = connection.recv(65536)
            assert piece, raw
            raw += piece
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
    return int(lines[0].split()[1]), headers, json.loads(body)


def check_error(answer, status, code):
    got, headers, document = answer
    assert (got, document["error"]["code"]) == (status, code)
    assert set(document["error"]) == {"message", "type", "param", "code"}
    assert headers["content-type"] == "application/json"


BODIES = {
    "no-json": (b"{model: up}", 400, "invalid_json"),
    "cut": (b'{"model":"up","messages":[', 400, "invalid_json"),
    "empty": (b"", 400, "invalid_json"),
    "nul": (b'{"model":"up","messages":' + MESSAGES + b"}\x00", 400, "invalid_json"),
    "nuls": (b"\x00" * 2000, 400, "invalid_json"),
    "latin": (b'{"model":"up","messages":[{"role":"user","content":"\xff"}]}', 400, "invalid_json"),
    "surrogate": (
        b'{"model":"up","messages":[{"role":"user","content":"\\ud800"}]}', 400, "invalid_json",
    ),
    "deep": (b'{"messages":' + b"[" * 60_000 + b"]" * 60_000 + b"}", 400, "invalid_json"),
    "deep-objects": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400, "invalid_json"),
    "twins": (
        b'{"model":"up","messages":' + MESSAGES + b',"messages":[]}', 400, "invalid_json",
    ),
    "inner-twins": (
        b'{"model":"up","messages":[{"role":"user","content":"a","content":"b"}]}',
        400, "invalid_json",
    ),
    "nan": (b'{"model":"up","temperature":NaN,"messages":' + MESSAGES + b"}", 400, "invalid_json"),
    "list": (b"[]", 400, "invalid_request"),
    "null": (b"null", 400, "invalid_request"),
    "no-messages": (b'{"model":"up"}', 400, "invalid_request"),
    "messages-object": (b'{"model":"up","messages":{}}', 400, "invalid_request"),
    "no-role": (b'{"model":"up","messages":[{}]}', 400, "invalid_request"),
    "stream-word": (
        b'{"model":"up","stream":"yes","messages":' + MESSAGES + b"}", 400, "invalid_request",
    ),
    "turns": (
        b'{"model":"up","messages":[' + b",".join([MESSAGES[1:-1]] * 6) + b"]}",
        413, "too_many_turns",
    ),
    "model": (b'{"model":"nope","messages":' + MESSAGES + b"}", 404, "model_not_found"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_in_one_way_is_an_error(strict, name):
    body, status, code = BODIES[name]
    check_error(answered(strict.sent(request(body))), status, code)


def test_a_nul_inside_a_text_is_text(strict, upstream):
    """It is legal JSON: it passes, or is refused, and never ends a process."""
    status, _, _ = strict.chat("a\x00b")
    assert status == 200
    upstream.visits.pop()


def test_a_body_of_50_mb_is_refused_before_it_is_read(strict):
    head = request(b"").replace(b"Content-Length: 0", b"Content-Length: 52428800")
    # Not one byte of the body is sent: the head alone is enough for the answer.
    check_error(answered(strict.sent(head)), 413, "request_too_large")


def test_a_body_that_grows_beyond_the_limit_is_refused_while_it_comes(strict):
    head = request(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    connection, piece = strict.sent(head), b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 50_000_000:
            connection.sendall(piece)
            sent += 10_000
    connection.close()
    assert sent < 40_000_000, "it reads on after the limit"


def test_50_mb_that_are_really_sent_cost_no_memory(strict):
    before = strict.rss_mb
    status, _, body = posted(strict, b"x" * 50_000_000)
    assert (status, json.loads(body)["error"]["code"]) == (413, "request_too_large")
    assert strict.rss_mb < before + 20


def posted(strict, body):
    """As a client does it that looks for an early answer only after it has failed to send."""
    head = request(b"").replace(b"Content-Length: 0", b"Content-Length: 50000000")
    connection = strict.sent(head)
    with contextlib.suppress(ConnectionError):
        connection.sendall(body)
    status, headers, document = answered(connection)
    return status, headers, json.dumps(document)


def test_a_head_that_never_ends_is_ended(strict):
    began = time.monotonic()
    answer = answered(strict.sent(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-A: "))
    check_error(answer, 408, "request_timeout")
    assert 0.4 < time.monotonic() - began < 3


def test_a_head_that_drips_is_ended_all_the_same(strict):
    """Slow-loris: a byte now and then must not buy more time."""
    connection = strict.sent(b"GET /healthz HTTP/1.1\r\n")
    connection.settimeout(0.05)
    began, answer = time.monotonic(), b""
    while time.monotonic() - began < 5 and b"408" not in answer:
        try:
            connection.sendall(b"X-A: b\r\n")
            answer += connection.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            break
    connection.close()
    assert b"HTTP/1.1 408" in answer
    assert time.monotonic() - began < 3


def test_a_connection_that_says_nothing_is_closed(strict):
    with strict.sent(b"") as connection:
        assert received(connection)[:12] in {b"", b"HTTP/1.1 408"}
        assert connection.recv(1) == b""


def test_a_body_that_never_ends_is_ended(strict):
    body = request(b'{"model":"up"').replace(b"Content-Length: 13", b"Content-Length: 5000")
    check_error(answered(strict.sent(body)), 408, "request_timeout")


def test_a_head_that_is_too_large_is_refused(strict):
    big = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Big: " + b"x" * (HEAD_BYTES + 1000)
    check_error(answered(strict.sent(big)), 431, "head_too_large")
    many = b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * (HEAD_BYTES // 8)
    check_error(answered(strict.sent(many)), 431, "head_too_large")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40,
        b"HELO kanhe\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so(strict, sent):
    check_error(answered(strict.sent(sent)), 400, "invalid_http")


def test_bytes_after_a_request_are_no_part_of_it(strict, upstream):
    """Smuggling: a second request in the same write is a request of its own, and needs a key."""
    first = request(b'{"model":"nope","messages":' + MESSAGES + b"}")
    second = request(b'{"model":"up","messages":' + MESSAGES + b"}", key="wrong").replace(
        b"Content-Type", b"Connection: close\r\nContent-Type"
    )
    with strict.sent(first + second) as connection:
        answers = received(connection)
    assert answers.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 404" in answers
    assert b"HTTP/1.1 401" in answers


def test_no_key_no_service_on_any_route_that_reaches_a_model(strict):
    for path in ("chat/completions", "completions", "embeddings"):
        for key in ("", "wrong", KEY + "x", "\xff"):
            status, _, document = answered(strict.sent(raw_key(path, key)))
            assert (status, document["error"]["code"]) == (401, "invalid_api_key")


def raw_key(path, key):
    return request(b'{"model":"up"}', f"/v1/{path}", key="K").replace(
        b"K", key.encode("latin-1"), 1
    )


def test_the_wrong_method_and_an_unknown_path_are_errors_of_the_api(strict):
    get = b"GET /v1/chat/completions HTTP/1.1\r\nHost: a\r\n\r\n"
    check_error(answered(strict.sent(get)), 405, "method_not_allowed")
    for path in ("/v1/responses", "/nothing", "/v1/chat/completions/"):
        check_error(answered(strict.sent(request(b"{}", path))), 404, "not_found")


def test_a_compressed_body_is_not_read(strict):
    body = request(b"\x1f\x8b\x08", headers="Content-Encoding: gzip\r\n")
    check_error(answered(strict.sent(body)), 415, "unsupported_encoding")


def test_a_hundred_callers_that_stall_do_not_hold_up_the_next(strict, upstream):
    stalled = [strict.sent(b"POST /v1/chat/completions HTTP/1.1\r\nX:") for _ in range(100)]
    status, _, _ = strict.chat(stream=True)
    upstream.visits.pop()
    assert status == 200
    for connection in stalled:
        with connection:
            connection.shutdown(socket.SHUT_WR)
