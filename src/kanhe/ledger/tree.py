"""The Merkle tree of RFC 9162 section 2.1: hashes, roots, proofs and their checks. Pure functions.

A tree of n entries is never held: what is asked of it is asked through `Node`, which gives the
hash of a *complete* subtree, and those never change once they exist. Refused are proofs about
entries or trees that are not there; a check gives yes or no and never guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()
"""Root of a tree without entries: RFC 9162 section 2.1.1, `MTH({}) = HASH()`."""

Node: TypeAlias = Callable[[int, int], bytes]
"""`node(level, i)`: hash over the entries from `i * 2**level` to before `(i + 1) * 2**level`."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Give the root over 2**k neighbours, k from 0."""
    row = list(hashes)
    while len(row) > 1:
        row = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(row[::2], row[1::2], strict=True)
        ]
    return row[0]


def peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Give the roots of the complete subtrees that cover `hashes`, largest and leftmost first."""
    roots, start = [], 0
    while start < len(hashes):
        width = 1 << (len(hashes) - start).bit_length() - 1
        roots.append(perfect_root(hashes[start : start + width]))
        start += width
    return roots


def bag(mountains: Sequence[bytes]) -> bytes:
    """Join subtree roots, largest and leftmost first, into the root of the whole tree."""
    if not mountains:
        return EMPTY_ROOT
    root = mountains[-1]
    for peak in reversed(mountains[:-1]):
        root = node_hash(peak, root)
    return root


def root_of(size: int, node: Node) -> bytes:
    """Give the root of the tree over the first `size` entries."""
    return _range_hash(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Prove that entry `index` is in the tree of `size` entries: RFC 9162 section 2.1.3.1.

    Raises:
        ValueError: There is no such entry in that tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a tree of {size}")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_hash(middle, high, node))
            high = middle
        else:
            path.append(_range_hash(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Prove that the tree of `new` entries begins with that of `old`: RFC 9162 section 2.1.4.1.

    Raises:
        ValueError: Not 0 < old ≤ new.
    """
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}: want 0 < old ≤ new")
    path, low, high = [], 0, new
    known = True  # whether [low, high) is a subtree of which the verifier holds the root
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_hash(middle, high, node))
            high = middle
        else:
            path.append(_range_hash(low, middle, node))
            low, known = middle, False
    if not known:
        path.append(_range_hash(low, high, node))
    return path[::-1]


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Check an inclusion proof: RFC 9162 section 2.1.3.2, whose names the variables carry."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def extends(
    old: int, new: int, old_root: bytes, new_root: bytes, *, proof: Sequence[bytes]
) -> bool:
    """Check a consistency proof: RFC 9162 section 2.1.4.2, whose names the variables carry.

    The two cases that section leaves out: every tree extends the empty one, and equal sizes need
    equal roots; both want an empty proof.
    """
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if not (0 < old < new and proof):
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return _roots_along(path, old - 1, new - 1) == (old_root, new_root)


def _roots_along(path: Sequence[bytes], fn: int, sn: int) -> tuple[bytes, bytes] | None:
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return None if sn else (fr, sr)


def _split(width: int) -> int:
    return 1 << (width - 1).bit_length() - 1


def _range_hash(low: int, high: int, node: Node) -> bytes:
    width = high - low
    if width & (width - 1) == 0:
        return node(width.bit_length() - 1, low // width)
    middle = low + _split(width)
    return node_hash(_range_hash(low, middle, node), _range_hash(middle, high, node))
