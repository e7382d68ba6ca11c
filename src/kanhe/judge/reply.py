"""What a guard model replied, read: by its words, and by its odds where it tells them.

A reply is on the menu or it is `Unscored`. Nothing is guessed from a reply that is cut short, that
talks, that contradicts itself, or that says a word we did not ask for; and what was replied is
never repeated in the reason, because a reply may quote what somebody wrote.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kanhe.judge.port import Unscored

_MOST = 4000
"""Characters of a reply that are looked at."""
_ENOUGH = 0.5
"""Of the odds at the place of the verdict, how much must lie on its words to be believed."""
_AROUND = " \t\r\n\"'"
_THOUGHT = ("<think>", "</think>")

Odds = Mapping[str, float]
"""The likeliest tokens at one place of a reply, each with its natural logarithm of probability."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was generated, whether it was cut short, and the odds, place by place, if told."""

    text: str
    cut: bool = False
    odds: Sequence[tuple[str, Odds]] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """How a reply is read.

    Attributes:
        verdict: Matches at the beginning of a reply; its first group is the verdict.
        verdicts: Probability of `unsafe` by verdict, lower case, where no odds are told.
        named: Finds the categories in a reply; its first group is their list. None: none are named.
        between: What stands between two categories.
        tokens: By beginning of a verdict, lower case, as tokens go: its share in `unsafe`, 0 to 1.
    """

    verdict: re.Pattern[str]
    verdicts: Mapping[str, float]
    named: re.Pattern[str] | None = None
    between: str = ","
    tokens: Mapping[str, float] = field(default_factory=dict)

    @property
    def low(self) -> float:
        """The probability behind the most harmless verdict."""
        return min(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reply, read: the probability of `unsafe`, and the categories in the model's own words."""

    unsafe: float
    named: tuple[str, ...] = ()


def read(menu: Menu, reply: Reply) -> Verdict | Unscored:
    """Read a reply; see `Menu`."""
    text = _without_thought(reply.text[:_MOST])
    found = menu.verdict.match(text)
    if found is None:
        return Unscored(_why(text, reply))
    word = found[1].strip().casefold()
    if word not in menu.verdicts:
        return Unscored("its verdict is none of those it was given to choose from")
    if any(menu.verdicts.get(other) != menu.verdicts[word] for other in _others(menu, text, found)):
        return Unscored("it gave two verdicts that contradict each other")
    told = _from_odds(menu, reply.odds)
    return Verdict(menu.verdicts[word] if told is None else told, _named(menu, text))


def _others(menu: Menu, text: str, first: re.Match[str]) -> Iterator[str]:
    """Give the verdicts after the first, which may stand anywhere but within a word."""
    for found in menu.verdict.finditer(text, first.end()):
        before, begins = text[found.start() - 1], text[found.start()]
        if not (before.isalnum() and begins.isalnum()):
            yield found[1].strip().casefold()


def _without_thought(text: str) -> str:
    """Leave out what a model thought aloud first; one that is still thinking has said nothing."""
    begin, end = _THOUGHT
    if not text.lstrip().startswith(begin):
        return text
    return text.partition(end)[2]


def _why(text: str, reply: Reply) -> str:
    if reply.cut:
        return "its reply was cut short before the verdict"
    return "its reply is off the menu" if text.strip() else "it replied nothing"


def _named(menu: Menu, text: str) -> tuple[str, ...]:
    found = menu.named.search(text) if menu.named else None
    parts = found[1].split(menu.between) if found and found[1] else []
    return tuple(name for part in parts if (name := part.strip(_AROUND)))


def _from_odds(menu: Menu, places: Sequence[tuple[str, Odds]]) -> float | None:
    """Weigh the verdicts at the first place that begins one; None where nothing can be weighed."""
    if not menu.tokens:
        return None
    for token, odds in places:
        if _word(token) in menu.tokens:
            shares = [(menu.tokens[_word(one)], math.exp(min(log, 0.0)))
                      for one, log in odds.items()
                      if _word(one) in menu.tokens and not math.isnan(log)]  # fmt: skip
            sure = sum(odd for _, odd in shares)
            if sure < _ENOUGH:
                return None
            return min(1.0, sum(share * odd for share, odd in shares) / sure)
    return None


def _word(token: str) -> str:
    # Tokenizers write the space before a word as a space, "Ġ" or "▁"; servers pass them on.
    return token.lstrip(" \n\tĠ▁Ċ").rstrip().casefold()
