"""When a call that got no answer is sent once more, and after which pause. Arithmetic only.

It decides nothing about an answer that has begun: that one is never asked for again, because its
reader may have seen part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BUSY_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that say "not now" (RFC 9110 §15.6, RFC 6585 §4) and generated nothing."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The terms of trying again; pauses in seconds."""

    times: int = 2
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0


def pause_s(retry: Retry, tried: int, asked_s: float | None, luck: float) -> float | None:
    """Give the pause before the next try, or None when there is none.

    Args:
        retry: The terms.
        tried: Tries so far, at least 1.
        asked_s: What the model asked for in `Retry-After`, if it did.
        luck: A random fraction, 0 ≤ luck < 1. Full jitter: callers that failed together must not
            come back together.
    """
    if tried > retry.times:
        return None
    if asked_s is not None:
        # Coming back sooner than asked is rude, waiting longer than we hold a caller is useless.
        return asked_s if asked_s <= retry.longest_pause_s else None
    return luck * min(retry.longest_pause_s, retry.first_pause_s * 2.0 ** (tried - 1))


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read `Retry-After` in either of its forms (RFC 9110 §10.2.3); None if absent or unreadable.

    Args:
        headers: The answer's headers, whatever their case if the mapping ignores it.
        now: The wall clock, aware: the header may be a date.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
