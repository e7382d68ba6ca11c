"""A bank's folder, changed whole or not at all, and texts that a bank is held against.

What is shipped is never written to: it would be gone with the next version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kanhe.adapters.bank_store import folder_files, shipped
from kanhe.adapters.disk import Disk
from kanhe.errors import RequestError

_TEXTS = ("text", "question", "prompt")
_LARGEST = 1 << 30


def own_folder(name: str) -> Path:
    """Give the folder of a bank that may be changed.

    Raises:
        RequestError: It is shipped, or there is no such folder.
    """
    if name in shipped():
        raise RequestError(
            f"{name} is shipped and is not changed",
            advice="Write to a file with --out, or to a folder of your own with a bank.yaml.",
        )
    if not Path(name).is_dir():
        raise RequestError(
            f"there is no folder {name}", advice="Name the folder of a bank: that of bank.yaml."
        )
    return Path(name)


def write_changed(folder: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write what changed of a bank's files; give their names.

    Each file is there as it was or as it is to be, whatever happens; `bank.yaml` comes last, so
    that nothing counts as updated that is not there.

    Raises:
        RequestError: One cannot be written.
    """
    before = folder_files(folder)
    changed = [name for name, raw in files.items() if before.get(name) != raw]
    for name in sorted(changed, key=lambda name: (not name.endswith(".jsonl"), name)):
        write_whole(folder / name, files[name])
    return tuple(sorted(changed))


def write_whole(path: Path, raw: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is never half there.

    Raises:
        RequestError: It cannot be written.
    """
    disk, part = Disk(), path.with_name(f"{path.name}.part")
    try:
        disk.remove(part)
        disk.write_synced(part, raw, mode)
        disk.rename(part, path)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise RequestError(
            f"{path} cannot be written: {error.strerror}", advice="Check who owns the folder."
        ) from error


def known_texts(paths: Sequence[Path]) -> dict[str, list[str]]:
    """Read texts that somebody may have learned from, by the name of their file.

    Any JSONL with a `text`, `question` or `prompt`, or a bank's `turns`; of a folder all of them.

    Raises:
        RequestError: One cannot be read, or holds no text at all.
    """
    files = [
        file
        for path in paths
        for file in (sorted(path.rglob("*.jsonl")) if path.is_dir() else [path])
    ]
    found = {str(file): list(_texts(read_bytes(file))) for file in files}
    if empty := [name for name, texts in found.items() if not texts] or (not files and ["--known"]):
        raise RequestError(
            f"{empty[0]} holds no texts",
            advice='Name files with one JSON object a line that has a `text`, as {"text": "…"}.',
        )
    return found


def read_bytes(path: Path) -> bytes:
    """Read a file that somebody named.

    Raises:
        RequestError: It cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise RequestError(f"{path} is larger than a gigabyte", advice="Split it.")
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"{path} cannot be read: {error.strerror}", advice="Check its name and who may read it."
        ) from error


def _texts(raw: bytes) -> Iterator[str]:
    for line in raw.split(b"\n"):
        try:
            given = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(given, dict):
            turns = given.get("turns")
            if isinstance(turns, list):
                yield "\n".join(map(str, turns))
            yield from (given[key] for key in _TEXTS if isinstance(given.get(key), str))
