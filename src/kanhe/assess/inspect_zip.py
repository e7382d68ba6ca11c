"""The zip in which Inspect writes its logs (`.eval`), put together to what its `.json` would say.

Holds one sample a file; the verdicts stand in summaries beside them, and only these are read. Of a
run that was cut short there is no header, and the summaries lie in pieces. Refused: what unpacks to
more than a log can be, and a file that is cut off.
"""

from __future__ import annotations

import sys
from io import BytesIO
from zlib import error as ZlibError

from kanhe.assess.foreign import BYTES, Plain, parsed, refused

# Inspect packs with Zstandard, which the standard library reads from Python 3.14 on.
if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError, zipfile

MAGIC = b"PK\x03\x04"

_HEADER, _START, _WHOLE = "header.json", "_journal/start.json", "summaries.json"
_PIECES = "_journal/summaries/"
_WHOLE_FILE = "Hand in the file whole, or the log as `inspect log convert --to json` writes it."
_BROKEN = (
    zipfile.BadZipFile, ZlibError, ZstdError, EOFError, OSError, KeyError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


def log_of(raw: bytes, file: str) -> dict[str, Plain]:
    """Give header and samples of a log.

    Raises:
        AssessError: It is no whole `.eval` file, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            return _log(packed, file)
    except _BROKEN as error:
        # Bombs, passwords and half files all end here: none of them is a log.
        raise refused(file, f"is no .eval log that can be read: {error}", _WHOLE_FILE) from error


def _log(packed: zipfile.ZipFile, file: str) -> dict[str, Plain]:
    names = set(packed.namelist())
    head = parsed(_member(packed, _HEADER if _HEADER in names else _START, file), file)
    if not isinstance(head, dict):
        raise refused(file, "has a header that is no object", _WHOLE_FILE)
    return {**head, "samples": _samples(packed, names, file)}


def _samples(packed: zipfile.ZipFile, names: set[str], file: str) -> list[Plain]:
    pieces = [_WHOLE] if _WHOLE in names else sorted(
        (name for name in names if name.startswith(_PIECES)), key=lambda name: (len(name), name)
    )  # fmt: skip
    found: list[Plain] = []
    left = BYTES
    for piece in pieces:
        # All pieces share one allowance: a thousand of them just below it would be a bomb as well.
        raw = _member(packed, piece, file, left)
        left -= len(raw)
        inner = parsed(raw, file)
        if not isinstance(inner, list):
            raise refused(file, f"has a {piece} that is no list", _WHOLE_FILE)
        found += inner
    return found


def _member(packed: zipfile.ZipFile, name: str, file: str, most: int | None = None) -> bytes:
    allowed = BYTES if most is None else most
    with packed.open(name) as member:
        # What the directory says of the size is the sender's word; reading on stops at ours.
        found: bytes = member.read(allowed + 1)
    if len(found) > allowed:
        raise refused(file, f"unpacks to more than {BYTES:,} bytes", _WHOLE_FILE)
    return found
