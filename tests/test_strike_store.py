"""Strikes on disk: what outlives a restart, another process, and a disk that refuses."""

import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest

from kanhe.adapters.strike_store import StrikeStore
from kanhe.errors import SettingsError
from kanhe.people.strikes import StrikeRule

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
RULE = StrikeRule(3, 5, DAY, "Asia/Shanghai", "")


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "strikes.sqlite"


@pytest.fixture
def open_(path):
    opened = []

    def open_store(clock=None):
        opened.append(StrikeStore(path, RULE, clock=clock or Clock()))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


def suspend(store, who="a"):
    return [store.struck(who, NOW) for _ in range(3)][-1]


def test_a_suspension_outlives_a_restart(open_):
    first = open_()
    end = suspend(first)
    first.close()
    second = open_()
    assert second.suspended_until("a", NOW) == end == NOW + DAY


def test_rows_and_days_outlive_a_restart_even_without_a_close(open_):
    first = open_()
    first.struck("a", NOW)
    first.struck("a", NOW)
    assert open_().struck("a", NOW) == NOW + DAY


def test_the_file_is_its_owners_only(open_, path):
    open_()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_clean_exchange_of_somebody_unknown_writes_nothing(open_, path):
    store = open_()
    before = path.with_name("strikes.sqlite-wal").stat().st_size
    store.clean("a")
    assert path.with_name("strikes.sqlite-wal").stat().st_size == before


def test_what_another_process_lifts_is_seen_within_a_second(open_):
    clock = Clock()
    serving, command = open_(clock), None
    suspend(serving)
    command = open_()
    assert command.suspended(NOW) == {"a": NOW + DAY}
    assert command.lift("a")
    clock.now = 0.9
    assert serving.suspended_until("a", NOW) == NOW + DAY
    clock.now = 1.0
    assert serving.suspended_until("a", NOW) is None
    assert not command.lift("a")


def test_lifting_forgets_the_days_strikes_too(open_):
    store = open_()
    suspend(store)
    store.lift("a")
    assert [store.struck("a", NOW) for _ in range(2)] == [None, None]


def test_what_cannot_matter_any_more_is_forgotten(open_):
    store = open_()
    store.struck("a", NOW)
    store.clean("a")
    suspend(store, "b")
    assert store.forget_stale(NOW) == 0
    assert store.forget_stale(NOW + DAY) == 2
    assert open_().suspended(NOW) == {}


def test_a_strike_that_cannot_be_written_counts_and_is_written_later(open_, path):
    clock = Clock()
    store = open_(clock)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert suspend(store) == NOW + DAY
    assert store.trouble == "database is locked"
    other.execute("COMMIT")
    other.close()
    store.struck("b", NOW)
    assert store.trouble is None
    assert open_().suspended_until("a", NOW) == NOW + DAY


def test_unwritten_strikes_stay_when_another_process_changes_the_file(open_, path):
    clock = Clock()
    store = open_(clock)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    suspend(store)
    other.execute("INSERT INTO strikes VALUES ('z', 1, '2026-11-20', 1, NULL)")
    other.execute("COMMIT")
    other.close()
    clock.now = 5.0
    assert store.suspended_until("a", NOW) == NOW + DAY
    assert [store.struck("z", NOW) for _ in range(2)] == [None, NOW + DAY]


@pytest.mark.parametrize("content", [b"this is no database, but long enough to be seen as one" * 9])
def test_a_file_that_is_no_database_is_refused(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be opened"):
        StrikeStore(path, RULE)
