"""`kanhe serve` as a process: what it says, what it refuses, how it ends."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from kanhe.cli.main import main

KANHE = Path(sys.executable).with_name("kanhe")
KEY = "test-key"
# Port 9 (discard): a model that is never called.
MODEL = ["--upstream", "http://127.0.0.1:9/v1", "--model", "fake"]


class Gateway:
    """A started `kanhe serve` on a free port; `said` is what it printed until it listened."""

    def __init__(self, folder, *arguments):
        self.log = folder / "log"
        env = {name: value for name, value in os.environ.items() if not name.startswith("KANHE_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 # our own command
                [KANHE, "serve", "--port", "0", *MODEL, "--app-key", KEY, *arguments],
                cwd=folder,
                env=env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.said = ""
        while "curl" not in self.said:
            line = self.process.stdout.readline()
            if not line:
                self.end()
                raise RuntimeError(self.log.read_text())
            self.said += line
        self.url = re.search(r"listens on (http://\S+)", self.said)[1]

    def get(self, path, method="GET", key=KEY):
        headers = {"Authorization": f"Bearer {key}"}
        asked = urllib.request.Request(self.url + path, method=method, headers=headers)  # noqa: S310 # loopback
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 # loopback
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def end(self, *signals):
        for number in signals:
            self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        return code


@pytest.fixture
def gateway(tmp_path):
    started = []

    def start(*arguments):
        started.append(Gateway(tmp_path, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.end()


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KANHE_")]:
        monkeypatch.delenv(name)
    return lambda *words: CliRunner().invoke(main, ["serve", *words])


def ledger_tags(folder):
    said = CliRunner().invoke(
        main, ["ledger", "show", "--json", "--dir", str(folder / "kanhe-data" / "ledger")]
    )
    return [json.loads(line)["entry"]["tag"] for line in said.stdout.splitlines()]


def test_it_says_what_runs_serves_and_ends_on_record(gateway, tmp_path):
    running = gateway()
    assert "  models   fake\n" in running.said
    assert re.search(r"  rules    baseline .+, \d+ rules, version [0-9a-f]{12}\n", running.said)
    assert re.search(r"  judges   embedded, default: pinned, [0-9a-f]{12}, ", running.said)
    assert str(tmp_path / "kanhe-data" / "ledger") in running.said
    assert KEY not in running.said
    assert running.get("/readyz")[0] == 200
    assert running.get("/v1/models", key="wrong")[0] == 401
    assert running.end(signal.SIGTERM) == 0
    # The status is computed in the background, sooner or later than this end.
    ours = [tag for tag in ledger_tags(tmp_path) if tag.startswith("operator:")]
    assert ours == [
        "operator:ruleset:loaded",
        "operator:settings:recorded",
        "operator:service:started",
        "operator:guard:tried",
        "operator:service:stopped",
    ]


def test_the_log_warns_to_back_up_the_key_and_holds_no_secret(gateway, tmp_path):
    running = gateway("--log-json")
    running.end(signal.SIGINT)
    lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert any("Back it up now" in line["message"] for line in lines)
    assert all({"at", "level", "logger", "message"} <= set(line) for line in lines)
    raw = running.log.read_text()
    admin = (tmp_path / "kanhe-data" / "keys" / "admin.key").read_text().strip()
    assert admin not in raw
    assert KEY not in raw


def test_sighup_loads_the_rules_anew(gateway, tmp_path):
    rules = tmp_path / "ours.yaml"
    text = (
        "name: ours\nversion: '1'\nrules:\n- id: one\n  category: A.1.h\n"
        "  match: {terms: {list: [kumquat]}}\n"
    )
    rules.write_text(text)
    running = gateway("--ruleset", str(rules))
    before = running.get("/readyz")[1]["ruleset"]["version"]
    rules.write_text(text.replace("kumquat", "tangerine"))
    running.process.send_signal(signal.SIGHUP)
    admin = (tmp_path / "kanhe-data" / "keys" / "admin.key").read_text().strip()
    # The call waits for the load that the signal began, if that came first.
    status, said = running.get("/admin/rules/reload", "POST", admin)
    assert (status, said["version"] != before) == (200, True)
    running.end(signal.SIGTERM)
    assert ledger_tags(tmp_path).count("operator:ruleset:loaded") == 2


def test_a_second_signal_ends_at_once(gateway):
    running = gateway()
    address = running.url.removeprefix("http://").split(":")
    with contextlib.closing(socket.create_connection((address[0], int(address[1])))) as open_:
        # A request that stays open, so that the first signal alone would wait.
        open_.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n")
        open_.sendall(f"authorization: Bearer {KEY}\r\ncontent-length: 9\r\n\r\n".encode())
        assert running.get("/healthz")[0] == 200
        running.process.send_signal(signal.SIGINT)
        while "SIGINT" not in running.log.read_text():
            assert running.process.poll() is None
        assert running.end(signal.SIGINT) == 130


def test_a_taken_port_is_a_clear_error(gateway, tmp_path):
    taken = socket.create_server(("127.0.0.1", 0))
    with contextlib.closing(taken):
        port = str(taken.getsockname()[1])
        with pytest.raises(RuntimeError, match=f"port {port} of 127.0.0.1 is taken"):
            gateway("--port", port)


def test_check_says_what_would_run_and_makes_nothing(run, tmp_path):
    said = run("--check", *MODEL)
    assert said.exit_code == 0, said.output
    assert "would listen on http://127.0.0.1:8080" in said.stdout
    assert "no fault" in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_check_tells_the_faults_of_settings_and_rules(run, tmp_path):
    said = run("--check", "--port", "x", "--upstream", "y")
    assert said.exit_code == 1
    assert "2 faults" in said.stderr
    (tmp_path / "x.yaml").write_text("name: x")
    said = run("--check", *MODEL, "--ruleset", "x.yaml")
    assert said.exit_code == 1
    assert "x.yaml" in said.stderr
    assert "nothing of it was loaded" in said.stderr
