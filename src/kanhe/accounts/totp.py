"""Codes from an authenticator app: time-based one-time passwords as in RFC 6238.

Refused: a code that was used, or an older one. Whoever looks over a shoulder comes too late.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlencode

SECRET_BYTES = 20
"""Bytes of a secret: as many as the digest has (RFC 4226, R6)."""

STEP_S = 30
DIGITS = 6
WINDOW = 1
"""Steps before and after now whose codes are taken too: clocks differ, and typing takes a while."""


def code(
    secret: bytes,
    step: int,
    *,
    digits: int = DIGITS,
    digest: Literal["sha1", "sha256", "sha512"] = "sha1",
) -> str:
    """Give the code of one time step.

    Source:
        RFC 4226, section 5.3; RFC 6238, section 4.
    """
    made = hmac.digest(secret, step.to_bytes(8, "big"), digest)
    offset = made[-1] & 0x0F
    number = int.from_bytes(made[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(at: datetime) -> int:
    """Give the number of the time step in which an aware instant lies."""
    return int(at.timestamp()) // STEP_S


def accepted(secret: bytes, given: str, at: datetime, last: int) -> int | None:
    """Give the time step whose code `given` is; None where it is not taken.

    Args:
        secret: Of the person.
        given: As typed; spaces do not count.
        at: Now, aware.
        last: The step of the code taken last. It and those before it are not taken again
            (RFC 6238, section 5.2).
    """
    typed = "".join(given.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    now, found = step_of(at), None
    # All are compared, so that the time it takes tells nothing.
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(code(secret, step), typed) and step > last:
            found = step
    return found


def spelled(secret: bytes) -> str:
    """Give the secret as an app wants it typed."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, *, issuer: str, name: str) -> str:
    """Give the address that an app reads from a picture (Google's key URI format)."""
    # The label's colon parts issuer and name; one inside either would move the border.
    label = quote(f"{issuer.replace(':', ' ')}:{name.replace(':', ' ')}", safe="")
    told = urlencode({"secret": spelled(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{told}"
