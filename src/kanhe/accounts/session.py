"""Sessions: how far somebody has come in signing in, and until when that holds.

A session is named by 256 random bits that only its browser knows; kept is their hash. The name
changes with every step of signing in, so that one planted before is worth nothing after.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOKEN_BYTES = 32


class Stage(StrEnum):
    """How far somebody has come."""

    SECOND = "second"
    """The password was right; the second factor is owed."""
    ENROL = "enrol"
    """Signed in, but with no second factor yet: has to get one before anything else."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person. `pending`: the secret of an app that is being set up."""

    account: str
    stage: Stage
    created: datetime
    seen: datetime
    pending: bytes | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a session lasts: without a request, in all, and while signing in is not done."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    halfway: timedelta = timedelta(minutes=15)


def live(session: Session, terms: Terms, now: datetime) -> bool:
    """Say whether a session still holds at `now`."""
    absolute = terms.absolute if session.stage is Stage.FULL else terms.halfway
    return now - session.created < absolute and now - session.seen < terms.idle


def kept(token: str) -> str:
    """Give the hash by which a session, a link or a ticket is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf(token: str) -> str:
    """Give what the forms of a session carry to show that they come from its own pages."""
    # One-way: whoever reads it off a page cannot name the session.
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hexdigest()
