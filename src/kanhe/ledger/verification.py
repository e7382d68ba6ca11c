"""Verification: prove from the files alone that a log is what its key has signed.

Everything is computed again from the entries: leaf hashes, tiles, root. Refused, each with the
first entry that it touches: a changed, moved, missing or cut-off entry, a tile that does not belong
to its entries, a root that was not signed, a past other than an older checkpoint's.

What it cannot see without an older checkpoint: a log whose newest entries *and* checkpoint were put
back together to an earlier state. That is what witnesses are for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kanhe.errors import LedgerBroken, LedgerError
from kanhe.ledger import checkpoint, tile
from kanhe.ledger.checkpoint import Checkpoint, Opened
from kanhe.ledger.frontier import File, Frontier
from kanhe.ledger.log import Read
from kanhe.ledger.note import VerifierKey
from kanhe.ledger.reading import Log
from kanhe.ledger.tile import CHECKPOINT, ENTRIES, WIDTH, width_at
from kanhe.ledger.tree import HASH_BYTES

Progress = Callable[[int], None]
"""Told how many entries have been checked since the last call."""


@dataclass(frozen=True, slots=True)
class _Fault:
    index: int
    why: str


def head(read: Read, key: VerifierKey, witnesses: tuple[VerifierKey, ...] = ()) -> Opened:
    """Give the log's checkpoint, its signatures checked.

    Raises:
        LedgerError: There is none, or it is not signed by `key`.
    """
    raw = read(CHECKPOINT)
    if raw is None:
        raise LedgerError(
            "the ledger has no checkpoint",
            advice="Name the directory that holds `checkpoint` and `tile`.",
        )
    return checkpoint.opened(raw, key, witnesses)


def verify(
    read: Read, signed: Checkpoint, *, older: Checkpoint | None = None, progress: Progress
) -> None:
    """Prove that the log is exactly what `signed` vouches for.

    Args:
        read: The log's files.
        signed: Its checkpoint, from `head`.
        older: A checkpoint, its signature checked, that was kept elsewhere.
        progress: Called as the work goes on.

    Raises:
        LedgerBroken: It is not; names the first entry that does not follow.
        LedgerError: The older checkpoint is another log's.
    """
    if older:
        _expect_later(signed, older)
    log, tree = Log(read, signed.size), Frontier()
    fault: _Fault | None = None
    for number in range(-(-signed.size // WIDTH)):
        leaves = _leaves(log, number)
        if older and older.size // WIDTH == number:
            _expect_past(tree, leaves, older)
        for file in tree.push(leaves):
            fault = fault or _compare(log, file)
        progress(len(leaves))
    for file in tree.partials():
        fault = fault or _compare(log, file)
    _expect_root(fault, agrees=tree.root() == signed.root)
    if older and older.size == signed.size and older.root != signed.root:
        raise LedgerBroken(0, "two checkpoints of the same size have different roots")


def _leaves(log: Log, number: int) -> list[bytes]:
    at, data = log.find(ENTRIES, number)
    if data is None:
        raise LedgerBroken(at.first, f"it is missing, with all of {at.name}")
    leaves, whole = tile.leaf_hashes(data)
    if len(leaves) == at.width and whole:
        return leaves[: width_at(ENTRIES, number, log.size)]
    _locate_gap(log, number, leaves)
    raise LedgerBroken(
        at.first + min(len(leaves), at.width),
        f"{at.name} holds {len(leaves)} whole entries, not {at.width}",
    )


def _locate_gap(log: Log, number: int, leaves: list[bytes]) -> None:
    """Name the first entry that its tile contradicts: where one was taken out, all move up."""
    data = log.find(0, number)[1]
    fault = _first_difference(number, leaves[:WIDTH], data) if data is not None else None
    if fault:
        raise LedgerBroken(fault.index, fault.why)


def _compare(log: Log, file: File) -> _Fault | None:
    """Compare a tile computed from the entries with the one that lies there."""
    at = file.at
    found, data = log.find(at.level, at.number)
    if data is None:
        return _Fault(at.first, f"its tile {at.name} is missing")
    if data[: len(file.content)] == file.content:
        if len(data) == found.width * HASH_BYTES:
            return None
        return _Fault(at.first, f"its tile {found.name} has {len(data)} bytes")
    if at.level == 0:
        return _first_difference(at.number, tile.hashes(file.content), data)
    place = next(
        (
            i
            for i, (a, b) in enumerate(
                zip(tile.hashes(file.content), tile.hashes(data), strict=False)
            )
            if a != b
        ),
        len(data) // HASH_BYTES,
    )
    span = WIDTH**at.level
    first = at.first + place * span
    return _Fault(first, f"{at.name} has another hash for entries {first} to {first + span - 1}")


def _first_difference(number: int, leaves: list[bytes], data: bytes) -> _Fault | None:
    kept = tile.hashes(data)
    for place, leaf in enumerate(leaves):
        index = number * WIDTH + place
        if place >= len(kept):
            return _Fault(index, "its tile is cut off before it")
        if leaf != kept[place]:
            if leaf in kept:
                moved = number * WIDTH + kept.index(leaf)
                return _Fault(index, f"entry {moved} stands in its place")
            return _Fault(
                index, f"its hash is {leaf.hex()[:16]}…, its tile has {kept[place].hex()[:16]}…"
            )
    return None


def _expect_root(fault: _Fault | None, *, agrees: bool) -> None:
    if agrees and fault:
        raise LedgerBroken(
            fault.index, f"{fault.why}; the entries are as signed, the tile was altered"
        )
    if fault:
        raise LedgerBroken(fault.index, fault.why)
    if not agrees:
        raise LedgerBroken(
            0, "entries and tiles agree, but not with the signed root: both were written anew"
        )


def _expect_later(signed: Checkpoint, older: Checkpoint) -> None:
    if older.origin != signed.origin:
        raise LedgerError(
            f"the older checkpoint is of {older.origin!r}, the ledger is {signed.origin!r}",
            advice="Give a checkpoint of this ledger.",
        )
    if older.size > signed.size:
        raise LedgerBroken(
            signed.size, f"it was cut off: {older.size} entries were signed, {signed.size} are left"
        )


def _expect_past(tree: Frontier, leaves: list[bytes], older: Checkpoint) -> None:
    past = Frontier(tree.size, [list(row) for row in tree.levels])
    # Fewer than fill a tile, so nothing comes out; but only what is asked for is pushed.
    list(past.push(leaves[: older.size - tree.size]))
    if past.root() != older.root:
        raise LedgerBroken(
            0, f"the first {older.size} entries are not those of the older checkpoint"
        )
