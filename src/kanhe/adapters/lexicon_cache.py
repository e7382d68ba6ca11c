"""Compiled lexicons in a directory, so that a start need not compile them again.

Nothing depends on it: what is damaged, missing or cannot be written is compiled again. What comes
back is what was put, or nothing. The digest finds damage, not malice: the directory must be the
server's own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_UNUSED_S = 30 * 24 * 3600
_DIGEST = hashlib.sha256().digest_size


class LexiconCache:
    """A `policy.ruleset.Cache` in one directory; several processes may share it.

    Args:
        directory: Made when it is first written to.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, key: str) -> bytes | None:
        """Give what was put under `key`, if it is there and whole."""
        path = self._path(key)
        try:
            kept = path.read_bytes()
        except OSError:
            return None
        value = kept[_DIGEST:]
        if hashlib.sha256(value).digest() != kept[:_DIGEST]:
            return None
        with suppress(OSError):
            os.utime(path)  # its age counts from the last use
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep `value`, and drop what nobody has used for 30 days; failures are no matter."""
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            self._write(self._path(key), hashlib.sha256(value).digest(), value)
            self._prune()

    def _path(self, key: str) -> Path:
        return self._directory / f"{key}.lexicon"

    def _write(self, path: Path, digest: bytes, value: bytes) -> None:
        # Under another name first: a reader sees the old file, the new one, or none.
        descriptor, name = tempfile.mkstemp(dir=self._directory, suffix=".new")
        try:
            with open(descriptor, "wb") as file:
                file.writelines((digest, value))
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _prune(self) -> None:
        oldest = time.time() - _UNUSED_S
        for path in self._directory.iterdir():
            if path.suffix in {".lexicon", ".new"}:
                with suppress(OSError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()
