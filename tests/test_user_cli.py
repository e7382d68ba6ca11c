"""`kanhe user`, as an operator types it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from kanhe.adapters.strike_store import StrikeStore
from kanhe.cli.main import main
from kanhe.people.strikes import StrikeRule

RULE = StrikeRule(1, 5, timedelta(hours=24), "Asia/Shanghai", "")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["user", *words])


@pytest.fixture
def store(tmp_path):
    opened = StrikeStore(tmp_path / "kanhe-data" / "strikes.sqlite", RULE)
    yield opened
    opened.close()


def test_the_suspended_are_named_with_their_ends_until_lifted(run, store):
    until = store.struck("hmac-sha256:1", datetime.now(UTC))
    end = until.isoformat(timespec="seconds")
    assert run("suspended").stdout == f"hmac-sha256:1  until {end}\n"
    said = json.loads(run("suspended", "--json").stdout)
    assert said == [{"user": "hmac-sha256:1", "until": end}]
    assert run("lift", "hmac-sha256:1").exit_code == 0
    assert run("suspended").stdout == "Nobody is suspended.\n"


def test_lifting_somebody_unknown_is_an_error(run, store):
    said = run("lift", "nobody")
    assert said.exit_code == 1
    assert "no strikes of 'nobody'" in said.stderr


def test_a_directory_without_strikes_is_an_error_and_gains_none(run, tmp_path):
    said = run("suspended")
    assert said.exit_code == 1
    assert "--data" in said.stderr
    assert list(tmp_path.iterdir()) == []
