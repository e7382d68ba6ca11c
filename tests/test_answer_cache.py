"""Answers of earlier runs: replayed only where somebody asked for it, sealed, and counted."""

from __future__ import annotations

import asyncio

import pytest

import courses
from courses import Speaker, begin, drive, reopened
from kanhe.adapters.answer_cache import CACHE, KEY, AnswerCache, CachedTarget
from kanhe.assess.run import Said
from kanhe.errors import AssessError

NAME = b"n" * 24


@pytest.fixture
def cache(tmp_path):
    opened = AnswerCache(tmp_path / "cache")
    yield opened
    opened.close()


def test_what_is_put_is_given_back_and_says_that_it_is_a_replay(cache):
    assert cache.get(NAME) is None
    cache.put(NAME, Said("好 \U0001f600", "d1", (3, 4), 5))
    assert cache.get(NAME) == Said("好 \U0001f600", "d1", (3, 4), 5, replayed=True)


def test_an_answer_with_half_of_a_surrogate_pair_is_kept_as_well(cache):
    """Planted fault caught: MessagePack refuses such text, and the run broke off."""
    cache.put(NAME, Said("x \ud800 y"))
    assert cache.get(NAME).text == "x \ud800 y"


def test_answers_outlive_the_process_and_are_gone_with_their_key(tmp_path):
    first = AnswerCache(tmp_path)
    first.put(NAME, Said("a planted answer " * 9))
    first.close()
    second = AnswerCache(tmp_path)
    assert second.get(NAME).text.startswith("a planted answer")
    second.close()
    assert not any(b"planted answer" in file.read_bytes() for file in tmp_path.iterdir())
    (tmp_path / KEY).unlink()
    third = AnswerCache(tmp_path)
    assert third.get(NAME) is None
    third.close()


def test_an_answer_under_another_name_is_not_taken(cache):
    """Planted fault caught: sealed without its name, so that a row could be moved."""
    cache.put(NAME, Said("yes"))
    cache._db.execute("UPDATE answers SET name = ?", (b"m" * 24,))
    assert cache.get(b"m" * 24) is None


def test_a_file_that_is_no_cache_is_told_and_may_be_deleted(tmp_path):
    (tmp_path / CACHE).write_bytes(b"something else " * 200)
    with pytest.raises(AssessError) as caught:
        AnswerCache(tmp_path)
    assert "Delete it" in caught.value.advice


def ask(cache, target, *said, about="model demo", **more):
    return asyncio.run(CachedTarget(target, cache, about).ask(said, **more))


def test_only_the_very_same_request_is_replayed(cache):
    target = Speaker()
    first = ask(cache, target, "问")
    again = ask(cache, target, "问")
    assert (first.replayed, again.replayed) == (False, True)
    assert again.text == first.text
    ask(cache, target, "问", "再问")
    ask(cache, target, "问", system="你好")
    ask(cache, target, "问", repeat=1)
    ask(cache, target, "问", about="model other")
    assert len(target.asked) == 5


def test_a_run_replays_nothing_of_its_own_accord_and_a_report_counts_what_was(tmp_path, cache):
    """Planted faults caught: replays counted of the last phase only, and lost by a kill."""
    more = "robustness: {passed: 2, variants: [spaced]}\n"
    target = Speaker()
    drive(begin(tmp_path, run="first", more=more), CachedTarget(target, cache, "m"))
    number = len(target.asked)
    plain = begin(tmp_path, run="second", more=more)
    assert drive(plain, target).replayed == 0
    assert len(target.asked) == 2 * number
    run = begin(tmp_path, run="third", more=more)
    progress = drive(run, CachedTarget(target, cache, "m"))
    assert len(target.asked) == 2 * number
    assert progress.replayed == number > len(run.plain)
    assert (run.manifest.replayed, courses.evidence(run).head.replayed) == (number, number)
    run.write(plain.manifest)  # as a kill before its end leaves it
    assert courses.evidence(reopened(run)).head.replayed == number
    assert courses.evidence(plain).head.replayed == 0
