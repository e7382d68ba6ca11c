"""What binds, against asking day by day; and what changed, against asking twice.

The oracle knows no spans: it writes down for every pair of days of a small calendar which versions
answer it, from the numbers that the regimes are made of.

Planted faults that these were seen to catch: the two days swapped, or one of them asked twice;
duties of drafts that bind; a draft's successors left in; a draft's duty that does not hold on that
day and takes its successor out all the same; knowledge compared on one day only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakes_regime import CONTROLS, FILES, load
from kanhe.errors import RequestError
from kanhe.law.bound import bound
from kanhe.law.difference import differences

FIRST = date(2026, 1, 1)
LAST = 9
DAYS = range(LAST)


@dataclass(frozen=True)
class Version:
    """One version in numbers: days from `FIRST`; None is without bound."""

    name: str
    source: str
    in_force: tuple[int | None, int | None]
    known: tuple[int, int | None]
    changed_in: str | None = None

    def answers(self, day, known):
        return within(self.in_force, day) and within(self.known, known)


def within(span, n):
    start, end = span
    return n in range(-1 if start is None else start, 99 if end is None else end)


@st.composite
def spans(draw, start):
    first = draw(start)
    end = draw(st.none() | st.integers((first or 0) + 1, LAST))
    return first, end


numbers = st.integers(0, LAST - 1)


@st.composite
def worlds(draw):
    """Versions of three duties of a law and two of a draft, none of which answers twice."""
    drawn = []
    for name, source in (("a", "act"), ("b", "act"), ("c", "act"), ("d", "draft"), ("e", "draft")):
        for _ in range(draw(st.integers(1 if source == "act" else 0, 2))):
            became = draw(st.sampled_from((None, "a", "b"))) if source == "draft" else None
            in_force, known = draw(spans(st.none() | numbers)), draw(spans(numbers))
            one = Version(name, source, in_force, known, became)
            if not any(clash(one, other) for other in drawn):
                drawn.append(one)
    return drawn


def clash(one, other):
    return one.name == other.name and any(
        one.answers(d, k) and other.answers(d, k) for d in (*DAYS, -1) for k in DAYS
    )


def day(n):
    return FIRST + timedelta(days=n)


def span(key, pair):
    start, end = (None if n is None else day(n) for n in pair)
    inner = ([f"from: {start}"] if start else []) + ([f"until: {end}"] if end else [])
    return f"  {key}: {{{', '.join(inner)}}}\n"


def written(versions):
    return "".join(
        f"- id: {one.name}\n  source: {one.source}\n  clause: '1'\n  area: safety\n"
        "  bound: [provider]\n  title: {zh: 一, en: one}\n  text: {zh: 一, en: one}\n"
        "  confidence: ours\n  controls: [lights]\n"
        + span("in_force", one.in_force)
        + span("known", one.known)
        + (f"  changed_in: {one.changed_in}\n" if one.changed_in else "")
        for one in versions
    )


SOURCES = "".join(
    f"- id: {name}\n  title: {{zh: 法, en: act}}\n  issuer: {{zh: 院, en: house}}\n"
    f"  force: {force}\n  published: 2026-01-01\n  confidence: ours\n"
    for name, force in (("act", "law"), ("draft", "draft"), ("rumour", "report"))
)


def world(versions):
    gone = {name: "" for name in FILES if "/" not in name and name != "regime.yaml"}
    controls = CONTROLS.replace("{of: xx-1, parameter: lamps}", "1")
    changes = {"sources.yaml": SOURCES, "controls/a.yaml": controls}
    return load(gone | changes | {"obligations/a.yaml": written(sorted_by_name(versions))})


def sorted_by_name(versions):
    """The regime has to name what a draft became, so a duty of each name is always there."""
    there = {one.name for one in versions}
    lacking = [
        Version(name, "act", (0, 1), (LAST + 50, None)) for name in ("a", "b") if name not in there
    ]
    return [*versions, *lacking]


def brute(versions, d, k, as_if):
    """Count by hand which versions answer the question, those of drafts only when named."""
    holding = [one for one in versions if one.answers(d, k)]
    law = {(one.name, one.in_force) for one in holding if one.source == "act"}
    if as_if == "draft":
        drafts = [one for one in holding if one.source == "draft"]
        replaced = [one.changed_in for one in drafts]
        law = {pair for pair in law if pair[0] not in replaced}
        law |= {(one.name, one.in_force) for one in drafts}
    return law


def asked(regime, d, k, as_if=None):
    found = bound(regime, day(d), day(k), as_if)
    assert len({one.id for one in found}) == len(found), "one duty answered twice"
    return {(one.id, numbers_of(one.validity.in_force)) for one in found}


def numbers_of(period):
    return tuple(None if one is None else (one - FIRST).days for one in (period.start, period.end))


TURNED = [
    Version("a", "act", (2, None), (0, 4)),
    Version("a", "act", (6, None), (4, None)),
    Version("b", "act", (None, 5), (0, None)),
    Version("d", "draft", (3, None), (0, None), "a"),
]


@given(worlds())
@example(TURNED)
def test_what_binds_is_what_answers_the_question_of_two_days(versions):
    regime = world(versions)
    for d in DAYS:
        for k in DAYS:
            for as_if in (None, "draft"):
                assert asked(regime, d, k, as_if) == brute(versions, d, k, as_if)


@given(worlds(), numbers, numbers, st.none() | numbers)
@example(TURNED, 3, 4, None)
def test_what_changed_is_what_is_answered_otherwise(versions, before, after, on):
    regime = world(versions)
    found = differences(regime, day(before), day(after), None if on is None else day(on))
    days = [*DAYS, LAST + 9] if on is None else [on]

    def answers(name, k):
        return [{one for one in asked(regime, d, k) if one[0] == name} for d in days]

    for name in "abc":
        if answers(name, before) != answers(name, after):
            assert name in {one.id for one in found}
    for one in found:
        assert one.before != one.after
        assert regime.sources[(one.before or one.after)[0].source].force.binds
        if on is not None:
            assert answers(one.id, before) != answers(one.id, after)


def test_a_date_that_was_moved_is_answered_as_it_was_known():
    regime = world(TURNED)
    held = {(d, k): "a" in {name for name, _ in asked(regime, d, k)} for d in DAYS for k in DAYS}
    assert held[3, 3]
    assert not held[3, 4]
    assert held[6, 4]
    (change,) = differences(regime, day(3), day(4))
    assert (change.id, change.before[0].validity.in_force.start) == ("a", day(2))
    assert change.after[0].validity.in_force.start == day(6)


def test_a_draft_takes_what_it_became_out_only_while_it_would_hold():
    regime = world(TURNED)
    assert asked(regime, 2, 0, "draft") == {("a", (2, None)), ("b", (None, 5))}
    assert asked(regime, 3, 0, "draft") == {("d", (3, None)), ("b", (None, 5))}
    assert asked(regime, 3, 0) == {("a", (2, None)), ("b", (None, 5))}


def test_a_source_that_binds_anyway_changes_nothing():
    regime = world(TURNED)
    assert asked(regime, 3, 0, "act") == asked(regime, 3, 0)


def test_a_draft_that_nobody_knows_is_refused_with_those_there_are():
    with pytest.raises(RequestError, match="no source 'graft'") as caught:
        bound(world(TURNED), FIRST, FIRST, "graft")
    assert "draft, rumour" in caught.value.advice
