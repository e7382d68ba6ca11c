"""Compiled lexicons as bytes, so that a start does not pay for compiling what has not changed."""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

import msgspec

from kanhe.policy.lexicon import Entry, KeyIndex, Lexicon
from kanhe.policy.lookalikes import LOOKALIKES
from kanhe.policy.parts import PARTS
from kanhe.policy.phonetic import POLYPHONES
from kanhe.policy.spelling import View
from kanhe.policy.trie import Trie

_FORMAT = f"4 {sys.byteorder}"
"""The number is raised with every change in how terms are folded, spelled or stored."""


class _Stored(msgspec.Struct, array_like=True):
    edges: str
    first: bytes
    ends: bytes
    terms: str
    term_of: bytes
    rule_sets: list[tuple[int, ...]]
    rules_of: bytes


class _StoredLexicon(msgspec.Struct, array_like=True):
    format: str
    chars: _Stored
    letters: _Stored | None


class StoredGroup(msgspec.Struct, array_like=True):
    """One lexicon of a set of rules: its view, the first rule that has a term in it, its key."""

    view: View
    rule: int
    key: str


class _StoredPlan(msgspec.Struct, array_like=True):
    format: str
    groups: list[StoredGroup]


@cache
def _made_with() -> str:
    # Readings and simplification come from these packages; the folds and their tables from us.
    packages = ("kanhe", "pypinyin", "opencc")
    tables = msgspec.json.encode([LOOKALIKES, PARTS, POLYPHONES])
    return " ".join([_FORMAT, *map(version, packages), hashlib.sha256(tables).hexdigest()])


def stored_key(kind: str, facts: object) -> str:
    """Name what is made from `facts`: the same key means the same bytes would do."""
    digest = hashlib.sha256(f"{_made_with()} {kind}".encode())
    digest.update(msgspec.json.encode(facts))
    return digest.hexdigest()


def lexicon_key(view: View, entries: Sequence[Entry]) -> str:
    """Name the content of a lexicon."""
    seen = [sorted(view.base), view.hearing.value, view.latin, view.word]
    return stored_key("lexicon", [seen, [(e.term, e.rule, e.split) for e in entries]])


def groups_to_bytes(groups: list[StoredGroup]) -> bytes:
    """Write down which lexicons a set of rules has."""
    return msgspec.msgpack.encode(_StoredPlan(_made_with(), groups))


def groups_from_bytes(kept: bytes | None) -> list[StoredGroup] | None:
    """Read which lexicons a set of rules has; None if that is not told."""
    try:
        stored = msgspec.msgpack.decode(kept or b"", type=_StoredPlan)
    except msgspec.DecodeError:
        return None
    return stored.groups if stored.format == _made_with() else None


def lexicon_to_bytes(lexicon: Lexicon) -> bytes:
    """Write a compiled lexicon down."""
    letters = _stored(lexicon.letters) if lexicon.letters else None
    return msgspec.msgpack.encode(_StoredLexicon(_made_with(), _stored(lexicon.chars), letters))


def lexicon_from_bytes(view: View, kept: bytes | None) -> Lexicon | None:
    """Read a compiled lexicon; None if the bytes are not there, not whole or of another make."""
    try:
        stored = msgspec.msgpack.decode(kept or b"", type=_StoredLexicon)
        if stored.format != _made_with():
            return None
        letters = _index(stored.letters) if stored.letters else None
        return Lexicon(view, _index(stored.chars), letters)
    except (msgspec.DecodeError, ValueError, IndexError):
        return None


def _stored(index: KeyIndex) -> _Stored:
    trie = index.trie
    return _Stored(
        edges=trie.edges,
        first=trie.first.tobytes(),
        ends=trie.ends.tobytes(),
        terms=index.terms,
        term_of=index.term_of.tobytes(),
        rule_sets=list(index.rule_sets),
        rules_of=index.rules_of.tobytes(),
    )


def _index(stored: _Stored) -> KeyIndex:
    trie = Trie(stored.edges, array("I", stored.first), array("i", stored.ends))
    term_of, rules_of = array("I", stored.term_of), array("I", stored.rules_of)
    return KeyIndex(trie, stored.terms, term_of, stored.rule_sets, rules_of)
