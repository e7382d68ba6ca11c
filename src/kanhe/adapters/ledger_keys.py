"""The ledger's signing key on disk, and its public half beside the log.

Made on first use, readable by its owner only. Losing it does not harm what is recorded, but nothing
can be added under the same name, so the operator is told to back it up. Refused: a key that others
can read, and a key of another name than the log's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.errors import LedgerError
from kanhe.ledger.note import Signer, VerifierKey

VERIFIER_KEY = "verifier.key"
"""Name of the file in the ledger's directory that holds the public key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The key, and what the operator has to be told if it has just been made (else empty)."""

    signer: Signer
    warning: str


def load_or_create(path: Path, origin: str) -> Keys:
    """Read the private key at `path`, or make one for the log named `origin`.

    Raises:
        LedgerError: It cannot be read or made, is open to others, or is another log's.
    """
    try:
        return _load(path, origin) if path.exists() else _create(path, origin)
    except OSError as error:
        raise LedgerError(
            f"the ledger's key {path} cannot be read or made: {error.strerror}",
            advice="Let the service's user own the directory, or give another path for the key.",
        ) from error


def load_verifier(text_or_path: str) -> VerifierKey:
    """Read a public key given as its text, or as the name of a file that holds it.

    Raises:
        LedgerError: It is neither.
    """
    path = Path(text_or_path)
    try:
        text = path.read_text() if path.is_file() else text_or_path
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(
            f"the key file {path} cannot be read: {error}",
            advice="Give the public key itself, or the ledger's `verifier.key`.",
        ) from error
    return VerifierKey.parse(text)


def _load(path: Path, origin: str) -> Keys:
    if path.stat().st_mode & 0o077:
        raise LedgerError(
            f"the ledger's key {path} can be read by others",
            advice=f"Run `chmod 600 {path}`, and ask who may have copied it.",
        )
    signer = Signer.parse(path.read_text())
    if signer.name != origin:
        raise LedgerError(
            f"the key {path} signs for {signer.name!r}, the ledger is {origin!r}",
            advice="Set the origin back, or start a new ledger with a new key.",
        )
    return Keys(signer, "")


def _create(path: Path, origin: str) -> Keys:
    signer = Signer(origin, secrets.token_bytes(32))
    path.parent.mkdir(parents=True, exist_ok=True)
    disk, aside = Disk(), path.with_name(path.name + ".new")
    disk.remove(aside)
    disk.write_synced(aside, f"{signer.text}\n".encode(), 0o600)
    disk.rename(aside, path)
    disk.sync_directory(path.parent)
    return Keys(
        signer,
        f"A new key signs this ledger: {path}. Back it up now, apart from the ledger: without it "
        f"nothing can be added under the name {origin}. Its public half, to hand out: "
        f"{signer.verifier()}",
    )
