"""Compiled lexicons as bytes, so that a start does not pay for compiling what has not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

import msgspec

from kanhe.policy.lexicon import Entry, KeyIndex, Keys, Lexicon
from kanhe.policy.spelling import View

_FORMAT = "1"


class _Stored(msgspec.Struct, array_like=True):
    keys: str
    terms: list[str]
    term_of: list[int]
    rule_sets: list[tuple[int, ...]]
    rules_of: list[int]
    automaton: bytes


class _StoredLexicon(msgspec.Struct, array_like=True):
    format: str
    chars: _Stored
    letters: _Stored | None


@cache
def _made_with() -> str:
    # Readings, simplification and the automaton come from these packages; the folds from us.
    packages = ("kanhe", "daachorse", "pypinyin", "opencc")
    return " ".join([_FORMAT, *map(version, packages)])


def lexicon_key(view: View, entries: Sequence[Entry]) -> str:
    """Name the content of a lexicon: the same key means the same compiled bytes would do."""
    digest = hashlib.sha256(_made_with().encode())
    seen = [sorted(view.base), view.hearing.value, view.latin, view.word]
    digest.update(msgspec.json.encode(seen))
    digest.update(msgspec.json.encode([(e.term, e.rule, e.split) for e in entries]))
    return digest.hexdigest()


def lexicon_to_bytes(lexicon: Lexicon) -> bytes:
    """Write a compiled lexicon down."""
    letters = _stored(lexicon.letters) if lexicon.letters else None
    return msgspec.msgpack.encode(_StoredLexicon(_made_with(), _stored(lexicon.chars), letters))


def lexicon_from_bytes(view: View, kept: bytes) -> Lexicon | None:
    """Read a compiled lexicon; None if the bytes are not whole or of another make."""
    try:
        stored = msgspec.msgpack.decode(kept, type=_StoredLexicon)
        if stored.format != _made_with():
            return None
        letters = _index(stored.letters) if stored.letters else None
        return Lexicon(view, _index(stored.chars), letters)
    except (msgspec.DecodeError, ValueError, IndexError):
        return None


def _stored(index: KeyIndex) -> _Stored:
    of = index.of
    terms = {term: number for number, term in enumerate(dict.fromkeys(of.terms))}
    rules = {rules: number for number, rules in enumerate(dict.fromkeys(of.rules))}
    return _Stored(
        keys="\0".join(of.keys),
        terms=list(terms),
        term_of=[terms[term] for term in of.terms],
        rule_sets=list(rules),
        rules_of=[rules[some] for some in of.rules],
        automaton=index.compiled(),
    )


def _index(stored: _Stored) -> KeyIndex:
    keys = stored.keys.split("\0") if stored.keys else []
    terms = [stored.terms[number] for number in stored.term_of]
    rules = [stored.rule_sets[number] for number in stored.rules_of]
    if not len(keys) == len(terms) == len(rules):
        raise ValueError("keys, terms and rules do not pair up")
    return KeyIndex(Keys(keys, terms, rules), stored.automaton)
