"""What a check is given, and the few shapes in which checks answer.

A check is a pure function from the picture of the ledger and the terms of a control to a verdict.
It says MET only with the entries that show it; what it cannot see, it calls unknown.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kanhe.law.regime import Control, Parameters, Regime
from kanhe.ledger.entry import Json
from kanhe.status.determination import Determination
from kanhe.status.picture import Picture, Seen
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked: which control, with which numbers, when."""

    regime: Regime
    control: Control
    parameters: Parameters
    """Of the control; those that a duty fixes are taken from the version of it that binds. One
    whose duty does not bind on that day is not there."""
    at: datetime
    """The instant that is asked about; aware."""
    day: date
    """Its day in the regime's zone."""
    known: date
    determination: Determination | None
    """The answers to the regime's questionnaire that were on record at `at`."""

    def number(self, name: str) -> int:
        """Give a parameter that is a whole number; `NEEDS` has seen to it that it is there."""
        value = self.parameters[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuntimeError(f"{self.control.id}: {name} is {value!r}, no whole number")
        return value

    def number_or(self, name: str, default: int) -> int:
        """Give a parameter that the data may leave out."""
        return self.number(name) if name in self.parameters else default

    def text(self, name: str) -> Text:
        """Give a parameter that is a text in both languages."""
        value = self.parameters[name]
        if not isinstance(value, Mapping):
            raise RuntimeError(f"{self.control.id}: {name} is {value!r}, no text")
        return Text(str(value["zh"]), str(value["en"]))

    def moment(self, instant: datetime) -> Text:
        """Write an instant on the regime's clock, to the minute."""
        return moment(instant, self.regime)

    def zh(self, instant: datetime) -> str:
        """Write an instant in Chinese."""
        return self.moment(instant).zh

    def en(self, instant: datetime) -> str:
        """Write an instant in English."""
        return self.moment(instant).en


def moment(instant: datetime, regime: Regime) -> Text:
    """Write an instant on a regime's clock, to the minute."""
    at = instant.astimezone(ZoneInfo(regime.zone))
    return Text(f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}", f"{at.day} {at:%B %Y}, {at:%H:%M}")


Check: TypeAlias = Callable[[Picture, Terms], Verdict]

SERVE = Action(
    Text("启动服务，让它留下记录", "Start the service, so that it records it"), "kanhe serve"
)
SET = Action(
    Text("修改设置并重启服务", "Change the setting and start the service again"), page="settings"
)
RULES = Action(Text("检查规则集", "Look at the rules"), "kanhe rules check", "rules")

_MOST_EVIDENCE = 12


def said(  # a verdict has so many parts
    standing: Standing,
    *reasons: Text,
    by: Sequence[Seen | None] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    do: tuple[Action, ...] = (),
) -> Verdict:
    """Give a verdict; `by` are the entries that show it, the most telling first."""
    entries = tuple(dict.fromkeys(seen.index for seen in by if seen))[:_MOST_EVIDENCE]
    return Verdict(standing, reasons, entries, do, since, until)


def unseen(what: Text, *do: Action) -> Verdict:
    """Say that `what` is not on record, so that nothing can be said."""
    reason = Text(
        f"账本中没有{what.zh}，无法判断", f"The ledger has no {what.en}, so this cannot be told"
    )
    return said(Standing.UNKNOWN, reason, do=do)


def run(entries: Sequence[Seen], same: Callable[[Seen], object]) -> Seen:
    """Give the first of the last entries that are the same in what `same` looks at.

    Args:
        entries: At least one, oldest first.
        same: What has to be equal.
    """
    *before, found = entries
    value = same(found)
    for entry in reversed(before):
        if same(entry) != value:
            break
        found = entry
    return found


def fact(name: str) -> Callable[[Seen], Json]:
    """Give what reads one fact of an entry, for `run`."""
    return lambda seen: seen.facts.get(name)


def days(number: int) -> timedelta:
    """Give so many times 24 hours."""
    return timedelta(days=number)


def months_before(at: datetime, months: int, zone: str) -> datetime:
    """Give the same hour so many months earlier, on the last day of one that has no such day."""
    local = at.astimezone(ZoneInfo(zone))
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def yes(seen: Seen, name: str) -> bool | None:
    """Give a fact that is true or false; None where it is neither, or not there."""
    value = seen.facts.get(name)
    return value if isinstance(value, bool) else None


def count(seen: Seen, name: str) -> int | None:
    """Give a fact that is a whole number; None where it is none, or not there."""
    value = seen.facts.get(name)
    return None if isinstance(value, bool) or not isinstance(value, int) else value
