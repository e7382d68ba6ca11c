"""Attestations signed with the attester's key, which is made at first use and named on the ledger.

The key lies beside the ledger's and is another one: what people say and what the record vouches for
are not signed alike. Before its first signature counts, it is on record whose key it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kanhe.adapters.ledger_keys import load_or_create
from kanhe.errors import LedgerError
from kanhe.law.regime import Control
from kanhe.ledger.entry import Json
from kanhe.ledger.note import Signer, VerifierKey
from kanhe.status.attestation import Attestation, attested, keys_of, known
from kanhe.status.picture import Picture
from kanhe.status.record import ATTESTED, ATTESTER

_KEY = Path("keys") / "attester.key"
_NAME = "/attester"


def attester_keys(data: Path) -> tuple[VerifierKey, ...]:
    """Give the keys that may sign attestations here: the one on disk, if it was made."""
    path = data / _KEY
    return (Signer.parse(path.read_text()).verifier(),) if path.is_file() else ()


def attester(data: Path, origin: str) -> Signer:
    """Give the attester's key; it is made if it is not there, under the ledger's name.

    Raises:
        LedgerError: It cannot be read or made, or is open to others.
    """
    path = data / _KEY
    return load_or_create(path, _name(path) or origin + _NAME).signer


def _name(path: Path) -> str:
    try:
        return Signer.parse(path.read_text()).name if path.is_file() else ""
    except OSError as error:
        raise LedgerError(
            f"the attester's key {path} cannot be read: {error.strerror}",
            advice="Run this as the service's user.",
        ) from error


def entries_for(
    attestation: Attestation, control: Control, signer: Signer, picture: Picture
) -> tuple[tuple[str, Mapping[str, Json]], ...]:
    """Sign an attestation; give what is to be recorded, in order: the key too, if it is new.

    Raises:
        ValueError: The attestation cannot be written as a text.
    """
    signed = ATTESTED, attested(attestation, control, signer)
    key = signer.verifier()
    if key in keys_of(picture, picture.size):
        return (signed,)
    return (ATTESTER, known(key, attestation.by)), signed
