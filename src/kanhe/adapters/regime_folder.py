"""The folder of a regime on disk, for `load_regime`. Gives nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

_LARGEST = 8 * 1024 * 1024
"""Bytes of one file; the largest that is shipped has a fiftieth of it."""


class RegimeFolder:
    """The files of one folder and of the folders in it; links that lead out are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    @property
    def name(self) -> str:
        """Name of the folder, which has to be the regime's id."""
        return self._folder.name

    def names(self) -> Sequence[str]:
        """Give the names of all files, those in folders as `folder/file`."""
        return self._names

    @cached_property
    def _names(self) -> tuple[str, ...]:
        paths = [*self._folder.glob("*"), *self._folder.glob("*/*")]
        return tuple(
            sorted(path.relative_to(self._folder).as_posix() for path in paths if path.is_file())
        )

    def read(self, name: str) -> bytes:
        """Give the content of a file.

        Raises:
            OSError: It is not there, outside the folder, or too large.
        """
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder):
            raise OSError(f"{name} leads out of the folder")
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise OSError(f"{name} is larger than {_LARGEST // 1024**2} MiB")
        return raw
