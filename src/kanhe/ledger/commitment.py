"""Facts about people, as the ledger may hold them: commitments and pseudonyms, never the data.

A commitment binds to a value without showing it: who has value and salt can open it, who destroys
the salt has erased the value, and the proof over the entry stays good. A pseudonym says "the same
user as before" to whoever holds the key, and nothing to others. Refused: short salts and keys,
because a phone number or an identity number can be guessed by trying them all.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

SALT_BYTES = 32
"""Length of a salt. Fixed, so that salt and value cannot be shifted against each other."""

_COMMITMENT = "sha256-salted:"
_PSEUDONYM = "hmac-sha256:"


def commit(value: bytes, salt: bytes) -> str:
    """Commit to `value`; the salt, fresh for each commitment, is kept sealed beside the ledger.

    Raises:
        ValueError: The salt does not have 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt of {len(salt)} bytes; want {SALT_BYTES} random ones")
    return _COMMITMENT + sha256(b"kanhe/commitment/v1\0" + salt + value).hexdigest()


def opens(commitment: str, value: bytes, salt: bytes) -> bool:
    """Say whether `commitment` was made from this value and this salt."""
    if len(salt) != SALT_BYTES:
        return False
    return hmac.compare_digest(commitment.encode(), commit(value, salt).encode())


def pseudonym(key: bytes, scope: str, identity: bytes) -> str:
    """Name the same identity the same way within one scope, and unlinkably across scopes.

    Args:
        key: At least 32 random bytes that live beside the ledger, never in it. Destroying the key
            ends the link between the pseudonyms and the people for good.
        scope: Within which "the same" holds, e.g. an application; without NUL.
        identity: What the caller knows the user by.

    Raises:
        ValueError: The key is short, or the scope holds a NUL.
    """
    if len(key) < SALT_BYTES:
        raise ValueError(f"a key of {len(key)} bytes; want at least {SALT_BYTES} random ones")
    if "\0" in scope:
        raise ValueError("a scope cannot hold NUL")
    message = b"kanhe/pseudonym/v1\0" + scope.encode() + b"\0" + identity
    return _PSEUDONYM + hmac.digest(key, message, "sha256").hex()
