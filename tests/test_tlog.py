"""The ledger over HTTP: an auditor rebuilds and verifies it through the routes alone."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kanhe.adapters.ledger_directory import reader
from kanhe.ledger.verification import head, verify
from kanhe.web.tlog import routes
from ledgers import KEY, write

SIZE = 300


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    directory = tmp_path_factory.mktemp("data") / "ledger"
    write(directory, SIZE)
    (directory.parent / "ledger.key").write_text("secret")
    with TestClient(Starlette(routes=routes(reader(directory), "/ledger"))) as client:
        yield client


def test_an_auditor_verifies_the_ledger_over_http(client):
    def read(name):
        response = client.get(f"/ledger/{name}")
        return response.content if response.status_code == 200 else None

    signed = head(read, KEY).checkpoint
    verify(read, signed, progress=lambda _: None)
    assert signed.size == SIZE


def test_the_checkpoint_is_text_and_is_not_kept(client):
    response = client.get("/ledger/checkpoint")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["0/000", "0/001.p/44", "1/000.p/1", "entries/000"])
def test_tiles_are_bytes_and_may_be_kept_for_ever(client, name):
    response = client.get(f"/ledger/tile/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/octet-stream"
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/0/001.p/43",
        "tile/0/0",
        "tile/..%2f..%2fledger.key",
        "tile/%2e%2e/%2e%2e/ledger.key",
        "tile/",
        "verifier.key",
        "journal/00000000000000000000",
        "lock",
    ],
)
def test_nothing_else_is_given_away(client, path):
    response = client.get(f"/ledger/{path}")
    assert response.status_code == 404
    assert b"secret" not in response.content


def test_a_log_without_files_has_no_checkpoint(tmp_path):
    with TestClient(Starlette(routes=routes(reader(tmp_path)))) as client:
        assert client.get("/checkpoint").status_code == 404


def test_the_log_is_read_only(client):
    assert client.post("/ledger/checkpoint").status_code == 405
    assert client.put("/ledger/tile/0/000", content=b"x").status_code == 405
