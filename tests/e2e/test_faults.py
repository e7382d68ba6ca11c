"""Each way in which a model can fail, over sockets: a clear error, and a ledger that says so.

One gateway, one model a fault: a circuit that opens for one does not hide another.
"""

from __future__ import annotations

import json
import socket

import pytest
from scripted import GATE, HANG, SSE_HEAD, chunk, chunked, http, said, sse
from served import Served, content, events, received, until

from upstream import refusing_url

GARBAGE = b"\x00\xff\x16\x03\x01 this was never HTTP\n\n" * 4
BOOM = json.dumps({"error": {"message": "boom: out of memory", "type": "server_error"}}).encode()
SHY = json.dumps({"error": {"message": "no 蓝色独角兽 here", "type": "server_error"}}).encode()
CARD = json.dumps({"error": {"message": "bad row: 6225889960308247"}}).encode()
EVENT = sse(chunk("Sure: "))
DEEP = b'data: {"a":' + b"[" * 20_000 + b"\n\n"
LONG = sse(chunk("x" * 50_000))


def in_stream(*pieces):
    """A stream of these pieces that is then closed in the middle of nothing."""
    return [SSE_HEAD, *(piece and chunked(piece) for piece in pieces)]


WHOLE = {
    "hangs": ([HANG], 504, "upstream_timeout"),
    "garbage": ([GARBAGE], 502, "upstream_error"),
    "closes": ([b"HTTP/1.1 200 OK\r\n"], 502, "upstream_error"),
    "html": ([http(b"<html>Welcome</html>", kind="text/html")], 502, "upstream_error"),
    "no-json": ([http(b"{'choices': no}")], 502, "upstream_error"),
    "no-utf8": ([http(b'{"choices":[{"message":{"content":"\xff"}}]}')], 502, "upstream_error"),
    "no-choices": ([http(b"{}")], 502, "upstream_error"),
    "cut-whole": ([http(b'{"choices":[]}' * 9)[:-20]], 502, "upstream_error"),
    "status-500": ([http(BOOM, 500)], 500, "upstream_error"),
    "shy-500": ([http(SHY, 500)], 500, "upstream_error"),
    "card-500": ([http(CARD, 500)], 500, "upstream_error"),
    "html-500": ([http(b"<h1>Oops</h1>", 500, "text/html")], 502, "upstream_error"),
}
"""Faults before the first byte, or in an answer that is not streamed: pieces, status, code."""

BEFORE = {
    "first-garbage": (in_stream(b"data: {no json\n\n"), 502, "upstream_error"),
    "first-error": (in_stream(b"data: " + BOOM + b"\n\n"), 502, "upstream_error"),
    "first-latin": (in_stream(EVENT.replace(b"Sure", b"\xff\xfe")), 502, "upstream_error"),
    "first-list": (in_stream(b"data: []\n\n"), 502, "upstream_error"),
    "first-nothing": ([SSE_HEAD, b"0\r\n\r\n"], 502, "upstream_error"),
    "first-huge": (in_stream(*[LONG.replace(b"\n\n", b"")] * 3), 502, "upstream_error"),
    "silent": (in_stream(HANG), 504, "upstream_timeout"),
}
"""Faults in a stream before anything was released: the status can still be told."""

MIDDLE = {
    "stalls": (in_stream(EVENT, GATE, HANG), "upstream_timeout"),
    "cuts": (in_stream(EVENT, GATE, EVENT[:30]), "upstream_error"),
    "ends-early": ([*in_stream(EVENT), GATE, b"0\r\n\r\n"], "upstream_error"),
    "bad-chunk": ([*in_stream(EVENT), GATE, b"not hexadecimal\r\n"], "upstream_error"),
    "then-garbage": (in_stream(EVENT, GATE, b"data: {no json\n\n"), "upstream_error"),
    "then-latin": (in_stream(EVENT, GATE, EVENT.replace(b"Sure", b"\xff")), "upstream_error"),
    "then-error": (in_stream(EVENT, GATE, b"data: " + BOOM + b"\n\n"), "upstream_error"),
    "then-huge": (in_stream(EVENT, GATE, *[LONG.replace(b"\n\n", b"")] * 3), "upstream_error"),
    "then-deep": (
        in_stream(EVENT, GATE, b'data: {"a":' + b"[" * 20_000 + b"\n\n"),
        "upstream_error",
    ),
}
"""Faults after something was released: the stream ends with an error event and `[DONE]`."""

_last = said("Good ", "morning")
FINE = {
    "crlf": [SSE_HEAD, *(chunked(p.replace(b"\n", b"\r\n")) for p in _last), b"0\r\n\r\n"],
    "cr": [SSE_HEAD, *(chunked(p.replace(b"\n", b"\r")) for p in _last), b"0\r\n\r\n"],
    "comments": [SSE_HEAD, chunked(b": ping\n\n"), *(chunked(b": a\n" + p) for p in _last),
                 b"0\r\n\r\n"],
    "drips": [SSE_HEAD, *(chunked(bytes([b])) for p in _last for b in p), b"0\r\n\r\n"],
    "no-done": [SSE_HEAD, *map(chunked, _last[:-1]), b"0\r\n\r\n"],
    "other-fields": [SSE_HEAD, *(chunked(b"event: m\nid: 7\nretry: 9\n" + p) for p in _last),
                     b"0\r\n\r\n"],
    "bom": [SSE_HEAD, chunked(b"\xef\xbb\xbf" + b"".join(_last)), b"0\r\n\r\n"],
}  # fmt: skip
"""What is unusual and allowed."""

SCRIPTS = {
    **{name: found[0] for name, found in (WHOLE | BEFORE | MIDDLE).items()},
    **FINE,
    "fine": [SSE_HEAD, *map(chunked, _last), b"0\r\n\r\n"],
}


def settings(upstream):
    models = [(name, upstream.url) for name in SCRIPTS] + [("refuses", refusing_url())]
    tables = [
        f'[[models]]\nname = "{name}"\nbase_url = "{url}"\nretries = 0\n'
        "connect_s = 1\nfirst_byte_s = 0.5\nidle_s = 0.5\n"
        for name, url in models
    ]
    return "\n".join([*tables, "[limits]\nevent_bytes = 100000\n"])


@pytest.fixture(scope="module")
def faulty(upstream, tmp_path_factory):
    upstream.raw = lambda body: SCRIPTS[body["model"]]
    served = Served(tmp_path_factory.mktemp("faults"), config=settings(upstream))
    yield served
    upstream.raw = None
    code, said = served.verify()
    assert served.stop() == 0
    assert code == 0, said


def check_error(body, code):
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert len(error["message"]) > 10
    for secret in ("Traceback", "独角兽", "/v1", "127.0.0.1", "6225889960308247"):
        assert secret not in error["message"]


def check_serves(gateway):
    status, _, body = gateway.chat(model="fine", stream=True)
    assert (status, content(body)[:12]) == (200, "Good morning")


def newest(gateway, tag, model):
    """The entry with this tag about the newest request to `model`."""

    def found():
        entries = gateway.entries("gateway:*")
        begun = [e["decision"] for e in entries if e.get("model") == model]
        ends = [e for e in entries if e["tag"] == tag and begun and e["decision"] == begun[-1]]
        return ends and ends[-1]

    return until(found, f"{tag} for {model} is on the ledger")


def read_until(connection, wanted):
    seen = b""
    while wanted not in seen:
        piece = connection.recv(65536)
        assert piece, f"closed before {wanted!r}: {seen!r}"
        seen += piece
    return seen


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", WHOLE)
def test_a_fault_before_the_first_byte_has_a_status_of_its_own(faulty, model, stream):
    _, status, code = WHOLE[model]
    got, headers, body = faulty.chat(model=model, stream=stream)
    assert (got, headers["content-type"]) == (status, "application/json")
    check_error(body, code)
    assert newest(faulty, "gateway:answer:failed", model)["code"] == code
    check_serves(faulty)


@pytest.mark.parametrize("model", BEFORE)
def test_a_fault_in_the_first_event_has_a_status_of_its_own(faulty, model):
    _, status, code = BEFORE[model]
    got, headers, body = faulty.chat(model=model, stream=True)
    assert (got, headers["content-type"]) == (status, "application/json")
    check_error(body, code)
    assert newest(faulty, "gateway:answer:failed", model)["released"] == 0
    check_serves(faulty)


@pytest.mark.parametrize("model", MIDDLE)
def test_a_fault_in_the_middle_is_told_in_the_stream(faulty, upstream, model):
    with faulty.opened(model=model) as connection:
        body = read_until(connection, b"Sure")
        upstream.go()
        body += received(connection)
    *before, error, done = events(body)
    assert done == "[DONE]"
    check_error(json.dumps(error), MIDDLE[model][1])
    text = "".join(c["delta"].get("content") or "" for e in before for c in e["choices"])
    assert text == "Sure: \n\n(The above was generated by AI)"
    failed = newest(faulty, "gateway:answer:failed", model)
    assert (failed["code"], failed["released"]) == (MIDDLE[model][1], len("Sure: "))
    check_serves(faulty)


@pytest.mark.parametrize("model", FINE)
def test_what_is_unusual_and_allowed_arrives(faulty, model):
    status, _, body = faulty.chat(model=model, stream=True)
    assert status == 200
    assert content(body) == "Good morning\n\n(The above was generated by AI)"
    assert events(body)[-1] == "[DONE]"
    assert b"ping" not in body


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_refuses_connections_is_an_error_and_then_left_alone(faulty, stream):
    for _ in range(8):
        status, headers, body = faulty.chat(model="refuses", stream=stream)
        assert status in {502, 503}
        check_error(body, "upstream_error" if status == 502 else "upstream_unavailable")
    assert status == 503
    assert headers["retry-after"]
    check_serves(faulty)


def test_a_caller_that_leaves_in_the_middle_frees_the_model_and_is_on_the_ledger(faulty, upstream):
    with faulty.opened(model="stalls") as connection:
        read_until(connection, b"Sure")
        visit = upstream.last
    assert visit.gone.wait(5)
    assert newest(faulty, "gateway:answer:abandoned", "stalls")["released"] == len("Sure: ")
    check_serves(faulty)


def test_a_caller_that_leaves_before_the_answer_frees_the_model(faulty, upstream):
    before = len(upstream.visits)
    with faulty.opened(model="hangs"):
        visit = until(lambda: upstream.visits[before:], "the model is asked")[0]
    assert visit.gone.wait(5)
    assert newest(faulty, "gateway:answer:abandoned", "hangs")["released"] == 0
    check_serves(faulty)


def test_a_caller_that_closes_only_its_own_side_is_taken_as_gone_or_answered(faulty):
    """HTTP leaves it open what a half-closed connection means; nothing may be left hanging."""
    with faulty.opened(model="fine") as connection:
        connection.shutdown(socket.SHUT_WR)
        body = received(connection)
    assert body == b"" or b"[DONE]" in body or b"Good" in body
    check_serves(faulty)
