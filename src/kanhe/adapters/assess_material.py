"""What a run asks from, kept with the run: sealed, whole, as it was when the run was begun.

A bank that is mended later, or a newer version of this program with other questions, must not make
a run unreadable whose answers lie there. Sealed under the key of its answers, since the questions
of a bank may be somebody's secret too.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kanhe.adapters import bank_store
from kanhe.adapters.assess_journal import KEY
from kanhe.adapters.disk import Disk
from kanhe.adapters.secret_file import kept_key, random_key
from kanhe.assess.course import Material
from kanhe.assess.disguise import DISGUISES
from kanhe.assess.plan import Plan
from kanhe.errors import AssessError
from kanhe.yaml_source import meant

MATERIAL = "material"

_NONCE = 12
_BOUND = b"kanhe/material/v1"


def open_material(plan: Plan) -> Material:
    """Open all that a plan asks from, as it is now.

    Raises:
        FaultyBank: Something is wrong with a bank.
        AssessError: The plan names a disguise or a frame that there is not.
    """
    known = (*DISGUISES, *(frame.id for frame in bank_store.frames()))
    if strange := [one for one in plan.parts.variants if one not in known]:
        # Nothing would be asked in it, and a report without it would look like any other.
        raise AssessError(
            f"the plan asks in the variant {strange[0]!r}, which there is not",
            advice=f"{meant(strange[0], known)} Or leave `variants` out: all are asked then.",
        )
    banks = bank_store.open_banks([one.bank for one in plan.draws], plan.regime)
    return Material(banks, bank_store.frames(), bank_store.choices(),
                    bank_store.probes(plan.seed), bank_store.swaps())  # fmt: skip


def keep_material(folder: Path, material: Material) -> None:
    """Keep what a run asks from in its folder.

    Raises:
        OSError: It cannot be written.
        SettingsError: The key of the run cannot be read or made.
    """
    box, nonce = AESGCM(random_key(folder / KEY)), os.urandom(_NONCE)
    plain = zlib.compress(msgspec.msgpack.encode(material), 6)
    disk, beside = Disk(), folder / f".{MATERIAL}"
    disk.write_synced(beside, nonce + box.encrypt(nonce, plain, _BOUND), 0o600)
    disk.rename(beside, folder / MATERIAL)
    disk.sync_directory(folder)


def kept_material(folder: Path) -> Material | None:
    """Give what a run asks from as it was kept; None where an older version kept nothing.

    Raises:
        AssessError: It cannot be opened, or is damaged.
        SettingsError: The key of the run cannot be read.
    """
    path = folder / MATERIAL
    if not path.exists():
        return None
    raw = path.read_bytes()
    try:
        plain = AESGCM(kept_key(folder / KEY)).decrypt(raw[:_NONCE], raw[_NONCE:], _BOUND)
        return msgspec.msgpack.decode(zlib.decompress(plain), type=Material)
    except (InvalidTag, zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise AssessError(
            f"{path} cannot be opened: its key is another one, or it is damaged",
            advice=f"Put it and {KEY} back from a copy; without them the run cannot be read.",
        ) from error
