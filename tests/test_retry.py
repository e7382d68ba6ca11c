from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.adapters.retry import Retry, pause_s, retry_after_s

NOW = datetime(2026, 3, 14, 12, 0, 0, tzinfo=UTC)
RETRY = Retry(times=2, first_pause_s=0.1, longest_pause_s=2.0)


def test_the_pause_doubles_and_ends_after_the_last_try():
    assert [pause_s(RETRY, tried, None, 1.0) for tried in (1, 2, 3)] == [0.1, 0.2, None]


@given(st.integers(1, 60), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_negative_and_never_above_its_bound(tried, luck):
    pause = pause_s(Retry(times=100), tried, None, luck)
    assert pause is not None
    assert 0.0 <= pause <= 2.0


def test_a_pause_that_was_asked_for_is_kept_to_the_bound_and_declined_above_it():
    assert pause_s(RETRY, 1, 1.5, 0.0) == 1.5
    assert pause_s(RETRY, 1, 2.5, 0.0) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sat, 14 Mar 2026 12:00:30 GMT", 30.0),
        ("Sat, 14 Mar 2026 12:00:30 -0000", 30.0),
        ("Sat, 14 Mar 2026 11:00:00 GMT", 0.0),
        ("9" * 400, 999_999_999.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_in_both_of_its_forms(value, seconds):
    assert retry_after_s({"Retry-After": value}, NOW) == seconds


def test_an_answer_without_retry_after_asks_for_nothing():
    assert retry_after_s({}, NOW) is None
