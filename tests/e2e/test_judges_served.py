"""Rules that ask judges, over sockets: the embedded one, a remote one, and one that is gone."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from served import Served, content, free_port, kanhe, until

EMBEDDED = """
name: judged
version: "1"
rules:
  - id: everything
    category: A.1.h
    on: prompt
    match: {judge: default, over: {unsafe: 0.001}, wait: 20}
"""
REMOTE = """
name: judged
version: "1"
rules:
  - id: remote
    category: A.1.h
    on: answer
    match: {judge: remote, over: {unsafe: 0.5}, wait: 5, leave: LEAVE}
"""
SETTINGS = """
label = "header"

[[judges]]
name = "remote"
template = "plain-http"
base_url = "http://127.0.0.1:PORT"
timeout_s = 3
"""


class Moderation(ThreadingHTTPServer):
    """A moderation service: what has a bad word in it is unsafe; `seen` is what it was asked."""

    def __init__(self):
        self.seen = []
        super().__init__(("127.0.0.1", 0), self._handler())
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = self.rfile.read(int(self.headers["content-length"])).decode()
                server.seen.append(asked)
                bad = "坏" in json.dumps(json.loads(asked), ensure_ascii=False)
                body = json.dumps({"unsafe": 0.9 if bad else 0.1}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def moderation():
    with Moderation() as server:
        yield server
        server.shutdown()


@pytest.fixture
def start(tmp_path, upstream):
    """Start a gateway; it is stopped, and its ledger verified, whatever becomes of the test."""
    started = []

    def one(rules, config=""):
        started.append(Served(tmp_path, upstream=upstream, config=config, rules=rules))
        return started[-1]

    yield one
    for gateway in started:
        assert gateway.stop() == 0
        assert gateway.verify()[0] == 0


@pytest.fixture
def remote(start):
    """Start a gateway whose rule asks a judge at a port."""

    def one(port, leave="hold"):
        return start(REMOTE.replace("LEAVE", leave), SETTINGS.replace("PORT", str(port)))

    return one


def test_the_embedded_judge_stops_a_prompt_and_the_record_has_its_opinion(start):
    gateway = start(EMBEDDED)
    status, _, body = gateway.chat("今天天气怎么样？")
    assert status == 200
    assert json.loads(body)["choices"][0]["finish_reason"] == "content_filter"
    (refused,) = gateway.entries("gateway:prompt:refused")
    assert refused["judged"]["judge"] == "default"
    assert refused["judged"]["permille"] >= 1
    (settings,) = gateway.entries("operator:settings:recorded")
    (judge,) = settings["judges"]
    assert judge["name"] == "embedded"
    assert judge["pinned"]
    metrics = gateway.get("/metrics").decode()
    assert 'kanhe_judge_questions_total{judge="embedded",outcome="judged"}' in metrics


@pytest.mark.parametrize("leave", ["hold", "trail"])
def test_a_remote_judge_ends_a_stream(remote, upstream, moderation, leave):
    gateway = remote(moderation.port, leave)
    upstream.say("好的。", "做坏", "事。")
    told = content(gateway.chat("问", stream=True)[2])
    assert told.startswith("好的。")
    if leave == "hold":
        assert told == "好的。"
    (stopped,) = gateway.entries("gateway:answer:stopped")
    assert stopped["judged"] == {"judge": "remote", "category": "unsafe", "permille": 900}
    assert any("好的" in one for one in moderation.seen)


def test_a_judge_that_is_not_there_refuses_and_says_why(remote, upstream):
    gateway = remote(free_port())
    upstream.say("好的。")
    status, _, body = gateway.chat("问", headers={"Accept-Language": "en"})
    told = json.loads(body)["choices"][0]
    assert (status, told["finish_reason"]) == (200, "content_filter")
    assert "could not be checked" in told["message"]["refusal"]
    (stopped,) = gateway.entries("gateway:answer:stopped")
    assert stopped["judged"]["why"] in ("unavailable", "busy", "late")


def test_a_judge_that_comes_back_is_asked_again(remote, upstream):
    port = free_port()
    gateway = remote(port)
    upstream.say("好的。")
    gateway.chat("问")
    (stopped,) = gateway.entries("gateway:answer:stopped")
    assert stopped["judged"]["why"]

    class Back(Moderation):
        def __init__(self):
            self.seen = []
            ThreadingHTTPServer.__init__(self, ("127.0.0.1", port), self._handler())
            threading.Thread(target=self.serve_forever, daemon=True).start()

    with Back() as server:
        until(lambda: "好的" in gateway.chat("问")[2].decode(), "the judge is asked again", 60)
        server.shutdown()


def test_a_rule_that_needs_more_than_was_measured_does_not_start(tmp_path):
    rules = tmp_path / "r.yaml"
    rules.write_text(
        EMBEDDED.replace("wait: 20", "needs: {sensitivity: 0.999, rows: 100000}"), encoding="utf-8"
    )
    done = kanhe("serve", "--check", "--data", tmp_path / "data", "--ruleset", rules, cwd=tmp_path)
    assert done.returncode == 1
    assert "does not meet what the rule needs" in done.stderr
    assert "r.yaml:8" in done.stderr
    assert "kanhe judge measure" in done.stderr


def test_a_text_is_tried_on_judged_rules_from_the_command_line(tmp_path):
    rules = tmp_path / "r.yaml"
    rules.write_text(EMBEDDED, encoding="utf-8")
    done = kanhe(
        "rules", "explain", "今天天气怎么样？", "--side", "prompt", "--ruleset", rules, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "the judge default: unsafe" in done.stdout
    assert "stopped by everything" in done.stdout
