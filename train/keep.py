"""What is written: arrays as `.npz` without pickle, always the same bytes for the same arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Named = Mapping[str, NDArray[Any]]

_SPRING = (1980, 1, 1, 0, 0, 0)
LEVELS = 31
"""Whole numbers that a shift may take on either side of 0: more are not heard, fewer pack less."""


def archive(arrays: Named) -> bytes:
    """Give an `.npz` whose bytes depend on nothing but the arrays and their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in sorted(arrays):
            raw = io.BytesIO()
            np.lib.format.write_array(raw, np.asarray(arrays[name], order="C"), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _SPRING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, raw.getvalue(), compresslevel=9)
    return out.getvalue()


def keep(files: Mapping[str, Named], out: Path) -> dict[str, str]:
    """Write one archive a file; gives their SHA-256 by name."""
    out.mkdir(parents=True, exist_ok=True)
    digests = {}
    for name, arrays in files.items():
        packed = archive(arrays)
        (out / f"{name}.npz").write_bytes(packed)
        digests[f"{name}.npz"] = sha256(packed).hexdigest()
    return digests


def flat(files: Mapping[str, Named]) -> dict[str, NDArray[Any]]:
    """Give the arrays by `<file>/<array>`, as `judge/cascade.py` takes them."""
    return {f"{file}/{name}": a for file, arrays in files.items() for name, a in arrays.items()}


def shifts(rows: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Keep the shifts of pieces that have one, in whole numbers."""
    most = np.abs(rows).max(1)
    ids = np.flatnonzero(most > 0)
    scales = (most[ids] / LEVELS).astype(np.float32)
    steps = np.round(rows[ids] / scales[:, None]).astype(np.int8)
    return {"ids": ids.astype(np.int32), "steps": steps, "scales": scales}


def halves(arrays: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float16]]:
    """Give arrays in half precision, which is what is shipped."""
    return {name: array.astype(np.float16) for name, array in arrays.items()}
