"""Recovery codes: a second factor on paper, each good for one sign-in.

A code is 80 random bits, so its bare hash gives nothing away.
"""

from __future__ import annotations

import base64
import hashlib

COUNT = 10
"""How many codes somebody gets."""

CODE_BYTES = 10

_MISREAD = str.maketrans("018", "OIB")


def spelled(random: bytes) -> str:
    """Give a code as it is shown: `XXXX-XXXX-XXXX-XXXX`.

    Args:
        random: `CODE_BYTES` random bytes.
    """
    letters = base64.b32encode(random).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def kept(code: str) -> str:
    """Give the form in which a code is kept, however it was typed."""
    # 0, 1 and 8 are in no code, but on paper they look like letters that are.
    typed = "".join(filter(str.isalnum, code)).upper().translate(_MISREAD)
    return hashlib.sha256(typed.encode("utf-8", "surrogatepass")).hexdigest()
