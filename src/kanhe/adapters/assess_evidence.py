"""Evidence of other tools in the folder of a run: `evidence.jsonl`, a line a record.

Written anew as a whole, so that a loss of power leaves the old file or the new one. The same record
is taken once.
"""

from __future__ import annotations

from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.assess.evidence_file import evidence_line, read_evidence
from kanhe.assess.foreign import BYTES
from kanhe.assess.head import Evidence
from kanhe.errors import AssessError

FILE = "evidence.jsonl"


def kept_evidence(run: Path) -> tuple[Evidence, ...]:
    """Give what was handed in for a run, in its order; nothing where there is no file.

    Raises:
        AssessError: The file cannot be read, or a line is damaged.
    """
    path = run / FILE
    try:
        raw = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise AssessError(
            f"{path} cannot be read: {error.strerror}", advice="Check who may read it."
        ) from error
    return read_evidence(raw, str(path))


def keep_evidence(run: Path, one: Evidence) -> bool:
    """Add a record to a run; say whether it is new.

    Raises:
        AssessError: There is no such run, or the file cannot be read or written.
    """
    if not run.is_dir():
        raise AssessError(f"there is no run at {run}", advice="See `kanhe assess status`.")
    kept = kept_evidence(run)
    if any(other.sha256 == one.sha256 for other in kept):
        return False
    disk, path = Disk(), run / FILE
    fresh = path.with_suffix(".new")
    try:
        disk.write_synced(fresh, b"".join(evidence_line(line) + b"\n" for line in (*kept, one)))
        disk.rename(fresh, path)
        disk.sync_directory(run)
    except OSError as error:
        raise AssessError(
            f"{run / FILE} cannot be written: {error.strerror}",
            advice="Check space and rights there, and import it again.",
        ) from error
    return True


def foreign_bytes(path: Path) -> bytes:
    """Read a record of another tool.

    Raises:
        AssessError: It cannot be read, or is too large.
    """
    try:
        if (size := path.stat().st_size) > BYTES:
            raise AssessError(
                f"{path} has {size:,} bytes", advice=f"At most {BYTES:,} are read: split it."
            )
        return path.read_bytes()
    except OSError as error:
        raise AssessError(
            f"{path} cannot be read: {error.strerror}", advice="Check the path and its rights."
        ) from error
