"""Rules that see meaning, in a stream: what is asked of judges, and what waits for their answers.

A gate stands behind the guard of one text. It cuts what that guard releases into units, says what
has to be asked about each, and holds a unit until every rule that says `hold` has its answer; rules
that say `trail` hold nothing and stop the text when their answer comes. It asks nobody itself and
knows no clock: whoever feeds it puts the questions, and brings the answers in any order.

The promise, which tests/test_judged.py holds it to: with rules that hold, what is released is the
text before the first unit that a rule stops, whatever the pieces and the order of the answers. An
answer that does not come counts as the rule says: it refuses, unless the operator chose otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kanhe.policy.rule import (
    Finding,
    Judged,
    JudgedRule,
    Judgement,
    Leave,
    Otherwise,
    Rule,
    Unit,
)
from kanhe.policy.sentence import Cutter, says_something
from kanhe.policy.stream import Release

WINDOW = 400
"""Characters of a window, its last unit included."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question for a judge: `number` names it within its gate."""

    number: int
    judge: str
    text: str
    wait_s: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Unjudged:
    """There is no opinion: `why` is `late`, `busy`, `unavailable` or `unscored`."""

    why: str


Given = Mapping[str, float] | Unjudged
"""Probabilities by category, or that there are none."""


class Guard(Protocol):
    """The guard of one text, as the gate needs it."""

    @property
    def held_text(self) -> str:
        """What was taken and not yet released."""
        ...

    def feed(self, text: str) -> Release:
        """Take the next piece of the text; give back what may be shown."""
        ...

    def finish(self) -> Release:
        """Say that the text is complete; give back the rest of it."""
        ...


class Seen:
    """A guard that finds nothing: for a text that others have looked at."""

    held_text = ""

    def feed(self, text: str) -> Release:
        """Let `text` pass."""
        return Release(text)

    def finish(self) -> Release:
        """Nothing was held."""
        return Release("")


@dataclass(slots=True)
class _Piece:
    """One unit of the text: where it begins, and the questions about it without an answer."""

    start: int
    text: str
    holding: set[int] = field(default_factory=set)
    stopped_by: Finding | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class JudgedGuard:
    """The guard of one text, with judges behind it.

    Args:
        inner: Looks at the text first; what it stops or masks no judge sees.
        rules: The judged rules that look at this text, in the order of the ruleset.
    """

    def __init__(self, inner: Guard, rules: Sequence[JudgedRule]) -> None:
        self._inner = inner
        self._wants = _wants(rules)
        self._holds = any(is_held(rule, matcher) for rule, matcher in rules)
        self._cutter = Cutter()
        self._pieces: deque[_Piece] = deque()
        self._before = ""
        self._position = 0
        self._open: dict[int, tuple[_Piece, tuple[JudgedRule, ...]]] = {}
        self._fresh: list[Ask] = []
        self._noticed: list[Finding] = []
        self._asked = 0
        self._stop: Finding | None = None
        self._inner_stop: Finding | None = None
        self._concluded = False

    @property
    def held_text(self) -> str:
        """What was taken and not yet released."""
        return self._kept() + self._inner.held_text

    @property
    def is_settled(self) -> bool:
        """Whether every question has its answer."""
        return not self._open

    @property
    def is_over(self) -> bool:
        """Whether no more text can be taken: it is complete, or a rule stops it."""
        return self._concluded or self._inner_stop is not None

    @property
    def is_stopping(self) -> bool:
        """Whether the inner guard has stopped the text, and something before it is still held."""
        return self._inner_stop is not None and self._stop is None

    def asks(self) -> list[Ask]:
        """Give the questions that have come up since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def feed(self, text: str) -> Release:
        """Take the next piece of the text; give back what may be shown."""
        if self.is_over:
            raise RuntimeError("the text is over; start a new guard for the next one")
        return self._took(self._inner.feed(text))

    def conclude(self) -> Release:
        """Say that the text is complete: its last unit can be asked about."""
        if self.is_over:
            self._concluded = True
            return self._release()
        took = self._took(self._inner.finish(), last=True)
        self._concluded = True
        return took

    def finish(self) -> Release:
        """Give the rest of a text that is complete.

        Raises:
            RuntimeError: A question has no answer yet.
        """
        first = self.conclude()
        if self._open:
            raise RuntimeError("a question has no answer yet; bring it with `answer`")
        last = self._release()
        stop = first.stopped_by or last.stopped_by
        return Release(first.text + last.text, first.noticed + last.noticed, stop)

    def answer(self, number: int, given: Given) -> Release:
        """Take the answer to a question; give back what may be shown now."""
        if number not in self._open:
            return Release("")  # the text has been stopped since
        piece, rules = self._open.pop(number)
        piece.holding.discard(number)
        for rule, matcher in rules:
            found = _finding(rule, matcher, given, piece)
            if found is None:
                continue
            if not rule.acts or _passes(matcher, found):
                self._noticed.append(found)
            elif matcher.leave is Leave.TRAIL:
                self._stop = self._stop or found
            elif piece.stopped_by is None or _weighs_more(found, piece.stopped_by):
                piece.stopped_by = found
        return self._release()

    def _took(self, release: Release, *, last: bool = False) -> Release:
        """Cut what the inner guard released into units, and note what it noticed."""
        self._noticed += release.noticed
        # A finding of the inner guard ends the text too: what stands before it is asked about.
        for unit in self._cutter.feed(release.text):
            self._unit(unit)
        if release.stopped_by:
            self._inner_stop = release.stopped_by
        if (last or release.stopped_by) and (unit := self._cutter.finish()):
            self._unit(unit)
        return self._release("" if self._holds else release.text)

    def _unit(self, text: str) -> None:
        piece = _Piece(self._position, text)
        self._position += len(text)
        window = (self._before + text)[-WINDOW:]
        self._before = window
        if self._holds:
            self._pieces.append(piece)
        if not says_something(text):
            return
        for (judge, unit, wait_s), rules in self._wants.items():
            asked = text if unit is Unit.SENTENCE else window
            holds = any(is_held(rule, matcher) for rule, matcher in rules)
            self._asked += 1
            self._fresh.append(Ask(self._asked, judge, asked, wait_s, holds))
            self._open[self._asked] = (piece, rules)
            if holds:
                piece.holding.add(self._asked)

    def _release(self, shown: str = "") -> Release:
        stop = self._stop
        while stop is None and self._pieces and not self._pieces[0].holding:
            piece = self._pieces.popleft()
            stop = piece.stopped_by
            if stop is None:
                shown += piece.text
        if stop is None and not self._pieces and self._inner_stop:
            # What stands before it has left; questions that trail do not keep it back.
            stop = self._inner_stop
        if stop:
            self._stop = stop
            self._open.clear()
            self._fresh.clear()
            self._pieces.clear()
        noticed, self._noticed = tuple(self._noticed), []
        return Release(shown, noticed, stop)

    def _kept(self) -> str:
        if not self._holds:
            return ""
        return "".join(piece.text for piece in self._pieces) + self._cutter.open


_Want = tuple[str, Unit, float]
"""Which judge is shown what, and how long it is waited for."""


def _wants(rules: Sequence[JudgedRule]) -> dict[_Want, tuple[JudgedRule, ...]]:
    """Group rules that can share a question; none may have to wait as long as another one."""
    wants: dict[_Want, tuple[JudgedRule, ...]] = {}
    for rule, matcher in rules:
        key = (matcher.judge, matcher.unit, matcher.wait_s)
        wants[key] = (*wants.get(key, ()), (rule, matcher))
    return wants


def is_held(rule: Rule, matcher: Judged) -> bool:
    """Say whether text waits for what a rule's judge says."""
    return rule.acts and matcher.leave is Leave.HOLD


def _weighs_more(found: Finding, other: Finding) -> bool:
    """Say whether a finding is one, where the other says only that nobody could look."""
    return other.is_unchecked and not found.is_unchecked


def _passes(matcher: Judged, found: Finding) -> bool:
    """Say whether a finding is only that there was no opinion, and the rule lets that pass."""
    assert found.judged  # noqa: S101 # for the type checker
    return bool(found.judged.why) and matcher.otherwise is Otherwise.PASS


def _finding(rule: Rule, matcher: Judged, given: Given, piece: _Piece) -> Finding | None:
    judgement = judged(matcher, given)
    if judgement is None:
        return None
    return Finding(rule, piece.start, piece.end, judged=judgement)


def judged(matcher: Judged, given: Given) -> Judgement | None:
    """Say what a rule finds in an answer; None if nothing is over its thresholds.

    A category that the judge did not look at is no opinion, and neither is a number that is no
    probability, such as NaN, which is below any threshold: they never count as low.
    """
    if isinstance(given, Unjudged):
        return Judgement(matcher.judge, why=given.why)
    known = {c: given[c] for c, _ in matcher.over if c in given and 0 <= given[c] <= 1}
    over = [(known[c] - least, c) for c, least in matcher.over if known.get(c, -1.0) >= least]
    if over:
        _, category = max(over)
        return Judgement(matcher.judge, category, round(known[category], 3))
    return Judgement(matcher.judge, why="unscored") if len(known) < len(matcher.over) else None
