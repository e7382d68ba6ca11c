"""Whether the service that a record tells of still runs; else its settings show nothing of today.

A service leaves entries at each start and at least one a day. Without any, what it ran with is
old news: it may have been stopped, or gone round.
"""

from __future__ import annotations

from kanhe.status.check import SERVE, Terms, days, said
from kanhe.status.picture import Picture
from kanhe.status.record import COMPUTED, DRILLED, LOADED, SETTINGS, STARTED
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text

_SIGNS = (STARTED, SETTINGS, LOADED, DRILLED, COMPUTED)
_QUIET_DAYS = 2
"""Days without a sign of life: drill and heartbeat are daily, so that one may be missed."""


def lively(verdict: Verdict, picture: Picture, terms: Terms) -> Verdict:
    """Give the verdict, or STALE where the service has left no sign of life for two days."""
    seen = [last for tag in _SIGNS if (last := picture.last(tag))]
    last = max(seen, key=lambda one: one.at, default=None)
    until = last.at + days(_QUIET_DAYS) if last else None
    if until and terms.at < until:
        return verdict
    quiet = Text(
        f"服务已超过 {_QUIET_DAYS} 天没有运行的记录，现在由什么提供回答，账本看不到",
        f"For more than {_QUIET_DAYS} days the service has left no sign that it runs; what answers "
        "people now, the ledger cannot see",
    )
    return said(Standing.STALE, *verdict.reasons, quiet, by=[last], since=until, do=(SERVE,))
