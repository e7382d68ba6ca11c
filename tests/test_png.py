"""Pictures get smaller and stay pictures."""

import struct
import zlib

import pytest

from png import SIGNATURE, chunk, chunks, coarse, smaller, unfiltered


def rgb(rows, filters):
    """Write rows of RGB pixels with the filters named; the twin of what is read."""
    width, above, raw = len(rows[0]), bytes(3 * len(rows[0])), b""
    for row, kind in zip(rows, filters, strict=True):
        plain = b"".join(row)
        left = bytes(3) + plain[:-3]
        taken = {0: bytes(len(plain)), 1: left, 2: above}[kind]
        raw += bytes([kind]) + bytes((a - b) & 255 for a, b in zip(plain, taken, strict=True))
        above = plain
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    return SIGNATURE + b"".join(
        chunk(*one) for one in ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    )


def pixels(png):
    parts = dict(chunks(png))
    width = struct.unpack(">I", parts[b"IHDR"][:4])[0]
    colours = [parts[b"PLTE"][at : at + 3] for at in range(0, len(parts[b"PLTE"]), 3)]
    return [[colours[n] for n in row] for row in unfiltered(
        zlib.decompress(parts[b"IDAT"]), width, 1)]  # fmt: skip


@pytest.mark.parametrize("filters", [(0, 0, 0), (1, 2, 1), (2, 2, 2)])
def test_a_picture_keeps_its_colours_up_to_what_is_coarsened(filters):
    """Absolute: the pixels that went in. It catches a filter undone from the wrong neighbour."""
    rows = [[bytes([x * 9, y * 40, 255]) for x in range(20)] for y in range(3)]
    assert pixels(smaller(rgb(rows, filters))) == [[coarse(one) for one in row] for row in rows]


def test_white_stays_white_and_black_black():
    assert coarse(b"\xff\xff\xff") == b"\xff\xff\xff"
    assert coarse(b"\0\0\0") == b"\0\0\0"
