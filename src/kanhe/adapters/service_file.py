"""Where the running service is found: `run/service.json` in the data directory.

Written once the port is open, for its owner's eyes, and removed at the end. One that was left
behind by a process that died is noticed: the ledger's lock names another process, or none lives.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

_FILE = Path("run") / "service.json"
_LOCK = Path("ledger") / "lock"


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs: its address on this machine, and its process."""

    url: str
    pid: int


def told(data: Path, url: str) -> None:
    """Say that this process serves `data` at `url`."""
    path = data / _FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        json.dump({"url": url, "pid": os.getpid()}, out)
    aside.replace(path)


def ended(data: Path) -> None:
    """Take that back, if it was this process that said it."""
    found = _read(data)
    if found and found.pid == os.getpid():
        (data / _FILE).unlink(missing_ok=True)


def running(data: Path) -> Running | None:
    """Give the service that runs on `data`; None if none does, or does not say where."""
    found = _read(data)
    if found is None or not _lives(found.pid):
        return None
    try:
        holder = (data / _LOCK).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if holder == str(found.pid) else None


def _read(data: Path) -> Running | None:
    try:
        written = json.loads((data / _FILE).read_text(encoding="utf-8"))
        return Running(str(written["url"]), int(written["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return pid > 0
