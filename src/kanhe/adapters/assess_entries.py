"""What a ledger says of a report, with each entry shown to be the ledger's own.

Every entry that is given back is proved to the signed checkpoint, or stands in the journal and is
said to be not under it yet. That no *other* entry was altered is what `kanhe ledger verify` shows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kanhe.adapters.ledger_directory import entries_from, reader
from kanhe.errors import LedgerBroken
from kanhe.ledger import tree
from kanhe.ledger.entry import Entry, decode
from kanhe.ledger.note import VerifierKey
from kanhe.ledger.reading import Log
from kanhe.ledger.verification import head


@dataclass(frozen=True, slots=True)
class OnLedger:
    """An entry and its number. `published`: it is under the signed checkpoint."""

    index: int
    entry: Entry
    published: bool


def entries_tagged(
    directory: Path, key: VerifierKey, tags: Collection[str]
) -> tuple[OnLedger, ...]:
    """Give the entries with one of some tags, in order.

    Raises:
        LedgerBroken: One is not in the tree that was signed, or entries are missing.
        LedgerError: The checkpoint is missing or not signed by `key`.
    """
    read = reader(directory)
    signed = head(read, key).checkpoint
    log = Log(read, signed.size)
    marks = [f'"tag":"{tag}"'.encode() for tag in tags]
    found = []
    for index, raw in entries_from(directory, key, 0):
        # Decoding a million entries to find ten would take a minute.
        if not any(mark in raw for mark in marks) or (entry := decode(raw)).tag not in tags:
            continue
        published = index < signed.size
        if published:
            proof = log.inclusion_proof(index, signed.size)
            if not tree.includes(index, signed.size, tree.leaf_hash(raw), proof, signed.root):
                raise LedgerBroken(index, "it is not in the tree whose root was signed")
        found.append(OnLedger(index, entry, published))
    return tuple(found)
