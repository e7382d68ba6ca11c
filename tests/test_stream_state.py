"""What a guard remembers of a stream: how much it holds, what it may forget, when it is over.

Planted fault that the property was seen to catch: forgetting without leaving the context of a
finding that is yet to come.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from kanhe.policy import stream
from kanhe.policy.rule import Action, Expression, Rule
from kanhe.policy.scan import FAR
from kanhe.policy.stream import StreamGuard
from oracle import shown
from strategies import pieces, rules
from test_stream import plan_of, rule, run


@pytest.fixture(autouse=True)
def _forget_at_once(monkeypatch):
    monkeypatch.setattr(stream, "_SPARE", 1)


@settings(max_examples=200)
@given(rules(), pieces, pieces)
def test_what_is_forgotten_is_not_missed(some, first, then):
    chunks = [*first, *"xyz\u200b独" * 6, *then]
    out, stopped_by, _ = run(some, chunks)
    expected, stop = shown(some, "".join(chunks))
    assert (out, stopped_by and stopped_by.end) == (expected, stop and stop[1])


def test_a_long_text_is_not_kept():
    guard = StreamGuard(plan_of([rule("ab"), rule("q1", action=Action.FLAG)]))
    for _ in range(1000):
        guard.feed("xyz ")
    assert len(guard._window.text) < 2 * FAR


def test_what_is_held_and_released_is_counted_in_characters():
    guard = StreamGuard(plan_of([rule("abc", action=Action.MASK, mask="*")]))
    guard.feed("x ab")
    assert (guard.held, guard.released) == (2, 2)
    assert guard.feed("c ").text == "* "
    assert (guard.held, guard.released) == (0, 6)


def test_a_match_that_begins_with_an_invisible_character_begins_there():
    """It was asked for without seeing through such characters, so the word before it is over."""
    bare = Rule("r", "c", Expression("[^a]b"), folds=frozenset(), action=Action.FLAG)
    assert [(f.start, f.end) for f in run([bare], ["4\u200b", "b"])[2]] == [(1, 3)]


@pytest.mark.parametrize("ending", ["finish", "stop"])
def test_a_stream_that_is_over_takes_no_more(ending):
    guard = StreamGuard(plan_of([rule("ab")]))
    if ending == "stop":
        assert guard.feed("ab ").stopped_by
    else:
        guard.finish()
    with pytest.raises(RuntimeError, match="over"):
        guard.feed("x")
    with pytest.raises(RuntimeError, match="over"):
        guard.finish()
