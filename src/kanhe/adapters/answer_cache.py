"""Answers of earlier runs, by the hash of the request: for trying a plan out, not for a verdict.

A model that changed would be judged by what it used to say, so nothing is replayed unless somebody
asks for it, and a report says how many answers were. Answers lie sealed under a key beside them.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kanhe.adapters.secret_file import random_key
from kanhe.assess.run import Said, Target
from kanhe.errors import AssessError

CACHE, KEY = "answers.db", "answers.key"
_NONCE = 12


class AnswerCache:
    """A store of answers in one file.

    Raises:
        AssessError: The file is no such store.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._box = AESGCM(random_key(folder / KEY))
        path = folder / CACHE
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS answers (name BLOB PRIMARY KEY, sealed BLOB NOT NULL)"
            )
        except sqlite3.Error as error:
            raise AssessError(
                f"the cache {path} cannot be used: {error}",
                advice="Delete it: it holds nothing but answers that can be asked for again.",
            ) from error

    def get(self, name: bytes) -> Said | None:
        """Give an answer; None where there is none, or it cannot be opened."""
        row = self._db.execute("SELECT sealed FROM answers WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        try:
            raw = zlib.decompress(self._box.decrypt(row[0][:_NONCE], row[0][_NONCE:], name))
            given = msgspec.msgpack.decode(raw, type=tuple[bytes, str, int, int, int])
            text = given[0].decode("utf-8", "surrogatepass")
        except (InvalidTag, zlib.error, msgspec.DecodeError, ValueError):
            return None
        return Said(text, given[1], (given[2], given[3]), given[4], replayed=True)

    def put(self, name: bytes, said: Said) -> None:
        """Keep an answer."""
        nonce = os.urandom(_NONCE)
        # As bytes: a model may say half of a surrogate pair, which no MessagePack text holds.
        text = said.text.encode("utf-8", "surrogatepass")
        raw = msgspec.msgpack.encode([text, said.decision, *said.tokens, said.ms])
        sealed = nonce + self._box.encrypt(nonce, zlib.compress(raw), name)
        self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (name, sealed))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class CachedTarget:
    """A `Target` that asks another one only what it was never asked.

    Args:
        target: The other one.
        cache: Where answers are.
        about: All that its answers depend on beside the question.
    """

    def __init__(self, target: Target, cache: AnswerCache, about: str) -> None:
        self._target, self._cache, self._about = target, cache, about

    async def ask(self, turns: Sequence[str], system: str = "", repeat: int = 0) -> Said:
        """Put the turns of one conversation; see `Target.ask`."""
        asked = msgspec.json.encode([self._about, list(turns), system, repeat])
        name = blake2b(asked, digest_size=24).digest()
        if (said := self._cache.get(name)) is not None:
            return said
        said = await self._target.ask(turns, system, repeat)
        self._cache.put(name, said)
        return said
