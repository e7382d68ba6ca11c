"""Every version of the rules that was in force or waited to be, whole, as it was written.

One zip archive a version in `rules/` of the data directory, beside the name of the version that was
released last. An archive is checked when it is read: what does not give its own version back is
refused.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kanhe.errors import RulesetError
from kanhe.policy.rule_file import Source

RELEASED = "released"
_INDEX = "sources.json"
_LARGEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Kept:
    """One ruleset of a version: the name of its file, how it is shown, and all its files."""

    name: str
    shown: str
    files: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """Give a file, as `Files` does.

        Raises:
            OSError: It was not kept, because it was not there.
        """
        try:
            return self.files[name]
        except KeyError:
            raise FileNotFoundError(f"{name} is not in the archive") from None

    @property
    def source(self) -> Source:
        """Give it for `load_rulesets`."""
        return Source(self, self.name, self.shown)


class RuleArchive:
    """The archives in one folder. Any thread; writers replace whole files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, version: str, kept: Sequence[Kept]) -> None:
        """Keep a version; nothing happens where it is kept already.

        Raises:
            RulesetError: The disk does not let us.
        """
        path = self._path(version)
        if path.exists():
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(f".{os.getpid()}.new")
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
                index = [{"name": one.name, "shown": one.shown} for one in kept]
                archive.writestr(_INDEX, json.dumps(index))
                for number, one in enumerate(kept):
                    for name, raw in one.files.items():
                        archive.writestr(f"{number}/{name}", raw)
            new.replace(path)
        except OSError as error:
            raise _unkept(version, str(error)) from error

    def load(self, version: str) -> tuple[Kept, ...]:
        """Give a version back.

        Raises:
            RulesetError: It was never kept, or the archive is damaged.
        """
        try:
            with zipfile.ZipFile(self._path(version)) as archive:
                if sum(one.file_size for one in archive.infolist()) > _LARGEST:
                    raise _unkept(version, "it is larger than any ruleset")
                index = json.loads(archive.read(_INDEX))
                return tuple(
                    Kept(one["name"], one["shown"], _files(archive, f"{number}/"))
                    for number, one in enumerate(index)
                )
        except FileNotFoundError as error:
            raise _unkept(version, "it was never kept here") from error
        except (OSError, zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError) as error:
            raise _unkept(version, f"its archive is damaged: {error}") from error

    def versions(self) -> tuple[str, ...]:
        """Name the versions that are kept, the latest first."""
        found = [path for path in self._folder.glob("*.zip") if path.stem.isalnum()]
        return tuple(p.stem for p in sorted(found, key=lambda p: p.stat().st_mtime, reverse=True))

    def released(self) -> str | None:
        """Name the version that was released last; None where none ever was."""
        try:
            return (self._folder / RELEASED).read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _unkept("released last", str(error)) from error

    def release(self, version: str) -> None:
        """Note that `version` is the one to start with from now on.

        Raises:
            RulesetError: The disk does not let us.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = self._folder / f"{RELEASED}.new"
            with new.open("w", encoding="ascii") as file:
                file.write(f"{version}\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._folder / RELEASED)
        except OSError as error:
            raise _unkept(version, str(error)) from error

    def _path(self, version: str) -> Path:
        if not (version.isascii() and version.isalnum()):
            raise _unkept(version[:80], "this is no version")
        return self._folder / f"{version}.zip"


def _files(archive: zipfile.ZipFile, prefix: str) -> dict[str, bytes]:
    names = [name for name in archive.namelist() if name.startswith(prefix)]
    return {name.removeprefix(prefix): archive.read(name) for name in names}


def _unkept(version: str, why: str) -> RulesetError:
    return RulesetError(
        f"the rules of version {version[:12]} cannot be kept or read: {why}",
        advice="Look at the folder `rules` in the data directory; a backup of it can be put back.",
    )
