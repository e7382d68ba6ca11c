"""Makes pictures of pages smaller: as many colours as a page needs, and no more bytes.

A page is paper, ink and a few hues: with its 256 most frequent colours, coarsened a little, the eye
sees no difference and a file has a third of its bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}
"""Bytes of a pixel by the kind of picture: RGB, RGBA."""


def smaller(png: bytes) -> bytes:
    """Give a PNG of 8 bits a channel again with a palette; a picture of another kind as it is."""
    parts = dict(chunks(png))
    width, height, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    if depth != 8 or kind not in CHANNELS:
        return png
    raw = zlib.decompress(b"".join(body for name, body in chunks(png) if name == b"IDAT"))
    size = CHANNELS[kind]
    rows = [[coarse(row[at : at + 3]) for at in range(0, len(row), size)]
            for row in unfiltered(raw, width * size, size)]  # fmt: skip
    palette = [colour for colour, _ in Counter(c for row in rows for c in row).most_common(256)]
    place = {colour: n for n, colour in enumerate(palette)}
    lines = bytearray()
    for row in rows:
        for colour in row:
            if colour not in place:
                place[colour] = nearest(colour, palette)
        lines += b"\0" + bytes(place[colour] for colour in row)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = zlib.compress(bytes(lines), 9)
    return SIGNATURE + b"".join(
        chunk(name, data)
        for name, data in ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", body),
                           (b"IEND", b""))
    )  # fmt: skip


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        yield name, png[at + 8 : at + 8 + length]
        at += length + 12


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def coarse(pixel: bytes) -> bytes:
    """Keep 6 bits of each channel; white stays white."""
    return bytes(part & 0xFC | part >> 6 for part in pixel)


def nearest(colour: bytes, palette: list[bytes]) -> int:
    far = (sum((a - b) ** 2 for a, b in zip(colour, one, strict=True)) for one in palette)
    return min(enumerate(far), key=lambda pair: pair[1])[0]


def unfiltered(raw: bytes, stride: int, size: int) -> Iterator[bytes]:
    """Undo the filters of the rows, as PNG 1.2 defines them in its chapter 6."""
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for at in range(stride):
            left = row[at - size] if at >= size else 0
            corner = above[at - size] if at >= size else 0
            row[at] = (row[at] + predicted(kind, left, above[at], corner)) & 0xFF
        above = bytes(row)
        yield above


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    match kind:
        case 1:
            return left
        case 2:
            return up
        case 3:
            return (left + up) // 2
        case 4:
            guess = left + up - corner
            return min((left, up, corner), key=lambda one: abs(guess - one))
        case _:
            return 0
