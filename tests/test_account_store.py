"""Accounts and sessions in their file: what is kept, for whom, and what is good only once."""

import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest

from kanhe.accounts.account import Account, Role
from kanhe.accounts.passkey import Passkey
from kanhe.accounts.session import Stage, Terms
from kanhe.adapters.account_store import AccountStore, new_id, open_accounts
from kanhe.adapters.session_store import SessionStore
from kanhe.errors import AccountError, SettingsError

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = AccountStore(tmp_path / "accounts.sqlite", bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def sessions(store):
    return SessionStore(store, Terms())


def add(store, role=Role.OWNER, name="Anna"):
    person = Account(new_id(), name, role, NOW, "zh")
    store.add(person)
    return person


def test_the_file_and_its_key_are_for_their_owner_alone(tmp_path):
    accounts = open_accounts(tmp_path)
    add(accounts)
    files = [*tmp_path.glob("accounts.sqlite*"), tmp_path / "keys" / "accounts.key"]
    assert len(files) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    accounts.close()


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "accounts.sqlite"
    path.touch(mode=0o644)
    AccountStore(path, bytes(32)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_such_file_is_refused(tmp_path):
    path = tmp_path / "accounts.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(SettingsError, match="cannot be opened"):
        AccountStore(path, bytes(32))


def test_an_account_comes_back_as_it_was(store):
    person = add(store)
    assert store.find(person.id) == store.named("  aNNa ") == person
    assert store.all() == (person,)
    assert store.find("nobody") is None


def test_a_name_stands_for_one_account_whatever_its_case(store):
    add(store)
    with pytest.raises(AccountError, match="already"):
        add(store, name="ANNA")


def test_another_process_s_change_is_seen_at_once(store, tmp_path):
    person = add(store)
    add(store, name="Bo")
    other = AccountStore(tmp_path / "accounts.sqlite", bytes(32))
    other.set_disabled(person.id, disabled=True)
    assert store.find(person.id).disabled
    other.close()


def test_an_app_s_secret_opens_for_its_account_and_key_alone(store, tmp_path):
    person, other = add(store), add(store, name="Bo")
    sealed = store.seal(person.id, b"secret")
    assert store.unseal(person.id, sealed) == b"secret"
    with pytest.raises(AccountError, match="does not open"):
        store.unseal(other.id, sealed)
    stranger = AccountStore(tmp_path / "accounts.sqlite", bytes([1] * 32))
    with pytest.raises(AccountError, match="does not open"):
        stranger.unseal(person.id, sealed)
    stranger.close()


def test_a_step_is_taken_once_and_never_an_older_one(store):
    person = add(store)
    assert store.take_step(person.id, 5)
    assert not store.take_step(person.id, 5)
    assert not store.take_step(person.id, 4)
    assert store.take_step(person.id, 6)


def test_new_codes_take_the_place_of_old_ones(store):
    person = add(store)
    store.set_codes(person.id, ["a", "b"])
    store.set_codes(person.id, ["c"])
    assert not store.take_code(person.id, "a")
    assert store.take_code(person.id, "c")
    assert not store.take_code(person.id, "c")


def test_a_passkey_belongs_to_one_account(store):
    person, other = add(store), add(store, name="Bo")
    assert store.add_passkey(Passkey(b"id", person.id, b"key", 0, "mine"))
    assert not store.add_passkey(Passkey(b"id", other.id, b"key", 0, "hers"))
    assert store.passkey(b"id").account == person.id
    assert not store.remove_passkey(other.id, b"id")


def test_the_last_owner_stays_even_where_two_are_asked_at_once(store):
    one, two = add(store), add(store, name="Bo")
    store.set_role(one.id, Role.READER)
    with pytest.raises(AccountError, match="nobody would be left"):
        store.set_role(two.id, Role.READER)
    assert store.find(two.id).role is Role.OWNER


def test_a_block_that_fails_leaves_nothing(store):
    person = add(store)

    def fail():
        with store.once():
            store.set_password(person.id, "kept")
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        fail()
    assert store.proofs(person.id).password is None


def test_sessions_are_kept_by_their_hash(store, sessions, tmp_path):
    person = add(store)
    token = sessions.begin(person.id, Stage.FULL, NOW)
    assert len(token) >= 43
    assert sessions.find(token, NOW).account == person.id
    rows = sqlite3.connect(tmp_path / "accounts.sqlite").execute("SELECT hash FROM sessions")
    assert token not in str(rows.fetchall())
    assert sessions.find("", NOW) is None


def test_a_session_that_ended_is_gone_from_the_file(store, sessions):
    person = add(store)
    token = sessions.begin(person.id, Stage.FULL, NOW)
    assert sessions.find(token, NOW + timedelta(minutes=31)) is None
    assert sessions.count(person.id) == 0


def test_old_sessions_tickets_and_links_are_swept_away(store, sessions):
    person = add(store)
    sessions.begin(person.id, Stage.FULL, NOW)
    sessions.hold("oidc", "state", {}, NOW)
    sessions.link(person.id, NOW + timedelta(hours=1))
    sessions.begin(person.id, Stage.FULL, NOW + timedelta(days=2))
    tables = ("sessions", "tickets", "links")
    left = [len(store.db.execute(f"SELECT * FROM {one}").fetchall()) for one in tables]  # noqa: S608
    assert left == [1, 0, 0]


def test_a_ticket_is_taken_once_of_its_kind_and_in_time(sessions):
    sessions.hold("oidc", "state", {"nonce": "n"}, NOW)
    assert sessions.take("sign-in", "state", NOW) is None
    assert sessions.take("oidc", "state", NOW) == {"nonce": "n"}
    assert sessions.take("oidc", "state", NOW) is None
    sessions.hold("oidc", "late", {}, NOW)
    assert sessions.take("oidc", "late", NOW + timedelta(minutes=10)) is None


def test_tickets_without_end_do_not_fill_the_disk(store, sessions, monkeypatch):
    monkeypatch.setattr("kanhe.adapters.session_store._MOST_TICKETS", 10)
    for number in range(50):
        sessions.hold("sign-in", str(number), {}, NOW + timedelta(seconds=number))
    assert store.db.execute("SELECT count(*) FROM tickets").fetchone()[0] <= 11
    assert sessions.take("sign-in", "49", NOW + timedelta(seconds=50)) == {}
