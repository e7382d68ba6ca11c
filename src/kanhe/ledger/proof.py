"""A proof on one page: entry, path and checkpoint, checked without the log. C2SP tlog-proof v1.

    c2sp.org/tlog-proof@v1
    extra <the entry itself, base64>
    index <its index>
    <hash, base64>                      (as many lines as the path has)
                                        (a blank line)
    <the signed checkpoint>

Refused: a proof whose checkpoint the reader's key did not sign, and any other spelling.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from kanhe.errors import LedgerError
from kanhe.ledger import checkpoint, tree
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.note import VerifierKey
from kanhe.ledger.tree import HASH_BYTES

_TITLE = "c2sp.org/tlog-proof@v1"
_FORM = re.compile(
    rf"{_TITLE}\nextra (?P<entry>\S+)\nindex (?P<index>0|[1-9]\d{{0,18}})\n(?P<path>(?:\S+\n)*)"
    r"\n(?P<note>.+)",
    re.ASCII | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """That `entry` is number `index` of the log that `note` (a signed checkpoint) vouches for."""

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    note: bytes

    def __bytes__(self) -> bytes:
        lines = [_TITLE, f"extra {_text(self.entry)}", f"index {self.index}"]
        lines += [_text(hash_) for hash_ in self.path]
        return "\n".join([*lines, "", ""]).encode() + self.note

    def check(self, key: VerifierKey, note: bytes | None = None) -> Checkpoint:
        """Give the checkpoint that the proof leads to, once both are found to hold.

        Args:
            key: The log's public key.
            note: The signed checkpoint to hold the proof against, if not the one it carries.

        Raises:
            LedgerError: The signature or the path is wrong.
        """
        head = checkpoint.opened(note or self.note, key).checkpoint
        leaf = tree.leaf_hash(self.entry)
        if not tree.includes(self.index, head.size, leaf, self.path, head.root):
            raise LedgerError(
                f"the proof does not lead from entry {self.index} to the root of {head.size}",
                advice="Ask the ledger's keeper for a new proof; keep this one.",
            )
        return head


def parse(raw: bytes) -> Proof:
    """Read a proof.

    Raises:
        LedgerError: It is none.
    """
    try:
        match = _FORM.fullmatch(raw.decode())
        if not match:
            raise ValueError("its lines are not those of a proof")
        path = tuple(base64.b64decode(line, validate=True) for line in match["path"].split())
        if any(len(hash_) != HASH_BYTES for hash_ in path):
            raise ValueError("a hash does not have 32 bytes")
        entry = base64.b64decode(match["entry"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError(
            f"this is no proof: {error}", advice=f"A proof is a text that begins {_TITLE}."
        ) from error
    return Proof(entry, int(match["index"]), path, match["note"].encode())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
