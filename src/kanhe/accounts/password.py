"""Passwords: which are refused, and the form in which one is kept.

Argon2id with the terms that OWASP gives as the least for it; where the machine's OpenSSL lacks it,
scrypt. Both are slow on purpose: call them outside the event loop. Refused are passwords that are
short, are the name, or hardly vary; there are no rules about kinds of characters (NIST SP 800-63B).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from itertools import pairwise

from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kanhe.terms import Text

LEAST = 12
"""Characters of the shortest password."""

MOST = 256
"""Characters of the longest one: hashing more would be a gift to who wants to keep us busy."""

SALT_BYTES = 16

_MEMORY_KIB, _ROUNDS, _LANES = 19_456, 2, 1
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 3, "maxmem": 1 << 27}
_SCRYPT_HEAD = "$scrypt$ln=15,r=8,p=3$"


def weakness(password: str, name: str) -> Text | None:
    """Say why `password` is refused for somebody of this name; None where it is not."""
    plain = _plain(password)
    if not LEAST <= len(plain) <= MOST:
        return Text(f"密码须为 {LEAST} 至 {MOST} 个字符。",
                    f"Take {LEAST} to {MOST} characters.")  # fmt: skip
    if name.strip() and name.strip().casefold() in plain.casefold():
        return Text("密码里不能有用户名。", "Leave your name out of it.")
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    if len(set(plain)) < 5 or len(steps) < 3:
        return Text("这个密码太容易猜到。换几个不相干的词。",
                    "This is easily guessed. Take a few words that do not belong together."
                    )  # fmt: skip
    return None


def hashed(password: str, salt: bytes) -> str:
    """Give the form in which a password is kept; it takes some 50 ms.

    Args:
        password: As it was typed.
        salt: 16 random bytes, never used before.
    """
    try:
        return _argon(salt).derive_phc_encoded(_plain(password).encode())
    except UnsupportedAlgorithm:
        parts = (salt, hashlib.scrypt(_plain(password).encode(), salt=salt, **_SCRYPT))
        return _SCRYPT_HEAD + "$".join(base64.b64encode(part).decode() for part in parts)


def matches(kept: str, password: str) -> bool:
    """Say whether `password` is the one kept as `kept`; it takes some 50 ms."""
    if len(password) > MOST:
        return False
    plain = _plain(password).encode()
    if kept.startswith(_SCRYPT_HEAD):
        salt, key = map(base64.b64decode, kept.removeprefix(_SCRYPT_HEAD).split("$"))
        return hmac.compare_digest(hashlib.scrypt(plain, salt=salt, **_SCRYPT), key)
    try:
        Argon2id.verify_phc_encoded(plain, kept)
    except InvalidKey:
        return False
    return True


NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$dC3IQ79EpwJwQYx8eKp7cA$" + "A" * 43
"""A form that no password has: what a name is tried against that nobody bears."""


def _argon(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=_ROUNDS, lanes=_LANES, memory_cost=_MEMORY_KIB)


def _plain(password: str) -> str:
    # One keyboard sends "é" as one character and another as two; both are the same password.
    return unicodedata.normalize("NFKC", password)
