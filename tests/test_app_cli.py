"""`kanhe app`, as an operator types it."""

import json

import pytest
from click.testing import CliRunner

from kanhe.adapters.app_file import Applications
from kanhe.cli.main import main


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["app", *words])


def test_a_key_is_printed_alone_on_stdout_and_lets_the_application_in(run, tmp_path):
    said = run("add", "shop")
    assert said.exit_code == 0
    key = said.stdout.strip()
    assert Applications(tmp_path / "kanhe-data" / "apps.json").find(key) == "shop"
    assert "not shown again" in said.stderr


def test_the_list_names_applications_and_no_keys(run):
    key = run("add", "shop").stdout.strip()
    listed = run("list")
    assert listed.stdout.startswith("shop  20")
    assert key not in listed.stdout
    assert listed.stdout.strip().endswith(f"…{key[-4:]}")
    (one,) = json.loads(run("list", "--json").stdout)
    assert (one["name"], one["ends"]) == ("shop", key[-4:])


def test_an_empty_list_says_how_to_make_one(run):
    assert "kanhe app add NAME" in run("list").stdout


def test_a_revoked_application_is_gone(run):
    run("add", "shop")
    assert run("revoke", "shop").stdout == "shop is revoked.\n"
    said = run("revoke", "shop")
    assert said.exit_code == 1
    assert "there is no application 'shop'" in said.stderr


def test_the_data_directory_comes_from_option_or_settings(run, tmp_path):
    run("add", "shop", "--data", "elsewhere")
    assert (tmp_path / "elsewhere" / "apps.json").exists()
    (tmp_path / "kanhe.toml").write_text('data = "third"')
    run("add", "shop")
    assert (tmp_path / "third" / "apps.json").exists()
