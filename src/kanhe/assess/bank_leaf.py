"""The tree over a sealed bank: the commitment is its root, so one item can be shown alone.

Each line of a `.jsonl` file is a leaf, every other file one. A leaf is committed to with a salt of
its own, which follows from the bank's: whoever is shown one item and its salt learns nothing of its
neighbours, and cannot guess them. Size and root stand in the commitment together, so that no part
of a larger tree passes for the whole.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kanhe.errors import Fault, FaultyBank
from kanhe.ledger.commitment import SALT_BYTES, commit
from kanhe.ledger.tree import Node, includes, inclusion_proof, leaf_hash, perfect_root, root_of

_FORM = "kanhe-bank-item-1"
_COMMITMENT = re.compile(r"merkle-salted:(\d{1,9}):([0-9a-f]{64})")
_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line of a file, counted from 1; number 0: the file is one leaf."""

    file: str
    number: int
    content: bytes


class Shown(msgspec.Struct, frozen=True):
    """One leaf, shown alone: `salt` and `path` (hex) lead to the commitment, `index` says where."""

    form: str
    commitment: str
    file: str
    number: int
    text: str
    salt: str
    index: int
    path: tuple[str, ...]


def leaves(files: Mapping[str, bytes]) -> Iterator[Leaf]:
    """Give the leaves of a bank's files, in the order of names and lines."""
    for name, raw in sorted(files.items()):
        if name.endswith(".jsonl"):
            lines = enumerate(raw.split(b"\n"), 1)
            yield from (Leaf(name, number, line) for number, line in lines)
        else:
            yield Leaf(name, 0, raw)


def commitment(files: Mapping[str, bytes], salt: bytes) -> str:
    """Commit to the files of a bank.

    Raises:
        ValueError: The salt does not have 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt of {len(salt)} bytes; want {SALT_BYTES} random ones")
    hashes = _hashes([*leaves(files)], salt)
    return _told(len(hashes), _root(hashes))


def is_commitment(text: str) -> bool:
    """Say whether a text has the form of one."""
    return _COMMITMENT.fullmatch(text) is not None


def show(files: Mapping[str, bytes], salt: bytes, file: str, number: int) -> bytes:
    """Write down one line so that it can be held against the commitment without the others.

    Raises:
        ValueError: There is no such line.
    """
    some = [*leaves(files)]
    index = next(
        (at for at, one in enumerate(some) if (one.file, one.number) == (file, number)), None
    )
    if index is None:
        raise ValueError(f"there is no line {number} of {file}")
    hashes = _hashes(some, salt)
    path = inclusion_proof(index, len(hashes), _node(hashes))
    shown = Shown(
        _FORM, _told(len(hashes), _root(hashes)), file, number, some[index].content.decode(),
        _salt(salt, some[index]).hex(), index, tuple(one.hex() for one in path),
    )  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(shown), indent=1) + b"\n"


def shown(raw: bytes, committed: str, file: str) -> Shown:
    """Read an item that was shown alone, and see that it stood in the bank committed to.

    Args:
        raw: What `show` wrote.
        committed: As it was published before.
        file: How to call it.

    Raises:
        FaultyBank: It is none, or it did not stand in that bank so.
    """
    try:
        found = msgspec.json.decode(raw[:_LONGEST], type=Shown)
        salt = bytes.fromhex(found.salt)
        path = [bytes.fromhex(one) for one in found.path]
    except (msgspec.MsgspecError, ValueError):
        found = None
    if found is None or found.form != _FORM:
        raise _fault(file, "is no item of a sealed bank", "Ask for the file that `reveal` wrote.")
    parts = _COMMITMENT.fullmatch(committed)
    if parts is None or found.commitment != committed:
        raise _fault(file, "belongs to another commitment", "Name the one published before.")
    leaf = Leaf(found.file, found.number, found.text.encode())
    held = len(salt) == SALT_BYTES and includes(
        found.index, int(parts[1]), _hash(leaf, salt), path, bytes.fromhex(parts[2])
    )
    if not held:
        raise _fault(file, "did not stand in the bank that was committed to", "Do not rely on it.")
    return found


def _salt(salt: bytes, leaf: Leaf) -> bytes:
    return hmac.digest(salt, f"kanhe/bank/leaf/v1\0{leaf.file}\0{leaf.number}".encode(), "sha256")


def _hash(leaf: Leaf, salt: bytes) -> bytes:
    written = msgspec.msgpack.encode((leaf.file, leaf.number, leaf.content))
    return leaf_hash(commit(written, salt).encode())


def _hashes(some: Sequence[Leaf], salt: bytes) -> list[bytes]:
    return [_hash(one, _salt(salt, one)) for one in some]


def _node(hashes: Sequence[bytes]) -> Node:
    return lambda level, at: perfect_root(hashes[at << level : (at + 1) << level])


def _root(hashes: Sequence[bytes]) -> bytes:
    return root_of(len(hashes), _node(hashes))


def _told(size: int, root: bytes) -> str:
    return f"merkle-salted:{size}:{root.hex()}"


def _fault(file: str, what: str, advice: str) -> FaultyBank:
    return FaultyBank([Fault(file, 1, "", what, advice, "bank")])
