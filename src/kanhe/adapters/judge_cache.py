"""Opinions that were given, by what was asked: bounded, without a text, and of one judge only."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

from kanhe.judge.port import Opinion, Question


def key(question: Question) -> bytes:
    """Give the name of a question: 32 bytes, which only the same question has."""
    whole = blake2b(digest_size=32)
    for part in (question.whose, question.text, question.context):
        raw = part.encode("utf-8", "surrogatepass")
        # With their lengths, or "ab" after "c" would be "b" after "ca".
        whole.update(len(raw).to_bytes(8, "big") + raw)
    return whole.digest()


class OpinionCache:
    """The opinions asked for last.

    Args:
        most: Opinions kept; 0: none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[bytes, Opinion] = OrderedDict()
        self._of = ""

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: bytes) -> Opinion | None:
        """Give what was thought of a question, if it is known."""
        if key not in self._found:
            return None
        self._found.move_to_end(key)
        return self._found[key]

    def keep(self, key: bytes, opinion: Opinion, judge: str) -> None:
        """Keep an opinion of the judge with the hash `judge`; those of another are forgotten."""
        if judge != self._of:
            # Another model may have come back under the same name.
            self._found.clear()
            self._of = judge
        self._found[key] = opinion
        self._found.move_to_end(key)
        if len(self._found) > self._most:
            self._found.popitem(last=False)
