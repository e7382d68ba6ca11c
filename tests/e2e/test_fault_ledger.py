"""A ledger that cannot be written: nothing is released, and it goes on by itself when it can be.

Two ways, both at the real process: a limit on the size of its files (any user may set one), and a
small file system that is really full (root only).
"""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import subprocess

import pytest
from scripted import GATE, said
from served import Served, content, received, until

SECRET = "an answer of the model"


class FileLimit:
    """No file of the process may grow any more."""

    def __init__(self, directory):
        self.data = directory / "data"

    def fill(self, served):
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def clear(self, served):
        most = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, most)

    def close(self):
        """Leave nothing behind."""


class FullDisk:
    """A file system of 4 MB with somebody else's file on it."""

    def __init__(self, directory):
        self._place = directory / "small"
        self._place.mkdir()
        mount = shutil.which("mount")
        done = mount and subprocess.run(  # noqa: S603 # our own folder
            [mount, "-t", "tmpfs", "-o", "size=4m", "kanhe-test", self._place],
            capture_output=True,
            check=False,
        )
        if not done or done.returncode:
            pytest.skip("no small file system can be mounted here; the limit on files is tried")
        self.data = self._place / "data"

    def fill(self, served):
        with (self._place / "other").open("ab", buffering=0) as file:
            for size in (4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def clear(self, served):
        (self._place / "other").unlink()

    def close(self):
        subprocess.run(["umount", self._place], check=True)  # noqa: S603, S607 # our own folder


@pytest.fixture(params=[FileLimit, FullDisk], ids=["limit", "full"])
def trouble(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def gateway(trouble, upstream, tmp_path):
    served = Served(tmp_path, upstream=upstream, data=trouble.data)
    yield served
    served.stop()


def refused(gateway, **more):
    """Ask until it is refused: the last page of a file may have room for an entry or two."""

    def asked():
        status, _, body = gateway.chat(**more)
        return body if status != 200 else None

    body = until(asked, "the gateway refuses")
    assert json.loads(body)["error"]["code"] == "ledger_unwritable"
    return body.decode()


def readiness(gateway):
    """What a load balancer is told."""
    status, body = gateway.asked("/readyz")
    writable = json.loads(body)["ledger"]["writable"]
    assert (status == 200) == writable
    return writable


def test_nothing_is_released_until_it_can_be_written_again(trouble, gateway, upstream):
    upstream.say(SECRET)
    assert gateway.chat()[0] == 200
    trouble.fill(gateway)
    for more in ({}, {"stream": True}, {"prompt": "tell me of the forbidden kumquat"}):
        assert SECRET not in refused(gateway, **more)
    until(lambda: not readiness(gateway), "it says that it is not ready")
    acknowledged = {entry.get("decision") for entry in gateway.entries()}

    trouble.clear(gateway)
    # No restart, and no request that has to fail first.
    until(lambda: readiness(gateway), "it is ready again")
    status, headers, body = gateway.chat(stream=True)
    assert (status, content(body)[: len(SECRET)]) == (200, SECRET)
    assert gateway.tags(headers["x-kanhe-decision"])[0] == "gateway:answer:begun"
    assert acknowledged <= {entry.get("decision") for entry in gateway.entries()}
    assert gateway.verify()[0] == 0


def test_a_stop_that_cannot_be_recorded_ends_the_stream_with_an_error(trouble, gateway, upstream):
    upstream.stream = said("Sure: ", "forbidden ", "kumquat", " more")
    upstream.stream.insert(2, GATE)
    with gateway.opened() as connection:
        body = b""
        while b"Sure" not in body:
            body += connection.recv(65536)
        trouble.fill(gateway)
        refused(gateway, prompt="the forbidden kumquat")
        upstream.go()
        body += received(connection)
    trouble.clear(gateway)
    assert b"ledger_unwritable" in body
    assert b"kumquat" not in body
    assert b"[DONE]" in body
    until(lambda: gateway.chat()[0] == 200, "it serves again")
    assert gateway.verify()[0] == 0


def test_an_end_that_cannot_be_recorded_is_counted_as_lost(trouble, gateway, upstream):
    upstream.stream = said("Good ", "morning")
    upstream.stream.insert(2, GATE)
    with gateway.opened() as connection:
        body = b""
        while b"Good" not in body:
            body += connection.recv(65536)
        trouble.fill(gateway)
        refused(gateway, prompt="the forbidden kumquat")
        upstream.go()
        body += received(connection)
    # Its beginning is on record, and says that an end is missing.
    assert b"morning" in body
    until(lambda: lost(gateway) > 0, "the lost entry is counted")
    trouble.clear(gateway)
    until(lambda: gateway.chat()[0] == 200, "it serves again")
    assert gateway.verify()[0] == 0


def test_a_violation_that_cannot_be_counted_is_refused_in_words_all_the_same(
    trouble, gateway, upstream
):
    """Strikes are kept in a file of their own: it is full too."""
    upstream.stream = said("Sure: ", "forbidden ", "kumquat", " more")
    upstream.stream.insert(2, GATE)
    with gateway.opened(user="mallory") as connection:
        body = b""
        while b"Sure" not in body:
            body += connection.recv(65536)
        trouble.fill(gateway)
        refused(gateway)
        status, _, told = gateway.chat("the forbidden kumquat", user="mallory")
        assert (status, json.loads(told)["error"]["code"]) == (503, "ledger_unwritable")
        upstream.go()
        body += received(connection)
    trouble.clear(gateway)
    assert b"ledger_unwritable" in body
    assert b"kumquat" not in body
    until(lambda: gateway.chat(user="alice")[0] == 200, "it serves again")
    for _ in range(3):
        gateway.chat("the forbidden kumquat", user="mallory")
    assert gateway.chat(user="mallory")[0] == 403
    assert gateway.verify()[0] == 0


def lost(gateway):
    lines = gateway.get("/metrics").decode().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("kanhe_ledger_lost_t"))


def test_a_data_directory_that_cannot_be_made_is_told_in_words(upstream, tmp_path):
    (tmp_path / "data").write_text("a file is in the way")
    with pytest.raises(RuntimeError, match="kanhe serve ended") as ended:
        Served(tmp_path, upstream=upstream)
    assert "Traceback" not in str(ended.value)
    assert "data" in str(ended.value)


def test_a_start_on_a_full_disk_is_refused_in_words(upstream, tmp_path):
    disk = FullDisk(tmp_path)
    try:
        disk.fill(None)
        with pytest.raises(RuntimeError, match="No space left on device") as ended:
            Served(tmp_path, upstream=upstream, data=disk.data)
        assert "Traceback" not in str(ended.value)
    finally:
        disk.close()
