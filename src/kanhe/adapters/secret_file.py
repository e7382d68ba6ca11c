"""Random keys in files of their own: made on first use, for their owner's eyes only.

Refused: a file that others can read, and one that does not hold what was put there.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.errors import SettingsError
from kanhe.terms import Secret

_BYTES = 32


def random_key(path: Path) -> bytes:
    """Give the 32 random bytes kept at `path`; they are made if the file is not there.

    Raises:
        SettingsError: It cannot be read or made, is open to others, or is damaged.
    """
    try:
        if not path.exists():
            _create(path, secrets.token_bytes(_BYTES).hex())
    except OSError as error:
        raise _unusable(path, error) from error
    return kept_key(path)


def kept_key(path: Path) -> bytes:
    """Give the 32 random bytes kept at `path`, which somebody else may have put there.

    Raises:
        SettingsError: It cannot be read, is open to others, or is damaged.
    """
    try:
        key = bytes.fromhex(_read(path))
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from error
    if len(key) != _BYTES:
        raise _unusable(path, ValueError(f"it holds {len(key)} bytes, not {_BYTES}"))
    return key


def random_password(path: Path, prefix: str) -> Secret:
    """Give the password kept at `path`, which begins with `prefix`; it is made if there is none.

    Raises:
        SettingsError: It cannot be read or made, is open to others, or is damaged.
    """
    try:
        if not path.exists():
            _create(path, prefix + secrets.token_urlsafe(_BYTES))
        text = _read(path)
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from error
    if not text.startswith(prefix) or len(text) < len(prefix) + _BYTES:
        raise _unusable(path, ValueError(f"it does not hold {prefix}…"))
    return Secret(text)


def _read(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise SettingsError(
            f"the key {path} can be read by others",
            advice=f"Run `chmod 600 {path}`, and ask who may have copied it.",
        )
    return path.read_text(encoding="ascii").strip()


def _create(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    disk, aside = Disk(), path.with_name(path.name + ".new")
    disk.remove(aside)
    disk.write_synced(aside, f"{text}\n".encode(), 0o600)
    disk.rename(aside, path)
    disk.sync_directory(path.parent)


def _unusable(path: Path, error: OSError | ValueError) -> SettingsError:
    why = error.strerror if isinstance(error, OSError) else error
    return SettingsError(
        f"the key {path} cannot be used: {why}",
        advice="Let the service's user own the directory; a damaged key comes from the backup.",
    )
