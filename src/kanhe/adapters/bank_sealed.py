"""Sealed banks at the edge: sealed with fresh randomness, committed to, opened on the record.

An opening is on the ledger before anything of it is shown. What was not committed to before is not
opened here: afterwards nobody could say that the questions were not chosen to fit the answers.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kanhe.adapters.bank_folder import write_whole
from kanhe.adapters.bank_store import KEY, SEALED, Opening, sealed_bytes, shipped, unsealed
from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.record_door import record
from kanhe.adapters.secret_file import random_key
from kanhe.assess.bank_fact import COMMITTED, REVEALED, committed_facts, revealed_facts
from kanhe.assess.bank_file import read_bank
from kanhe.assess.bank_seal import NONCE_BYTES, SALT_BYTES, Opened, Randomness, commitment_of, seal
from kanhe.errors import AssessError, RequestError
from kanhe.status.picture import Seen, Unsound


@dataclass(frozen=True, slots=True)
class Asked:
    """Who opens a sealed bank, why, and which item alone; without an item: all of it."""

    person: str
    reason: str
    item: str = ""


def seal_folder(files: Mapping[str, bytes], out: Path) -> tuple[str, Path]:
    """Seal the files of a bank into `out`; give the commitment, and where its key is.

    Raises:
        FaultyBank: They are no bank.
        RequestError: Something is there already, or cannot be written.
    """
    read_bank(files)
    key = out.with_suffix(KEY)
    for path in (out, key):
        if path.exists():
            # Whoever writes over a key has lost the bank that it opens.
            raise RequestError(f"{path} is there already", advice="Choose another name.")
    fresh = Randomness(
        random_key(key), secrets.token_bytes(NONCE_BYTES), secrets.token_bytes(SALT_BYTES)
    )
    raw, commitment = seal(files, fresh)
    write_whole(out, raw)
    return commitment, key


def commit_sealed(data: Path, origin: str, path: Path, owner: str) -> tuple[str, int]:
    """Put the commitment of a sealed bank on the ledger; give it, and the number of the entry.

    Raises:
        FaultyBank: It is no sealed bank.
        KanheError: It could not be recorded.
    """
    commitment = commitment_of(sealed_bytes(path), str(path))
    return commitment, record(
        data, origin, COMMITTED, committed_facts(commitment, path.stem, owner)
    )


def commitments(data: Path) -> dict[str, Seen]:
    """Give the first entry of each commitment that stands on the ledger.

    Raises:
        LedgerError: The ledger's key cannot be read.
        AssessError: It cannot be believed.
    """
    found: dict[str, Seen] = {}
    for one in _seen(data, COMMITTED):
        found.setdefault(str(one.facts.get("commitment")), one)
    return found


def require_committed(data: Path, names: Sequence[str | Path]) -> dict[str, str]:
    """See that each sealed bank among `names` was committed to; give commitments by name.

    To be called before a run asks anything. Banks that are not sealed are passed over.

    Raises:
        AssessError: One was not.
        FaultyBank: One is no sealed bank.
    """
    sealed = {
        str(name): commitment_of(sealed_bytes(Path(name)), str(name))
        for name in names
        if str(name) not in shipped() and str(name).endswith(SEALED)
    }
    known = commitments(data) if sealed else {}
    for name, commitment in sealed.items():
        _require(name, commitment, known)
    return sealed


def reveal(
    data: Path, origin: str, path: Path, asked: Asked, opening: Opening | None = None
) -> tuple[Opened, int]:
    """Open a sealed bank on the record; give what it holds, and the number of the entry.

    Raises:
        AssessError: It was not committed to before.
        FaultyBank: It does not open with this key, or is not what was committed to.
        KanheError: The opening could not be recorded; then nothing is given.
    """
    commitment = commitment_of(sealed_bytes(path), str(path))
    seen = _require(str(path), commitment, commitments(data))
    opened = unsealed(path, opening)
    if asked.item and asked.item not in _ids(opened):
        raise RequestError(
            f"the bank has no item {asked.item[:120]!r}", advice="Reveal it whole to see its items."
        )
    facts = revealed_facts(
        commitment, str(seen.facts["bank"]), asked.person, asked.reason, asked.item
    )
    return opened, record(data, origin, REVEALED, facts)


def _ids(opened: Opened) -> frozenset[str]:
    bank = read_bank(opened.files)
    return frozenset(one.id for one in (*bank.items, *bank.pending))


def reveals(data: Path) -> Sequence[Seen]:
    """Give every opening that stands on the ledger, oldest first.

    Raises:
        LedgerError: The ledger's key cannot be read.
        AssessError: It cannot be believed.
    """
    return _seen(data, REVEALED)


def _seen(data: Path, tag: str) -> Sequence[Seen]:
    # One that was there and is gone is not none: its key remembers, and the view will say so.
    if not (data / "ledger").is_dir() and not (data / "keys" / "ledger.signed").is_file():
        return ()
    view = open_view(data, alone=True)
    try:
        picture = view.picture()
    finally:
        view.close()
    if isinstance(picture.soundness, Unsound):
        raise AssessError(
            f"the ledger cannot be believed: {picture.soundness.why}",
            advice="`kanhe ledger verify` names the first entry that does not follow.",
        )
    return picture.all(tag)


def _require(name: str, commitment: str, known: Mapping[str, Seen]) -> Seen:
    if commitment not in known:
        raise AssessError(
            f"{name} was not committed to: its commitment is not on the ledger",
            advice="Before anything of it is asked: "
            f"`kanhe assess banks commit {name} --owner NAME`.",
        )
    return known[commitment]
