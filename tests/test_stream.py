"""The promise of the stream guard, held against an oracle that knows nothing of streams.

Planted faults that these properties were seen to catch (each put in by hand, each failing here):
releasing one character more than `_safe` allows; taking the finding that begins first instead of
the one that ends first; not looking at exceptions that are still growing; forgetting the context
before a finding; dropping the letters' starts when no new letter came; deciding a Latin term before
the next character is known; showing a mask that something unfinished runs into.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings

from kanhe.policy.fold import ALL
from kanhe.policy.rule import Action, Place, Rule, Side, Terms
from kanhe.policy.ruleset import Ruleset, compile_parts
from kanhe.policy.stream import StreamGuard
from oracle import findings, shown
from strategies import pieces, rules

PLACE = Place(Side.ANSWER)


def plan_of(some, place=PLACE):
    parts = compile_parts(some, {})
    ruleset = Ruleset(name="t", label="1", version="v", rules=some, parts=parts, recognisers={})
    return ruleset.plan(place)


def run(some, chunks):
    """What a guard shows of `chunks`, what stopped it, and what it noticed."""
    guard, out, noticed = StreamGuard(plan_of(some)), "", []
    for chunk in [*chunks, None]:
        release = guard.finish() if chunk is None else guard.feed(chunk)
        out += release.text
        noticed += release.noticed
        if release.stopped_by:
            return out, release.stopped_by, noticed
    return out, None, noticed


def rule(*terms, **more):
    return Rule(id="r", category="c", matcher=Terms(terms), **more)


# Pairs that random search rarely finds, pinned.
NESTED = [rule("aba"), rule("b")]
GROWING = [rule("ab", unless_within=("abab",), word=False)]
MASKED = [
    rule("ab", action=Action.MASK, mask="*", word=False),
    rule("b-a-b", action=Action.MASK, mask="#", word=False),
]
TYPED = [rule("独独", folds=ALL, fold_min=1)]
HIDDEN = [rule("ab")]


@pytest.mark.obligation("cn-im-4-1")
@settings(max_examples=600, deadline=None)
@given(rules(), pieces)
@example(NESTED, ["aba"])
@example(GROWING, ["ab", "ab"])
@example(MASKED, ["ab", "-", "a", "b"])
@example(TYPED, ["独d", "u"])
@example(TYPED, ["d", "u", "d", "u"])
@example(HIDDEN, ["a" + "\u200b" * 40, "\u200b" * 40, "ab"])
def test_the_reader_sees_the_text_before_the_first_complete_finding(some, chunks):
    text = "".join(chunks)
    expected, stop = shown(some, text)
    out, stopped_by, _ = run(some, chunks)
    assert out == expected
    found = stopped_by and (stopped_by.start, stopped_by.end, some.index(stopped_by.rule))
    assert found == stop


@settings(max_examples=300, deadline=None)
@given(rules(), pieces)
def test_nothing_is_shown_that_a_finding_yet_to_come_could_cover(some, chunks):
    """After every piece, whatever comes next: what is out is a beginning of what will be shown."""
    guard, out, text = StreamGuard(plan_of(some)), "", ""
    for chunk in chunks:
        release = guard.feed(chunk)
        out += release.text
        text += chunk
        if release.stopped_by:
            return
        for more in ("", "a", "b", "ab", "-b", "独", "du", "虫"):
            assert shown(some, text + more)[0].startswith(out)


@settings(max_examples=200, deadline=None)
@given(rules(actions=(Action.FLAG,)), pieces)
def test_watching_holds_nothing_back_and_misses_nothing(some, chunks):
    guard, noticed = StreamGuard(plan_of(some)), []
    for chunk in chunks:
        release = guard.feed(chunk)
        assert release.text == chunk
        noticed += release.noticed
    noticed += guard.finish().noticed
    seen = {some.index(finding.rule) for finding in noticed}
    assert seen == {number for _, _, number in findings(some, "".join(chunks))}
