"""What every `StrikeBook` promises; the file and the dictionary alike."""

from datetime import UTC, datetime, timedelta

import pytest

from fakes import MemoryStrikes
from kanhe.adapters.strike_store import StrikeStore
from kanhe.people.strikes import StrikeRule

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
RULE = StrikeRule(3, 5, DAY, "Asia/Shanghai", "cn-bsr-7-5")


@pytest.fixture(params=["file", "memory"])
def book(request, tmp_path):
    if request.param == "memory":
        yield MemoryStrikes(RULE)
        return
    store = StrikeStore(tmp_path / "strikes.sqlite", RULE)
    yield store
    store.close()


def test_nobody_is_suspended_at_first(book):
    assert book.suspended_until("a", NOW) is None
    book.clean("a")


@pytest.mark.obligation("cn-bsr-7-5")
def test_the_third_in_a_row_suspends_and_later_ones_meet_it(book):
    assert [book.struck("a", NOW) for _ in range(4)] == [None, None, NOW + DAY, NOW + DAY]
    assert book.suspended_until("a", NOW) == NOW + DAY
    assert book.suspended_until("a", NOW + DAY) is None
    assert book.suspended_until("b", NOW) is None


@pytest.mark.obligation("cn-bsr-7-5")
def test_a_clean_exchange_ends_the_row_and_not_the_day(book):
    for _ in range(4):
        assert book.struck("a", NOW) is None
        book.clean("a")
    assert book.struck("a", NOW) == NOW + DAY


def test_users_do_not_add_up(book):
    assert [book.struck(who, NOW) for who in "abcabc"] == [None] * 6
