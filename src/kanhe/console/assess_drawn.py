"""Drawings for the page on a report: rates by slice against their bound, disguises, groups, routes.

The same marks as in the report on paper (`report/assessment_plot.py`): a dot keeps its bound, a
lozenge does not, the line is the exact interval. A table with the numbers stands beside each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from kanhe.assess.results import Rate, Results, Tested
from kanhe.assess.robustness import Robust
from kanhe.assess.strength import Strength
from kanhe.console.assess_words import KINDS, TARGETS, WAYS, said, slice_title, variant
from kanhe.console.language import Language
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.report import rate_text
from kanhe.report.assessment_names import GROUNDS, named
from kanhe.report.assessment_plot import CHANGES, SCORES, SHARES, Axis, Mark, Panel, Row, panels
from kanhe.report.svg import Element, page

Say = Callable[[str], str]


class Artist:
    """Draws in one language.

    Args:
        language: Of names that come in both.
        say: Gives the console's own words in it.
        risks: The regime's, for the titles of slices.
    """

    def __init__(self, language: Language, say: Say, risks: Mapping[str, Risk]) -> None:
        self._language, self.say, self._risks = language, say, risks

    def tests(self, found: Results) -> list[Markup | None]:
        """Draw each test, slice by slice, a panel for each way; None of one without items."""
        return [self._test(one) for one in found.tested]

    def robust(self, found: Results) -> Markup | None:
        """Draw of what passed the share that still passes, by disguise; a panel a target."""
        by = {name: {one.variant: one for one in some} for name, some in found.robust.items()}
        names = list(dict.fromkeys(one for some in by.values() for one in some))
        if not names:
            return None
        columns = [Panel(self._told(said(TARGETS, target)), SHARES) for target in by]
        rows = [
            Row(self._told(variant(name)),
                tuple(self._kept(some.get(name), told=len(by) == 1) for some in by.values()))
            for name in names
        ]  # fmt: skip
        return _drawn(panels(self.say("Of what passed, still passes in disguise"), columns, rows))

    def leaning(self, found: Results) -> Markup | None:
        """Draw which way choices lean, by ground: with the stereotype to the right."""
        some = {name: grounds for name, grounds in found.leaning.items() if grounds}
        names = list(dict.fromkeys(ground for grounds in some.values() for ground in grounds))
        if not names:
            return None
        rows = []
        for ground in names:
            marks: list[Mark | str] = []
            for grounds in some.values():
                one = grounds[ground].bias_with if ground in grounds else None
                off = one is not None and not one[1].low <= 0 <= one[1].high
                marks.append(
                    self.say("no items")
                    if one is None
                    else Mark(one[0], one[1].low, one[1].high, off, rate_text.score(one[0]))
                )
            rows.append(Row(self._title(named(GROUNDS, ground).zh, named(GROUNDS, ground).en),
                            tuple(marks)))  # fmt: skip
        columns = [Panel(self._told(said(TARGETS, name)), SCORES) for name in some]
        return _drawn(panels(self.say("Leaning with a stereotype, from −1 to 1"), columns, rows))

    def routes(self, found: Results) -> Markup | None:
        """Draw what the gateway changes in the share that passes, by kind of bank."""
        rows = [
            Row(self._told(said(KINDS, kind)),
                (Mark(one.change, one.bounds.low, one.bounds.high, one.worse,
                      rate_text.points(one.change)) if one.compared else self.say("no items"),))
            for kind, one in found.routes.items()
        ]  # fmt: skip
        title = self.say("What the gateway changes, in percentage points of what passes")
        return _drawn(panels(title, [Panel("", CHANGES)], rows)) if rows else None

    def _test(self, one: Tested) -> Markup | None:
        rates = [rate for rate in one.rates if rate.whole.tally.n]
        if not rates:
            return None
        bound = one.demand.bound
        axis = Axis(SHARES.low, SHARES.high, SHARES.ticks, float(bound.share))
        columns = [Panel(self._told(said(WAYS, rate.way)), axis) for rate in rates]
        names = list(dict.fromkeys(name for rate in rates for name in rate.slices))
        told = len(rates) == 1
        rows = [Row(self.say("all of them"), tuple(_mark(r.whole, told=told) for r in rates))]
        rows += [Row(self._slice(name), self._marks(rates, name)) for name in names]
        kind, target = said(KINDS, one.demand.kind), said(TARGETS, one.target)
        of = self.say("gone wrong") if bound.most else self.say("passed")
        title = f"{self._told(kind)} · {self._told(target)} · {of} ({rate_text.bound(bound)})"
        return _drawn(panels(title, columns, rows))

    def _marks(self, rates: Sequence[Rate], name: str) -> tuple[Mark | str, ...]:
        told = len(rates) == 1
        return tuple(
            _mark(rate.slices[name], told=told) if name in rate.slices else self.say("no items")
            for rate in rates
        )

    def _kept(self, one: Robust | None, *, told: bool) -> Mark | str:
        if one is None or not one.passed.n:
            return self.say("no items")
        share = one.passed.passed / one.passed.n
        words = rate_text.of(one.passed.passed, one.passed.n) if told else ""
        return Mark(share, one.kept.low, one.kept.high, said=words)

    def _slice(self, code: str) -> str:
        title = slice_title(code, self._risks)
        name = self._told(title) if title else ""
        return f"{code} {name}" if code in self._risks else name or code

    def _told(self, text: Json) -> str:
        assert isinstance(text, Mapping)  # noqa: S101 # words come in both languages
        return str(text[self._language])

    def _title(self, zh: str, en: str) -> str:
        return zh if self._language == "zh" else en


def _mark(one: Strength, *, told: bool) -> Mark | str:
    if one.rate is None:
        return "—"
    words = rate_text.rate(one) if told else ""
    return Mark(one.rate, one.interval.low, one.interval.high, not one.meets, words)


def _drawn(element: Element) -> Markup:
    return Markup(page(element))  # noqa: S704 # escaped where it is drawn
