"""A ruleset's folder on disk. Gives bytes, also of compressed files, and nothing from elsewhere."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from kanhe.policy.rule_file import Source

_LARGEST = 64 * 1024 * 1024
"""Bytes of one file, unpacked. A list of a million terms is a third of it."""


class FolderFiles:
    """The files below one folder; links that lead out of it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def read(self, name: str) -> bytes:
        """Give the content of `name`; unpacked, if it ends in `.gz`.

        Raises:
            OSError: It is not there, outside the folder, too large, or not what its name says.
        """
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder):
            raise OSError(f"{name} leads out of the ruleset's folder")
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                raw = file.read(_LARGEST + 1)
        except (EOFError, zlib.error) as error:
            raise OSError(f"{name} is a damaged gzip file") from error
        if len(raw) > _LARGEST:
            raise OSError(f"{name} is larger than {_LARGEST // 1024**2} MiB")
        return raw


def ruleset_at(path: Path) -> Source:
    """Give the ruleset whose file is at `path`, for `load_rulesets`."""
    return Source(FolderFiles(path.parent), path.name, str(path))
