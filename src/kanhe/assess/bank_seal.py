"""Sealed banks: committed to first, read by nobody, opened later in front of witnesses.

Whoever tests a service must not have shown it the questions. So an authority or an auditor hands
over a bank encrypted, and its commitment stands on the ledger before the run; afterwards the key
and the salt open it, and everybody can see that it is the bank that was committed to, unchanged.
The salt keeps a bank from being guessed from its commitment; the commitment keeps a second key from
opening the same bytes to another bank. Each opening is a fact with a pseudonym and a reason
(`bank_fact.py`), and one item can be shown alone (`bank_leaf.py`).

What is random comes in by argument. Keys are kept elsewhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kanhe.assess import bank_leaf
from kanhe.errors import Fault, FaultyBank

KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 32
_BOUND = b"kanhe/bank/v1\0"
_HEAD = "kanhe-bank-1"


class _Written(msgspec.Struct):
    form: str
    commitment: str
    nonce: bytes
    sealed: bytes


class _Inside(msgspec.Struct):
    salt: bytes
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Randomness:
    """Fresh for each seal: a key that is used once, its nonce, and the salt of the commitment."""

    key: bytes
    nonce: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A bank's files as they were sealed, and the salt with which anybody can check them."""

    files: Mapping[str, bytes]
    salt: bytes
    commitment: str


def seal(files: Mapping[str, bytes], fresh: Randomness) -> tuple[bytes, str]:
    """Seal the files of a bank; gives what may be handed over, and the commitment to publish.

    Raises:
        ValueError: Key, nonce or salt is not as long as it has to be.
    """
    if (len(fresh.key), len(fresh.nonce)) != (KEY_BYTES, NONCE_BYTES):
        raise ValueError(f"want a key of {KEY_BYTES} bytes and a nonce of {NONCE_BYTES}")
    commitment = bank_leaf.commitment(files, fresh.salt)
    inside = msgspec.msgpack.encode(_Inside(fresh.salt, dict(sorted(files.items()))))
    sealed = AESGCM(fresh.key).encrypt(fresh.nonce, inside, _BOUND + commitment.encode())
    whole = msgspec.msgpack.encode(_Written(_HEAD, commitment, fresh.nonce, sealed))
    return whole, commitment


def commitment_of(raw: bytes, file: str) -> str:
    """Read what a sealed bank claims to be, without its key; goes on the ledger before a run.

    Raises:
        FaultyBank: It is no sealed bank.
    """
    return _read(raw, file).commitment


def unseal(raw: bytes, key: bytes, commitment: str, file: str) -> Opened:
    """Open a sealed bank, and see that it is the one that was committed to.

    Args:
        raw: The sealed bank.
        key: Its key.
        commitment: As it was published before, and not as the file says.
        file: How to call it.

    Raises:
        FaultyBank: It is none, the key is another one's, or it is not what was committed to.
    """
    written = _read(raw, file)
    if written.commitment != commitment:
        raise _fault(file, "is not the bank that was committed to", "Ask for the one that was.")
    try:
        bound = _BOUND + commitment.encode()
        inside = AESGCM(key).decrypt(written.nonce, written.sealed, bound)
        found = msgspec.msgpack.decode(inside, type=_Inside)
    except (InvalidTag, ValueError, msgspec.MsgspecError):
        raise _fault(
            file, "does not open with this key", "Ask for its key, or for it anew."
        ) from None
    if not is_committed(found.files, found.salt, commitment):
        raise _fault(file, "holds another bank than was committed to", "Do not use it.")
    return Opened(found.files, found.salt, commitment)


def is_committed(files: Mapping[str, bytes], salt: bytes, commitment: str) -> bool:
    """Say whether these files are what was committed to; for whoever was shown files and salt."""
    if len(salt) != SALT_BYTES:
        return False
    made = bank_leaf.commitment(files, salt)
    return hmac.compare_digest(commitment.encode(), made.encode())


def _read(raw: bytes, file: str) -> _Written:
    try:
        written = msgspec.msgpack.decode(raw, type=_Written)
    except (msgspec.MsgspecError, ValueError):  # what is no UTF-8 is a ValueError of Python's
        written = None
    if written is None or written.form != _HEAD:
        raise _fault(file, "is no sealed bank", "Seal one with `kanhe assess banks seal`.")
    return written


def _fault(file: str, what: str, advice: str) -> FaultyBank:
    return FaultyBank([Fault(file, 1, "", what, advice, "bank")])
