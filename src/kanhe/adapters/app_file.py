"""Applications that may use the service, in a file: names, and hashes of their keys.

A key is shown once, when it is made; here only its SHA-256 is kept, which is enough, because a key
is 256 random bits and nobody can try them all. A key is found by its hash, so the time it takes
tells nothing about the keys there are. Refused: names that are taken or are no names, and a file
that is not in our form: then no key is good, rather than some.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from kanhe.adapters.disk import Disk
from kanhe.errors import SettingsError
from kanhe.terms import Secret

APPS = "apps.json"
"""Name of the file in the data directory."""

PREFIX = "kanhe-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Application:
    """One application: its name, the hash of its key in hex, when it was made, how the key ends."""

    name: str
    sha256: str
    created: datetime
    ends: str


class AppFile:
    """The applications of one file, for the commands that change it.

    Args:
        path: The file; its folder is made when the first application is.
        clock: Gives the instant at which an application is made, aware.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path, self._clock = path, clock

    def all(self) -> tuple[Application, ...]:
        """Give the applications in the order in which they were made.

        Raises:
            SettingsError: The file cannot be read, or is not in our form.
        """
        try:
            return read_apps(self._path)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unusable(error) from error

    def add(self, name: str) -> Secret:
        """Make an application and give its key, which cannot be had again.

        Raises:
            SettingsError: The name is taken or is none, or the file cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"{name!r} is no name of an application",
                advice="Use up to 64 letters, digits, dots, hyphens and underscores.",
            )
        key = Secret(PREFIX + secrets.token_urlsafe(32))
        with self._locked() as apps:
            if any(app.name == name for app in apps):
                raise SettingsError(
                    f"there is an application {name!r} already",
                    advice="Choose another name, or revoke that one first.",
                )
            ends = key.reveal()[-4:]
            apps.append(Application(name, digest(key.reveal()), self._clock(), ends))
        return key

    def revoke(self, name: str) -> None:
        """Forget an application: its key is good for nothing from the next second on.

        Raises:
            SettingsError: There is none of that name, or the file cannot be written.
        """
        with self._locked() as apps:
            left = [app for app in apps if app.name != name]
            if len(left) == len(apps):
                raise SettingsError(
                    f"there is no application {name!r}",
                    advice="`kanhe app list` names those there are.",
                )
            apps[:] = left

    @contextmanager
    def _locked(self) -> Iterator[list[Application]]:
        """Give the applications to be changed; write them when the block ends well."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                apps = list(self.all())
                yield apps
                self._write(apps)
            finally:
                os.close(lock)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"the applications in {self._path} cannot be used: {error.strerror}",
            advice="Run this as the user that the service runs as.",
        )

    def _write(self, apps: list[Application]) -> None:
        disk, aside = Disk(), self._path.with_suffix(".new")
        disk.remove(aside)
        disk.write_synced(aside, msgspec.json.format(msgspec.json.encode(apps)), 0o600)
        disk.rename(aside, self._path)
        disk.sync_directory(self._path.parent)


class Applications:
    """Who may use the service now: the file's applications, and keys given for this run only.

    A change of the file is seen within a second, without a restart. While the file cannot be read,
    the applications last read stay; while it is not in our form, none of them is let in.

    Args:
        path: The file, see `AppFile`.
        keys: Further keys, good while this object lives.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        path: Path,
        keys: Iterable[Secret] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._clock = path, clock
        self._given = {
            digest(key.reveal()): "command-line" if n == 1 else f"command-line-{n}"
            for n, key in enumerate(keys, 1)
        }
        self._by_hash: dict[str, str] = {}
        self._seen: tuple[int, int, int] | None = None
        self._looked = float("-inf")
        self.trouble: str | None = None
        """What is wrong with the file, if anything is."""
        self._look()

    def find(self, key: str) -> str | None:
        """Give the name of the application whose key this is; None: no such key."""
        if self._clock() - self._looked >= 1.0:
            self._look()
        hashed = digest(key)
        name = self._given.get(hashed) or self._by_hash.get(hashed)
        if name is None:
            # It may have been made a moment ago. A look costs no more than what a guess costs us.
            self._look()
            name = self._by_hash.get(hashed)
        return name

    def __len__(self) -> int:
        """How many applications there are."""
        return len(self._given) + len(self._by_hash)

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen == self._seen:
                return
            self._by_hash = {app.sha256: app.name for app in read_apps(self._path)}
            self._seen, self.trouble = seen, None
        except FileNotFoundError:
            self._seen, self._by_hash, self.trouble = None, {}, None
        except OSError as error:
            # No file descriptor left, perhaps: those known stay, and we look again in a second.
            self._seen, self.trouble = None, f"{self._path}: {error.strerror}"
        except SettingsError as error:
            self._seen, self._by_hash, self.trouble = None, {}, str(error)


def digest(key: str) -> str:
    """Give the hash by which a key is kept."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def read_apps(path: Path) -> tuple[Application, ...]:
    """Read the applications of a file.

    Raises:
        OSError: It is not there, or cannot be read.
        SettingsError: It is not in our form.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Application, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the applications in {path} are not in our form: {error}",
            advice="Put the file back from a backup, or remove it and add the applications again.",
        ) from error
