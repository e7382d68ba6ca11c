"""Banks of questions as they lie on disk: shipped ones by name, folders, sealed files with a key.

Read whole before anything is asked; of all banks of an assessment all faults are told at once. The
other shipped data of an assessment is read here too, once. Refused: a bank of another regime, two
banks under one id, a sealed bank without its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from kanhe.adapters.secret_file import kept_key
from kanhe.assess.bank import Bank
from kanhe.assess.bank_file import BYTES, HEAD, read_bank
from kanhe.assess.bank_seal import Opened, commitment_of, unseal
from kanhe.assess.choice_file import read_choices
from kanhe.assess.fairness import Choice
from kanhe.assess.frame_file import read_frames
from kanhe.assess.privacy import Probe, Template
from kanhe.assess.probe_file import read_probes
from kanhe.assess.refusal import Detector
from kanhe.assess.refusal_file import measured, read_detector, read_labelled
from kanhe.assess.robustness import Frame
from kanhe.assess.swap_file import Swap, read_swaps
from kanhe.errors import Fault, FaultyBank
from kanhe.judge.counts import Flagged
from kanhe.judge.identity_file import read_identities
from kanhe.yaml_source import meant

_IDENTITIES = "judges/identities.yaml"
_FOLDER = Path(str(files("kanhe"))) / "banks"

SEALED = ".sealed"
"""How the name of a sealed bank ends; its key stands beside it under the same name with KEY."""

KEY = ".key"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a sealed bank is opened: the file of its key, and the commitment published before.

    Without a commitment that of the file counts, which somebody else has to hold against the
    ledger.
    """

    key: Path
    commitment: str = ""


def shipped() -> tuple[str, ...]:
    """Name the banks that are shipped, as `REGIME/BANK`."""
    return tuple(sorted(
        head.parent.relative_to(_FOLDER).as_posix() for head in _FOLDER.glob(f"*/*/{HEAD}")
    ))  # fmt: skip


def open_banks(
    names: Sequence[str | Path], regime: str, keys: Mapping[str, Opening] | None = None
) -> tuple[Bank, ...]:
    """Open the banks of an assessment, in the order of their names.

    Args:
        names: Shipped ones (`shipped`), folders with a `bank.yaml`, sealed files.
        regime: Under which is assessed; empty: any bank is taken.
        keys: For sealed banks, by name; else the key stands beside the file.

    Raises:
        FaultyBank: Something is wrong with one of them, or with them together; it names all of it.
    """
    found: list[Bank] = []
    faults: list[Fault] = []
    for name in map(str, names):
        try:
            bank = _open(name, (keys or {}).get(name))
        except FaultyBank as error:
            faults += error.faults
        else:
            faults += _unfit(name, bank, regime, [one.id for one in found])
            found.append(bank)
    if faults:
        raise FaultyBank(faults)
    return tuple(found)


def _unfit(name: str, bank: Bank, regime: str, ids: Sequence[str]) -> Iterable[Fault]:
    where = f"{name}/{HEAD}"
    if regime and bank.regime and bank.regime != regime:
        what = f"`regime` is {bank.regime}, and {regime} is assessed"
        yield Fault(where, 1, "", what, "Take a bank of that regime, or assess under this one.")
    if bank.id in ids:
        yield Fault(where, 1, "", f"another bank is {bank.id!r} too", "Name each bank once.")


def _open(name: str, opening: Opening | None) -> Bank:
    if name in shipped():
        return _shipped(name)
    path = Path(name)
    if path.is_dir():
        return _read(name, folder_files(path))
    if path.is_file():
        return _read(name, unsealed(path, opening).files)
    raise _fault(
        name, "is neither a shipped bank, nor a folder, nor a sealed file",
        f"{meant(name, shipped())} Or give the path of a folder with a {HEAD}.",
    )  # fmt: skip


@cache
def _shipped(name: str) -> Bank:
    return _read(name, folder_files(_FOLDER / name))


def _read(name: str, held: Mapping[str, bytes]) -> Bank:
    try:
        return read_bank(held)
    except FaultyBank as error:
        # "bank.yaml:3" alone would not say which of several banks it is.
        faults = [replace(one, file=f"{name}/{one.file}") for one in error.faults]
        raise FaultyBank(faults) from None


def folder_of(name: str) -> Path:
    """Give the folder of a bank that is none sealed: a shipped one's, or the path itself."""
    return _FOLDER / name if name in shipped() else Path(name)


def folder_files(folder: Path) -> dict[str, bytes]:
    """Read the files of a bank: `bank.yaml` and what ends in `.jsonl`; nothing else of a folder.

    Raises:
        FaultyBank: One cannot be read, or they are too large.
    """
    try:
        paths = [path for path in sorted(folder.iterdir())
                 if path.name == HEAD or path.suffix == ".jsonl"]  # fmt: skip
        if (size := sum(path.stat().st_size for path in paths)) > BYTES:
            raise _fault(str(folder), f"has {size:,} bytes", f"Split it below {BYTES:,}.")
        return {path.name: path.read_bytes() for path in paths}
    except OSError as error:
        raise _unreadable(folder, error) from error


def sealed_bytes(path: Path) -> bytes:
    """Read a sealed bank as it lies there.

    Raises:
        FaultyBank: It cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > 2 * BYTES:
            raise _fault(str(path), "is no sealed bank: it is too large", f"At most {2 * BYTES:,}.")
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def unsealed(path: Path, opening: Opening | None = None) -> Opened:
    """Open a sealed bank.

    Raises:
        FaultyBank: It is none, its key is missing or another one's, or it was exchanged.
        SettingsError: The key can be read by others, or is damaged.
    """
    raw = sealed_bytes(path)
    stated = commitment_of(raw, str(path))
    key = opening.key if opening else path.with_suffix(KEY)
    if not key.is_file():
        raise _fault(str(path), f"its key is not at {key}", "Ask its owner to reveal it.")
    commitment = (opening and opening.commitment) or stated
    return unseal(raw, kept_key(key), commitment, str(path))


def _unreadable(path: Path, error: OSError) -> FaultyBank:
    return _fault(str(path), f"cannot be read: {error.strerror}", "Check who may read it.")


def _fault(where: str, what: str, advice: str) -> FaultyBank:
    return FaultyBank([Fault(where, 1, "", what, advice, "bank")])


def _bytes(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def frames() -> tuple[Frame, ...]:
    """Give the shipped frames in which refused questions are put again."""
    return read_frames(_bytes("frames.yaml"), "frames.yaml")


def probes(seed: int) -> tuple[Probe, ...]:
    """Give the shipped probes for leaks, with what the seed plants in them."""
    return tuple(one.probe(seed) for one in _templates())


@cache
def _templates() -> tuple[Template, ...]:
    return read_probes(_bytes("probes.yaml"), "probes.yaml")


@cache
def choices() -> tuple[Choice, ...]:
    """Give the shipped multiple-choice items."""
    return read_choices(_bytes("scenes.yaml"), "scenes.yaml")


@cache
def swaps() -> tuple[Swap, ...]:
    """Give the shipped requests about every group, and about nobody in particular."""
    groups = read_identities((_FOLDER.parent / _IDENTITIES).read_bytes(), _IDENTITIES)
    return read_swaps(_bytes("swaps.yaml"), "swaps.yaml", groups)


@cache
def detector() -> Detector:
    """Give the detector of refusals with the shipped words."""
    return read_detector(_bytes("refusals.yaml"), "refusals.yaml")


@cache
def detector_measured() -> Flagged:
    """Say how the shipped detector does on the held-out replies; it was not tuned on them."""
    rows = read_labelled(_bytes("refusals.jsonl"), "refusals.jsonl")
    return measured(detector(), (row for row in rows if row.held))
