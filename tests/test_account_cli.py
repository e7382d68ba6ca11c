"""`kanhe account`: the machine's way in, when nobody has one yet or somebody lost theirs."""

import json

import pytest
from click.testing import CliRunner

from kanhe.accounts.account import Role
from kanhe.accounts.session import Terms
from kanhe.adapters.account_store import open_accounts
from kanhe.adapters.session_store import SessionStore
from kanhe.cli.main import main


@pytest.fixture
def run(tmp_path):
    def command(*given, code=0):
        args = ["account", *given, "--data", str(tmp_path)]
        done = CliRunner().invoke(main, args, env={"KANHE_CONSOLE_URL": "https://k.example.org"})
        assert done.exit_code == code, done.output
        return done

    return command


@pytest.fixture
def accounts(tmp_path):
    opened = open_accounts(tmp_path)
    yield opened
    opened.close()


def entries(folder):
    """The bytes of the ledger, whatever their form."""
    return b"".join(path.read_bytes() for path in (folder / "ledger").rglob("*") if path.is_file())


def test_the_first_link_leads_to_the_address_that_browsers_use(run, accounts):
    from datetime import UTC, datetime

    link = run("setup-link").stdout.strip()
    assert link.startswith("https://k.example.org/console/setup?token=")
    sessions = SessionStore(accounts, Terms())
    now = datetime.now(UTC)
    assert sessions.linked(link.partition("token=")[2], now) == (None,)
    run("setup-link")
    assert sessions.linked(link.partition("token=")[2], now) is None


def test_somebody_is_added_and_the_ledger_has_the_id_but_not_the_name(run, accounts, tmp_path):
    run("add", "Zenobia", "--role", "reviewer")
    [person] = accounts.all()
    assert (person.name, person.role) == ("Zenobia", Role.REVIEWER)
    kept = entries(tmp_path)
    assert person.id.encode() in kept
    assert b"operator:account:added" in kept
    assert b"enobia" not in kept
    assert run("add", "zenobia", code=1).output.count("somebody has it") == 1


def test_a_list_says_by_what_each_signs_in(run):
    assert "setup-link" in run("list").stdout
    run("add", "Anna", "--role", "owner")
    [one] = json.loads(run("list", "--json").stdout)
    assert (one["name"], one["role"], one["signs_in"]) == ("Anna", "owner", "link not used yet")
    assert "Anna" in run("list").stdout


def test_there_is_always_an_owner_and_what_is_refused_is_not_recorded(run, accounts, tmp_path):
    run("add", "Anna", "--role", "owner")
    run("role", "anna", "reader", code=1)
    run("disable", "anna", code=1)
    assert b"operator:account:changed" not in entries(tmp_path)
    run("add", "Bo", "--role", "owner")
    run("role", "anna", "reader")
    assert accounts.named("anna").role is Role.READER


def test_somebody_is_shut_out_and_let_in_again(run, accounts):
    run("add", "Anna", "--role", "owner")
    run("add", "Bo")
    run("disable", "bo")
    assert accounts.named("bo").disabled
    run("disable", "bo", "--undo")
    assert not accounts.named("bo").disabled


def test_beginning_anew_takes_the_password(run, accounts):
    run("add", "Anna", "--role", "owner")
    anna = accounts.named("anna")
    accounts.set_password(anna.id, "kept")
    assert "/setup?token=" in run("reset", anna.id).stdout
    assert accounts.proofs(anna.id).password is None


def test_whoever_is_not_there_is_told(run):
    assert "kanhe account list" in run("reset", "nobody", code=1).output
