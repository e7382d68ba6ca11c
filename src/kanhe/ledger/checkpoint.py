"""Checkpoints: which log, how many entries, which root, signed. C2SP tlog-checkpoint.

A checkpoint is the log's word about its whole past. Refused are bodies in any other spelling than
the one that was signed, and checkpoints whose origin is not the key's name.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from kanhe.errors import LedgerError
from kanhe.ledger import note
from kanhe.ledger.note import Signer, VerifierKey
from kanhe.ledger.tree import HASH_BYTES

_SIZE = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one log: `root` is the Merkle root over its first `size` entries."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, signer: Signer) -> bytes:
        """Give the checkpoint as a signed note."""
        return f"{self.text}\n{signer.sign(self.text)}".encode()


def parse(text: str) -> Checkpoint:
    """Read a note's text as a checkpoint. Extension lines are signed but not read.

    Raises:
        LedgerError: The text is no checkpoint.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise _malformed("it has fewer than three lines")
    origin, size, encoded = lines[:3]
    if not _SIZE.fullmatch(size):
        raise _malformed(f"{size[:20]!r} is no size")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("its root is not base64") from error
    if len(root) != HASH_BYTES:
        raise _malformed(f"its root has {len(root)} bytes, not {HASH_BYTES}")
    return Checkpoint(origin, int(size), root)


def opened(raw: bytes, key: VerifierKey, witnesses: tuple[VerifierKey, ...] = ()) -> Opened:
    """Check a checkpoint's signature by the log's key, and those of the witnesses it names.

    Raises:
        LedgerError: It is no checkpoint, it is another log's, the log's key did not sign it, or a
            known key's signature is wrong.
    """
    read = note.parse(raw)
    checkpoint = parse(read.text)
    if checkpoint.origin != key.name:
        raise LedgerError(
            f"the checkpoint is of log {checkpoint.origin!r}, the key is of {key.name!r}",
            advice="Give the key that belongs to this ledger.",
        )
    note.opened(read, [key])
    by = note.opened(read, [key, *witnesses])
    return Opened(checkpoint, by[1:])


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint that its log has signed, and the witnesses that cosigned it."""

    checkpoint: Checkpoint
    witnesses: tuple[VerifierKey, ...]


def _malformed(why: str) -> LedgerError:
    return LedgerError(
        f"this is no checkpoint: {why}",
        advice="A checkpoint is a text of origin, size and root, and then its signatures.",
    )
