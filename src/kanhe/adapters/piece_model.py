"""The model file of the vocabulary, read: a protocol-buffer message that we know three fields of.

Its layout is an old one of SentencePiece: the pieces in field 1, and what is called the trainer's
settings today in field 3, holding the table of the fold in its field 2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from kanhe.adapters.piece_fold import Singles, singles_of

_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}
_NORMAL = b"\1"


@dataclass(frozen=True, slots=True)
class PieceModel:
    """What the file says.

    Attributes:
        pieces: By number; empty where the number is a mark of the model's own, such as the
            beginning, which no text may spell.
        scores: The logarithm of each one's probability.
        table: The fold's, for `PieceFold`.
        singles: What is known of it beforehand.
    """

    pieces: list[str]
    scores: list[float]
    table: bytes
    singles: Singles


def read_model(data: bytes) -> PieceModel:
    """Read a model file.

    Raises:
        ValueError: It is none, or one of another layout.
    """
    pieces: list[str] = []
    scores: list[float] = []
    table = b""
    for field, value in _fields(data):
        if field == 1:
            piece = dict(_fields(value))
            spelt = piece.get(3, _NORMAL) == _NORMAL
            pieces.append(piece.get(1, b"").decode() if spelt else "")
            scores.append(struct.unpack("<f", piece.get(2, b"\0\0\0\0"))[0])
        elif field == 3:
            table = dict(_fields(value)).get(2, b"")
    if not pieces or not table:
        raise ValueError(
            f"{len(pieces)} pieces and a table of {len(table)} bytes are no vocabulary"
        )
    try:
        return PieceModel(pieces, scores, table, singles_of(table))
    except (IndexError, struct.error) as error:
        raise ValueError(f"the table of the fold is damaged: {error}") from error


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields by number, each with the bytes of its value."""
    at = 0
    try:
        while at < len(data):
            tag, at = _number(data, at)
            field, wire = tag >> 3, tag & 7
            if wire == _VARINT:
                size = _number(data, at)[1] - at
            elif wire == _BYTES:
                size, at = _number(data, at)
            elif wire in _FIXED:
                size = _FIXED[wire]
            else:
                raise ValueError(f"a field of kind {wire} at byte {at}")
            if at + size > len(data):
                raise ValueError(f"the field at byte {at} is longer than the file")
            yield field, data[at : at + size]
            at += size
    except IndexError:
        raise ValueError("the file ends within a number") from None


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
