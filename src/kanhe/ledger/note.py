"""Signed notes: a text, and who signed it. C2SP signed-note, with Ed25519 keys.

A note is worth nothing until a signature by a key that the reader already holds has been checked;
`opened` is the only way to a text that may be trusted. Refused are notes without such a signature,
notes in which a known key's signature is wrong, and any spelling that the format does not allow.
Cosignatures of witnesses (C2SP tlog-cosignature v1, Ed25519) are a second type of signature line.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kanhe.errors import LedgerError

MOST_SIGNATURES = 64
"""Signature lines that a note may carry; the format asks for at least 16."""

_DASH = "\N{EM DASH} "
_SECRET = "PRIVATE+KEY+"  # noqa: S105 - the format's prefix, not a key


class Kind(IntEnum):
    """What a key signs, and how: the format's signature type byte."""

    LOG = 0x01
    WITNESS = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that checks signature lines; as text `name+id+base64(kind || key)`."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell a name's keys apart; not a fingerprint to trust."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a key from its text.

        Raises:
            LedgerError: It is no verifier key, or of a type that is not known here.
        """
        name, kind, public = _parse_key(text.strip(), text.strip())
        if kind not in tuple(Kind):
            raise _no_key(text, f"type {kind} is not known")
        key = cls(name, Kind(kind), public)
        if str(key) != text.strip():
            raise _no_key(text, f"its id should be {key.id.hex()}")
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        """Say whether this key made `signature` (without the key id) for `text`."""
        message = text.encode()
        if self.kind is Kind.WITNESS:
            when, signature = int.from_bytes(signature[:8]), signature[8:]
            message = f"cosignature/v1\ntime {when}\n".encode() + message
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with its name. It has no `repr` that would show it."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def text(self) -> str:
        """The key as it is kept in a file: `PRIVATE+KEY+name+id+base64(kind || seed)`."""
        key = base64.b64encode(bytes([Kind.LOG]) + self.seed).decode()
        return f"{_SECRET}{self.name}+{self.verifier().id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read a key from its text.

        Raises:
            LedgerError: It is no private key in this form. The message does not show the text.
        """
        stripped = text.strip()
        name, kind, seed = _parse_key(stripped.removeprefix(_SECRET), "the private key")
        signer = cls(name, seed)
        if kind != Kind.LOG or signer.text != stripped:
            raise _no_key("the private key", "type or id is wrong")
        return signer

    def verifier(self, kind: Kind = Kind.LOG) -> VerifierKey:
        """Give the public half, for signatures of `kind`."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, kind, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Give the signature line for `text`, with its newline."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return _line(self.name, self.verifier().id + signature)

    def cosign(self, text: str, when: int) -> str:
        """Give a witness's line: at `when` (POSIX) this was the latest checkpoint it knew."""
        message = f"cosignature/v1\ntime {when}\n{text}".encode()
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        return _line(self.name, self.verifier(Kind.WITNESS).id + when.to_bytes(8) + signature)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims to have signed, with which key, and the bytes."""

    name: str
    id: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read. Nothing of it has been checked but its form."""

    text: str
    signatures: tuple[Signature, ...]


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a key.

    Raises:
        LedgerError: The name is empty, or holds a space, a `+` or a control character.
    """
    bad = any(c.isspace() or c == "+" or unicodedata.category(c) == "Cc" for c in name)
    if bad or not name:
        raise LedgerError(
            f"{name!r} cannot name a key",
            advice="Use the log's address without its scheme, such as ledger.example.com/kanhe.",
        )


def parse(raw: bytes) -> Note:
    """Read a note's form.

    Raises:
        LedgerError: It is no signed note.
    """
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise _no_note("it is not UTF-8") from error
    if any(char < " " and char != "\n" for char in whole):
        raise _no_note("it holds control characters")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise _no_note("no signature lines stand after a blank line")
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise _no_note(f"{len(signatures)} signatures, more than {MOST_SIGNATURES}")
    return Note(text + "\n", signatures)


def opened(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Check the signatures by keys that are known; signatures by others are passed over.

    Returns:
        The keys that signed, in the order of `keys`; never empty.

    Raises:
        LedgerError: A known key's signature is wrong, or none of the keys signed.
    """
    made = {
        key: [s for s in note.signatures if (s.name, s.id) == (key.name, key.id)] for key in keys
    }
    for key, signatures in made.items():
        if not all(key.signed(note.text, signature.blob) for signature in signatures):
            raise _no_note(f"the signature by {key.name} is wrong")
    signed = tuple(key for key, signatures in made.items() if signatures)
    if not signed:
        names = ", ".join(f"{key.name}+{key.id.hex()}" for key in keys)
        raise _no_note(f"it is not signed by {names}")
    return signed


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    blob = _decoded(encoded)
    if not (line.startswith(_DASH) and name and space) or blob is None or len(blob) < 5:
        raise _no_note(f"{line[:40]!r} is no signature line")
    return Signature(name, blob[:4], blob[4:])


def _line(name: str, blob: bytes) -> str:
    return f"{_DASH}{name} {base64.b64encode(blob).decode()}\n"


def _parse_key(text: str, shown: str) -> tuple[str, int, bytes]:
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    check_name(name)
    if key is None or len(key) != 33:
        raise _no_key(shown, "it does not end in 33 bytes of base64")
    return name, key[0], key[1:]


def _decoded(encoded: str) -> bytes | None:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # base64 has several spellings of the same bytes; only the canonical one is a note's.
    return raw if base64.b64encode(raw).decode() == encoded else None


def _no_key(text: str, why: str) -> LedgerError:
    return LedgerError(
        f"{text!r} is no key for signed notes: {why}",
        advice="A verifier key is one line, name+id+base64; the ledger's is in its `verifier.key`.",
    )


def _no_note(why: str) -> LedgerError:
    return LedgerError(
        f"the checkpoint is no note to be trusted: {why}",
        advice="Check that file and key belong to the same ledger; compare with a witness's copy.",
    )
