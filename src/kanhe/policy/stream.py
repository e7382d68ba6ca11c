"""The guard of one stream of text: pieces go in, what may be shown comes out.

No socket and no clock: the gateway feeds it what it read and sends what it gets back. It keeps one
promise, which tests/test_stream.py holds it to with an oracle that knows nothing of streams:

    For every ruleset and every way of cutting the text into pieces, what is released is the text
    before the first complete finding of a rule that stops, and nothing of that finding; if there
    is none, the whole text. Findings of rules that mask are replaced in it.

*First* means the one that ends first, then the one that begins first, then the order of the rules:
only that does not depend on how far one happened to have read. And it is as quick as a guard with
this promise can be: a character is held back only while some rule that acts could still begin at or
before it and end after what has been read.

A finding can be complete in its characters and still undecided: the word may run on, a neighbour
that forbids it or an exception around it may still come. Such a finding waits, and whatever is
complete after it waits behind it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from kanhe.policy.disguise import folds_taken
from kanhe.policy.fold import DEFAULT, Fold, char_table
from kanhe.policy.rule import Action, Finding, Rule
from kanhe.policy.ruleset import Part, Plan, Scanner
from kanhe.policy.scan import Hit, Window

_WIDTH = frozenset({Fold.WIDTH})
_EXCEPTION_FOLDS = DEFAULT - {Fold.SEPARATORS, Fold.INVISIBLE}
"""Exceptions are said plainly: one character of text for each of theirs."""

_SPARE = 256
"""Characters that may pile up before any are dropped: dropping them one by one costs more."""


_MOST_TOLD = 16
"""Findings of one rule in one text whose disguises are told; telling costs more than finding."""


@dataclass(frozen=True, slots=True)
class Release:
    """What may be shown now, what was noticed on the way, and what ended the text, if anything.

    `noticed` are findings that do not stop: masked, flagged, and those of shadow rules.
    """

    text: str
    noticed: tuple[Finding, ...] = ()
    stopped_by: Finding | None = None


class _Verdict(Enum):
    COUNTS = "counts"
    VOID = "void"
    WAITS = "waits"


@dataclass(slots=True)
class _Side:
    """Acting or watching rules: their walkers, and findings that are complete but not decided."""

    parts: Sequence[Part]
    pending: list[tuple[int, int, int, str]] = field(default_factory=list)
    """(end, start, rule, what), in the order in which they are decided."""
    scanners: list[Scanner] = field(init=False)

    def __post_init__(self) -> None:
        self.scanners = [part.scanner() for part in self.parts]

    def feed(self, window: Window, fresh: int) -> None:
        for scanner in self.scanners:
            for hit in scanner.feed(window, fresh):
                self._add(hit)

    def _add(self, hit: Hit) -> None:
        item = (hit.end, hit.start, hit.rule, hit.what)
        if item not in self.pending:
            insort(self.pending, item)

    def earliest(self, otherwise: int) -> int:
        """Position of the first character that an unfinished or undecided finding may begin at."""
        first = otherwise
        for scanner in self.scanners:
            alive = scanner.alive
            if alive is not None and alive < first:
                first = alive
        for _, start, _, _ in self.pending:
            first = min(first, start)
        return first


class StreamGuard:
    """Hold back just enough text that no finding can begin in what was released.

    Args:
        plan: What looks at this text; a guard keeps the plan it began with.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._window = Window()
        self._acting = _Side(plan.acting)
        self._watching = _Side(plan.watching) if plan.watching else None
        self._masks: list[tuple[int, int, str]] = []
        self._noticed: list[Finding] = []
        self._flagged_to: dict[int, int] = {}
        self._told: dict[str, int] = {}
        self._released = 0
        self._over = False

    @property
    def held(self) -> int:
        """Characters taken and not yet released."""
        return self._window.end - self._released

    @property
    def held_text(self) -> str:
        """What was taken and not yet released."""
        return self._window.text[self._released - self._window.origin :]

    @property
    def released(self) -> int:
        """Characters of the text, as it came in, that were released or replaced."""
        return self._released

    def feed(self, text: str) -> Release:
        """Take the next piece of the text; give back what may be shown."""
        if self._over:
            raise RuntimeError("the stream is over; start a new StreamGuard for the next text")
        window = self._window
        fresh = window.end
        window.text += text
        self._acting.feed(window, fresh)
        if self._watching:
            self._watching.feed(window, fresh)
        return self._release(final=False)

    def finish(self) -> Release:
        """Say that the text is complete; give back the rest of it."""
        if self._over:
            raise RuntimeError("the stream is over; start a new StreamGuard for the next text")
        last = self._release(final=True)
        self._over = True
        return last

    def _release(self, *, final: bool) -> Release:
        if self._watching and self._watching.pending:
            self._watch(self._watching, final=final)
        stop = self._decide(final=final) if self._acting.pending else None
        if stop:
            self._over = True
            text = self._show(stop.start)
        elif final:
            text = self._show(self._window.end)
        else:
            text = self._show(self._safe())
            self._forget()
        noticed, self._noticed = tuple(self._noticed), []
        return Release(text, noticed, stop)

    def _safe(self) -> int:
        safe = self._acting.earliest(self._window.end)
        # A mask that something unfinished runs into may grow: it is shown whole, or not yet.
        for start, end, _ in reversed(self._masks):
            if start < safe < end:
                safe = start
        return safe

    def _decide(self, *, final: bool) -> Finding | None:
        """Decide what can be decided, in order; give the finding that stops the text, if any."""
        side = self._acting
        for at, (end, start, number, what) in enumerate(side.pending):
            rule = self._plan.rules[number]
            match self._verdict(rule, number, start, end, final=final):
                case _Verdict.WAITS:
                    del side.pending[:at]
                    return None
                case _Verdict.VOID:
                    continue
                case _Verdict.COUNTS if rule.action is Action.MASK:
                    self._mask(rule, start, end, what)
                case _Verdict.COUNTS:
                    return self._finding(rule, start, end, what)
        side.pending.clear()
        return None

    def _watch(self, side: _Side, *, final: bool) -> None:
        waiting = []
        for item in side.pending:
            end, start, number, what = item
            rule = self._plan.rules[number]
            verdict = self._verdict(rule, number, start, end, final=final)
            if verdict is _Verdict.WAITS:
                waiting.append(item)
            elif verdict is _Verdict.COUNTS and start >= self._flagged_to.get(number, 0):
                # One place counts once, however many ways of matching it has.
                self._flagged_to[number] = end
                self._noticed.append(self._finding(rule, start, end, what))
        side.pending[:] = waiting

    def _verdict(self, rule: Rule, number: int, start: int, end: int, *, final: bool) -> _Verdict:
        window = self._window
        if rule.word and window.begins_inside(start):
            return _Verdict.VOID
        after = window.after(end)
        if not after and not final and self._needs_neighbour(rule, number, end):
            return _Verdict.WAITS
        if after and rule.word and window.splits_word(end):
            return _Verdict.VOID
        forbidden = self._plan.not_before.get(number)
        if forbidden and after and forbidden.match(char_table(_WIDTH)[after]):
            return _Verdict.VOID
        return self._excepted(rule, start, end, final=final)

    def _needs_neighbour(self, rule: Rule, number: int, end: int) -> bool:
        if number in self._plan.not_before:
            return True
        return rule.word and self._window.ends_word(end)

    def _excepted(self, rule: Rule, start: int, end: int, *, final: bool) -> _Verdict:
        """Look for an exception phrase around [start, end), begun or complete."""
        table, window = char_table(_EXCEPTION_FOLDS), self._window
        growing = False
        for phrase in rule.unless_within:
            folded = table.fold(phrase)
            for low in range(max(end - len(phrase), window.origin), start + 1):
                seen = table.fold(window.cut(low, low + len(phrase)))
                if seen == folded:
                    return _Verdict.VOID
                growing |= low + len(phrase) > window.end and folded.startswith(seen)
        return _Verdict.WAITS if growing and not final else _Verdict.COUNTS

    def _finding(self, rule: Rule, start: int, end: int, what: str) -> Finding:
        self._told[rule.id] = told = self._told.get(rule.id, 0) + 1
        if told > _MOST_TOLD:
            return Finding(rule, start, end)
        return Finding(rule, start, end, folds_taken(rule, self._window.cut(start, end), what))

    def _mask(self, rule: Rule, start: int, end: int, what: str) -> None:
        overlapping = [mask for mask in self._masks if mask[0] < end and start < mask[1]]
        if not overlapping:
            self._noticed.append(self._finding(rule, start, end, what))
        first = min([*overlapping, (start, end, rule.mask)])
        last = max([end, *(mask[1] for mask in overlapping)])
        self._masks = [mask for mask in self._masks if mask not in overlapping]
        insort(self._masks, (first[0], last, first[2]))

    def _show(self, end: int) -> str:
        """Give the text up to position `end`, with masks in place of what they cover."""
        position, self._released = self._released, max(end, self._released)
        if not self._masks:
            return self._cut(position, end)
        shown = []
        for start, stop, mask in self._masks:
            if start >= end:
                break
            shown += [self._cut(position, start), self._written(mask, start)]
            position = min(stop, end)
        self._masks = [mask for mask in self._masks if mask[0] >= end]
        return "".join([*shown, self._cut(position, end)])

    def _cut(self, start: int, end: int) -> str:
        """Give the characters [start, end) as they are shown."""
        return self._window.cut(start, end)

    def _written(self, mask: str, start: int) -> str:
        """Give a mask as it is shown at position `start`."""
        return mask

    def _forget(self) -> None:
        """Drop text that no decision can need any more."""
        keep = self._released
        if self._watching:
            keep = self._watching.earliest(keep)
        window = self._window
        spare = keep - self._plan.context - window.origin
        if spare < _SPARE:
            return
        window.text = window.text[spare:]
        window.origin += spare
