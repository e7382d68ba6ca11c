"""The process itself: thousands of streams, a port that is taken, a good end and a bad one."""

from __future__ import annotations

import resource
import signal
import time

import pytest
from scripted import GATE, HANG, said
from served import Served, content, free_port, kanhe, received, until

from needs import absent

STREAMS = 2000


@pytest.fixture
def gateway(upstream, tmp_path):
    served = Served(tmp_path, upstream=upstream)
    yield served
    served.stop()


def read_until(connection, wanted):
    body = b""
    while wanted not in body:
        piece = connection.recv(65536)
        assert piece, body
        body += piece
    return body


def decision(body):
    return body.partition(b"x-kanhe-decision: ")[2].partition(b"\r\n")[0].decode()


@pytest.fixture
def many_files():
    """Four descriptors a stream: ours to the gateway and the model's to it, both ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * STREAMS + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        absent(f"no {wanted} file descriptors", "Raise the hard limit: ulimit -Hn.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_2000_streams_that_idle_cost_little_and_hold_nobody_up(gateway, upstream):
    idle = [*said("waiting ")[:-2], HANG]
    upstream.stream = lambda body: said("served") if "user" in body else idle
    alone, began = gateway.rss_mb, time.monotonic()
    seen = len(upstream.visits)
    streams = [gateway.opened() for _ in range(STREAMS)]
    for connection in streams:
        read_until(connection, b"waiting")
    opened_s, full = time.monotonic() - began, gateway.rss_mb

    began = time.monotonic()
    status, _, body = gateway.chat(stream=True, user="somebody")
    took_s = time.monotonic() - began
    assert (status, content(body)[:6]) == (200, "served")
    assert took_s < 2

    for connection in streams:
        connection.close()
    idle_visits = upstream.visits[seen : seen + STREAMS]
    until(lambda: all(v.gone.is_set() for v in idle_visits), "the model is left alone", 30)
    until(lambda: len(gateway.entries("gateway:answer:abandoned")) == STREAMS, "all are told", 30)
    print(f"{STREAMS} streams in {opened_s:.1f} s; RSS {alone:.0f} -> {full:.0f} MB; a request "
          f"beside them took {1000 * took_s:.0f} ms")  # pytest -rP shows it  # fmt: skip
    assert opened_s < 60
    # A stream that idles must not cost more than a few reads' worth of memory.
    assert full - alone < STREAMS * 0.1
    assert gateway.verify()[0] == 0


def test_sigterm_lets_open_answers_finish(gateway, upstream):
    upstream.stream = said("first ", "second")
    upstream.stream.insert(2, GATE)
    with gateway.opened() as connection:
        body = read_until(connection, b"first")
        gateway.process.send_signal(signal.SIGTERM)
        until(lambda: not listens(gateway), "no new requests are taken")
        upstream.go()
        body += received(connection)
    assert content(body).startswith("first second")
    assert b"data: [DONE]" in body
    assert gateway.process.wait(10) == 0
    assert gateway.tags(decision(body))[-1] == "gateway:answer:released"
    assert gateway.entries()[-1]["tag"] == "operator:service:stopped"
    assert gateway.verify()[0] == 0
    assert "0 more durable in the journal" in gateway.verify()[1]


def listens(gateway):
    try:
        gateway.sent(b"").close()
    except ConnectionError:
        return False
    return True


def test_a_second_sigterm_ends_it_at_once_and_the_ledger_bears_it(gateway, upstream):
    upstream.stream = [*said("first ")[:-2], HANG]
    with gateway.opened() as connection:
        body = read_until(connection, b"first")
        gateway.process.send_signal(signal.SIGTERM)
        until(lambda: not listens(gateway), "no new requests are taken")
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(5) == 128 + signal.SIGTERM
    gateway.start()
    assert [e["tag"] for e in gateway.entries() if e.get("decision") == decision(body)] == [
        "gateway:answer:begun"
    ]
    assert gateway.verify()[0] == 0


def test_kill_9_during_streams_loses_nothing_that_was_acknowledged(gateway, upstream):
    upstream.stream = [*said("first ")[:-2], HANG]
    streams = [gateway.opened() for _ in range(20)]
    bodies = [read_until(connection, b"first") for connection in streams]
    acknowledged = {decision(body) for body in bodies}
    assert len(acknowledged) == len(streams)
    assert gateway.stop(signal.SIGKILL) == -signal.SIGKILL
    for connection in streams:
        connection.close()

    # As it lies there, without a repair, and again after the next start.
    assert gateway.verify()[0] == 0
    gateway.start()
    assert gateway.verify()[0] == 0
    entries = gateway.entries("gateway:*")
    begun = {e["decision"] for e in entries if e["tag"] == "gateway:answer:begun"}
    ended = {e["decision"] for e in entries if e["tag"] != "gateway:answer:begun"}
    assert acknowledged <= begun - ended
    upstream.stream = said("Good morning")
    status, _, body = gateway.chat(stream=True)
    assert (status, content(body)[:12]) == (200, "Good morning")


def test_kill_9_again_and_again_never_needs_a_repair(gateway, upstream):
    upstream.say("Good morning")
    for _ in range(3):
        answers = {gateway.chat()[1]["x-kanhe-decision"] for _ in range(5)}
        gateway.stop(signal.SIGKILL)
        gateway.start()
        begun = {e["decision"] for e in gateway.entries("gateway:answer:begun")}
        assert answers <= begun
        assert gateway.verify()[0] == 0


def serve_beside(gateway, upstream, port, data):
    """Try to start another gateway with the same rules and model."""
    options = {"--port": port, "--data": data, "--ruleset": gateway.rules,
               "--upstream": upstream.url, "--model": "up"}  # fmt: skip
    return kanhe("serve", *(word for pair in options.items() for word in pair))


def test_a_port_in_use_is_told_and_nothing_is_left_running(gateway, upstream, tmp_path):
    done = serve_beside(gateway, upstream, gateway.port, tmp_path / "other")
    assert done.returncode == 1
    assert str(gateway.port) in done.stderr
    assert "Traceback" not in done.stderr
    assert gateway.chat()[0] == 200


def test_a_ledger_in_use_is_told_and_not_touched(gateway, upstream):
    done = serve_beside(gateway, upstream, free_port(), gateway.data)
    assert done.returncode == 1
    assert f"is open in process {gateway.process.pid}" in done.stderr
    assert gateway.chat()[0] == 200
    assert gateway.verify()[0] == 0
