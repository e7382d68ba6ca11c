"""Evidence of other tools: which tool wrote a file, and how what was taken of it is kept.

Kept are names, counts and the hash of the file as it was handed in, one JSON object a line; never a
question or an answer. The file itself stays with its owner, and the hash says whether it is still
the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from kanhe.assess.foreign import BYTES, Imported, refused
from kanhe.assess.garak_report import KEY, read_garak
from kanhe.assess.head import Evidence
from kanhe.assess.inspect_log import read_inspect
from kanhe.assess.inspect_zip import MAGIC
from kanhe.errors import AssessError

_HASH = re.compile(r"[0-9a-f]{64}")


def read_foreign(raw: bytes, file: str) -> Imported:
    """Read a log of Inspect or a report of garak, whichever it is.

    Raises:
        AssessError: It is neither, or cannot be taken; it says why.
    """
    if len(raw) > BYTES:
        raise refused(file, f"has {len(raw):,} bytes", f"At most {BYTES:,} are read.")
    first = raw.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    if not raw.startswith(MAGIC) and f'"{KEY}"'.encode() in first[:10_000]:
        return read_garak(raw, file)
    return read_inspect(raw, file)


def evidence_line(one: Evidence) -> bytes:
    """Give one line, without its end."""
    return msgspec.json.encode(one)


def read_evidence(raw: bytes, file: str) -> tuple[Evidence, ...]:
    """Read what `evidence_line` wrote, in its order.

    Raises:
        AssessError: A line is none; it names the first.
    """
    lines = enumerate(raw.split(b"\n"), 1)
    return tuple(_one(line, f"{file}:{number}") for number, line in lines if line.strip())


def _one(line: bytes, where: str) -> Evidence:
    try:
        found = msgspec.json.decode(line, type=Evidence)
    except msgspec.MsgspecError as error:
        raise _damaged(where, str(error)) from error
    if not _HASH.fullmatch(found.sha256) or not _counts(found.rows):
        raise _damaged(where, "its hash or its counts make no sense")
    return found


def _counts(rows: Sequence[tuple[str, int, int]]) -> bool:
    return all(0 <= passed <= judged for _, passed, judged in rows)


def _damaged(where: str, why: str) -> AssessError:
    return refused(where, f"is no evidence: {why}", "Take the line out, and import the file again.")
