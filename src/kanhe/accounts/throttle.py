"""How often somebody may try to sign in, by account and by address.

The first tries are free; after them the wait doubles, up to a limit: a guesser is slowed down to
nothing, and whose account it is still gets in within minutes. A try counts before it is looked at,
so that many at once are many.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries are free, the longest wait, and after how long all is forgotten."""

    free: int
    longest: timedelta = timedelta(minutes=5)
    forget: timedelta = timedelta(hours=1)


ACCOUNT = Allowance(5)
ADDRESS = Allowance(30, timedelta(minutes=1))
"""Looser: a whole office, or everybody behind one proxy, has one address."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried: how often, and when last."""

    count: int
    last: datetime


def wait(tries: Tries, allowance: Allowance, now: datetime) -> timedelta:
    """Give how long to wait for the next try; zero: it may be made now."""
    over = tries.count - allowance.free
    if over < 0 or now - tries.last >= allowance.forget:
        return _NONE
    # 2^30 seconds are 34 years: beyond that the number only overflows.
    pause = min(timedelta(seconds=2 ** min(over, 30)), allowance.longest)
    return max(tries.last + pause - now, _NONE)


class Throttle:
    """The tries of this process; a restart forgets them.

    Args:
        most: Keys remembered at once. Beyond them the one tried longest ago is forgotten.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._tries: OrderedDict[str, Tries] = OrderedDict()
        self._most = most

    def admit(self, key: str, allowance: Allowance, now: datetime) -> timedelta:
        """Count a try, and give zero; or the wait where it comes too early, and count nothing."""
        tries = self._tries.get(key, Tries(0, now))
        if pause := wait(tries, allowance, now):
            return pause
        count = 0 if now - tries.last >= allowance.forget else tries.count
        self._tries[key] = Tries(count + 1, now)
        self._tries.move_to_end(key)
        if len(self._tries) > self._most:
            self._tries.popitem(last=False)
        return _NONE

    def forget(self, key: str) -> None:
        """Forget the tries of a key: the last one was right."""
        self._tries.pop(key, None)

    def give_back(self, key: str) -> None:
        """Take one try back: it was right. Those before it still count."""
        tries = self._tries.get(key)
        if tries and tries.count:
            self._tries[key] = Tries(tries.count - 1, tries.last)
