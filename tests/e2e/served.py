"""A real `kanhe serve` in front of a model that says what it is told: for tests over sockets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
KANHE = Path(sys.executable).with_name("kanhe")
KEY = "test-key-0123456789-0123456789-0123456789"

RULES = """
name: test
version: "1"
rules:
  - id: unicorn
    category: A.1.h
    on: [prompt, answer]
    match: {terms: {list: [蓝色独角兽, forbidden kumquat]}}
    folds: all
    boundary: none
    action: block
    severity: high
    notice: {zh: 这里不能谈这个, en: This cannot be talked about here}
    examples: {match: [看蓝色独角兽], miss: [蓝色的马]}
  - id: card
    category: A.4.e
    on: [answer]
    match: {recogniser: bank-card}
    action: mask
    mask: "[card]"
    examples: {match: ["卡号6225889960308247"], miss: ["卡号6225889960308248"]}
  - id: tried-out
    category: A.1.h
    on: [answer]
    match: {terms: {list: [shadowword]}}
    action: block
    mode: shadow
    examples: {match: [a shadowword b], miss: [a shadow of a word]}
"""


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def until(check, what, seconds=10):
    """Ask again and again until `check` gives something; fail after `seconds`."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (found := check()):
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        pause.wait(0.01)
    return found


def environment(**more):
    """The environment of a command of ours: nothing of the developer's own settings."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("KANHE")}
    return ours | more


def kanhe(*arguments, cwd=None, **env):
    """Run a command to its end; its exit code, output and error output are in what it gives."""
    return subprocess.run(  # noqa: S603 # our own command
        [KANHE, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(**env),
        timeout=60,
        check=False,
    )


class Served:
    """A running `kanhe serve`; `log` is what it wrote to its standard error.

    `config` is the text of a settings file; `rules` that of the ruleset. `stop` and `start` again
    take up the same data.
    """

    def __init__(
        self, directory, *arguments, rules=RULES, config="", env=None, upstream=None, data=None
    ):
        self.directory = directory
        self.port = free_port()
        self.data = data or directory / "data"
        self.rules = directory / "rules.yaml"
        self.rules.write_text(rules, encoding="utf-8")
        self.log = directory / "log"
        self.env = environment(PYTHONFAULTHANDLER="1", **(env or {}))
        self.command = [KANHE, "serve", "--port", self.port, "--data", self.data]
        self.command += ["--ruleset", self.rules, "--app-key", KEY, *arguments]
        if upstream is not None:
            self.command += ["--upstream", upstream.url, "--model", "up"]
        if config:
            (directory / "kanhe.toml").write_text(config, encoding="utf-8")
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 # our own command
                [*map(str, self.command)], stdout=log, stderr=log, env=self.env, cwd=self.directory
            )
        until(self._is_there, "kanhe serve answers", 60)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def _is_there(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"kanhe serve ended: {self.log.read_text()}")
        with contextlib.suppress(OSError, urllib.error.URLError):
            return self.get("/healthz")
        return None

    def get(self, path):
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:  # loopback
            return answer.read()

    def asked(self, path, headers=None):
        """(status, body) of a GET."""
        request = urllib.request.Request(  # loopback
            f"http://127.0.0.1:{self.port}{path}", headers=headers or {}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 # loopback
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def post(self, path, body, headers=None, key=KEY):
        """(status, headers, body) of a request; a `dict` is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(  # loopback
            f"http://127.0.0.1:{self.port}{path}", data, sent | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # loopback
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def chat(self, prompt="hello", headers=None, **more):
        body = {"model": "up", "messages": [{"role": "user", "content": prompt}], **more}
        return self.post("/v1/chat/completions", body, headers)

    def opened(self, prompt="hello", **more):
        """A socket on which a streamed chat has been asked for."""
        body = {"model": "up", "stream": True, "messages": [{"role": "user", "content": prompt}]}
        return self.sent(request(json.dumps(body | more).encode(), headers="Connection: close\r\n"))

    def sent(self, data):
        """A socket on which `data` was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(data)
        return connection

    def entries(self, tag="*"):
        """The ledger's entries with a tag, as the command shows them: their facts, in order."""
        shown = kanhe("ledger", "show", "--dir", self.data / "ledger", "--tag", tag, "--json")
        assert shown.returncode == 0, shown.stderr
        found = (json.loads(line)["entry"] for line in shown.stdout.splitlines())
        return [{"tag": entry["tag"], **entry["facts"]} for entry in found]

    def tags(self, decision):
        """The tags of a decision's entries, once its end is among them."""

        def found():
            tags = [e["tag"] for e in self.entries("gateway:*") if e["decision"] == decision]
            return tags[-1] != "gateway:answer:begun" and tags if tags else None

        return until(found, f"the end of {decision} is on the ledger")

    def verify(self):
        """The code and output of `kanhe ledger verify`."""
        done = kanhe("ledger", "verify", self.data / "ledger")
        return done.returncode, done.stdout + done.stderr

    def process_wait(self, seconds):
        """Let time pass, while the process lives."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    @property
    def rss_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self, number=signal.SIGTERM, seconds=20):
        """Stop the process; give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            # With PYTHONFAULTHANDLER it writes where each of its threads is.
            self.process.send_signal(signal.SIGABRT)
            self.process.wait(5)
            raise AssertionError(f"it did not stop: {self.log.read_text()[-6000:]}") from None


def request(body, path="/v1/chat/completions", key=KEY, headers=""):
    """The bytes of a request."""
    head = f"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def received(connection):
    """All that comes until the other side closes."""
    pieces = []
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def events(body):
    """The documents of a stream; `[DONE]` as it is."""
    found = []
    for line in body.decode().split("\n"):
        if line.startswith("data: "):
            data = line[6:]
            found.append(data if data == "[DONE]" else json.loads(data))
    return found


def content(body):
    """The text of a stream's first choice."""
    return "".join(
        choice["delta"].get("content") or ""
        for event in events(body)
        if event != "[DONE]"
        for choice in event["choices"]
        if choice["index"] == 0
    )
