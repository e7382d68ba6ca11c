"""The disk as the ledger uses it: every step that can fail or be cut off by a power loss, by name.

A port of its own so that a test can fail each step in turn and see what the next start makes of it.
Nothing is retried and nothing is hidden: an OSError is for the caller.
"""

from __future__ import annotations

import os
from pathlib import Path


class Disk:
    """The real one."""

    def open_journal(self, path: Path) -> int:
        """Create or empty a file for durable appends; give its descriptor.

        With O_DSYNC a write returns only when its data, and the size needed to read it, are on
        the medium: write and fdatasync in one call, so that the writer's thread gives up and
        takes back the interpreter's lock once a batch and not twice.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_DSYNC | os.O_CLOEXEC
        return os.open(path, flags, 0o640)

    def append(self, fd: int, data: bytes) -> None:
        """Write all of `data` durably."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]

    def cut(self, fd: int, size: int) -> None:
        """Cut the file back to `size` bytes."""
        os.ftruncate(fd, size)

    def close(self, fd: int) -> None:
        """Close a descriptor."""
        os.close(fd)

    def write_synced(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """Write a new file and its content to the medium; its name is not yet durable."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        fd = os.open(path, flags, mode)
        try:
            self.append(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its final name, in place of what had it; not yet durable."""
        source.replace(target)

    def sync_directory(self, path: Path) -> None:
        """Make the names in a directory durable."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def make_directory(self, path: Path) -> None:
        """Make one directory, durably, if it is not there."""
        try:
            path.mkdir(mode=0o755)
        except FileExistsError:
            return
        self.sync_directory(path.parent)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there; not durable, so whoever calls must bear its return."""
        path.unlink(missing_ok=True)

    def remove_directory(self, path: Path) -> None:
        """Remove an empty directory."""
        path.rmdir()
