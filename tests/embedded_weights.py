"""Weights of the embedded judge from a seed: of the right form, small, and without any sense."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from encoders import encoder
from kanhe.adapters.encoder_files import DIGEST
from kanhe.judge.cascade import Cascade, weights_of
from kanhe.judge.plain import COVERED
from kanhe.judge.sentence import SENTENCE, UNITS
from kanhe.judge.tower import FEATURES, POOLED, ROW, WIDTH, WINDOWS

OUTPUTS = ("unsafe", "fraud", "drugs")
ZERO_WIDTH = 0x200B
NASTY = [
    "",
    " ",
    "\0",
    "\0\0\0",
    "a",
    "你好",
    "👍👍👍🏽👨\u200d👩\u200d👧",
    "\ud800",
    "a\udfffb\ud800\udc00",
    "\u200b\u200b",
    "\ufeff",
    "混合 mixed متن текст ภาษา 漢字かな 🎉",
    "How do I wipe an old disk?",
    "怎样安全地清除旧电脑里的数据？",
    "１２３ ①②③ ㍿ ﷺ ½",
    "e\u0301\u0302\u0303" * 20,
    "\u202eabc\u2066def\U000e0041",
    "炸\u200b弹\u200c制\u200d作",
    "b\u0336o\u0336m\u0336b",
    "𠮷𩸽" * 50,
    "\U0010ffff\ue000\ufffe",
    "啊" * 3000,
    "word " * 2000,
    "。" * 5000,
]
"""Texts that have broken something somewhere."""

_BITS, _DIMENSIONS, _HIDDEN = 12, 8, 4


Named = dict[str, np.ndarray]


class Chance:
    """Arrays from a seed, each called for in the same order."""

    def __init__(self, seed: int) -> None:
        self.numbers = np.random.default_rng(seed)

    def some(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        return (self.numbers.standard_normal(shape) * scale).astype(np.float32)

    def head(self, features: int) -> Named:
        return {
            "hidden": self.some(features, _HIDDEN, scale=features**-0.5),
            "hidden_b": self.some(_HIDDEN),
            "out": self.some(_HIDDEN, len(OUTPUTS)),
            "out_b": self.some(len(OUTPUTS)),
        }

    def table(self, *more: int) -> np.ndarray:
        numbers = self.numbers.integers(-40, 41, ((1 << _BITS) + 1, *more)).astype(np.int8)
        numbers[-1] = 0
        return numbers

    def tower(self) -> Named:
        arrays = {"proj": self.some(ROW, 3 * WIDTH, scale=0.05), "proj_b": self.some(3 * WIDTH)}
        for name, size in (("ln1", 3 * WIDTH), ("ln2", FEATURES)):
            arrays[f"{name}_g"] = 1 + self.some(size, scale=0.1)
            arrays[f"{name}_b"] = self.some(size, scale=0.1)
        for name, (size, _) in itertools.product("ab", WINDOWS):
            arrays[f"{name}_{size}"] = self.some(size * WIDTH, WIDTH, scale=0.03)
            arrays[f"{name}_{size}_b"] = self.some(WIDTH, scale=0.1)
        return arrays

    def top(self) -> Named:
        """Give what stands above a tower in the sentence's part."""
        sizes = {
            "sum": (FEATURES, ROW), "sum_b": (ROW,), "d0": (ROW, UNITS), "d1": (UNITS, UNITS),
            "d2": (UNITS, ROW), "d3": (ROW, ROW), "p1": (ROW, UNITS), "p3": (UNITS, ROW),
        }  # fmt: skip
        return {name: self.some(*size, scale=0.03) for name, size in sizes.items()}

    def joint(self, leave: float) -> Named:
        lines = ("early_slope", "early_shift", "late_slope", "late_shift")
        joint = {name: self.some(len(OUTPUTS)) for name in lines}
        return joint | {"early": self.some(3), "late": self.some(4), "leave": np.float32(leave)}

    def shifts(self) -> Named:
        return {
            "ids": np.array([5, 900], np.int32),
            "steps": self.numbers.integers(-31, 32, (2, ROW)).astype(np.int8),
            "scales": np.full(2, 0.01, np.float32),
        }


@cache
def _planted(seed: int) -> dict[str, Named]:
    chance = Chance(seed)
    wide = {"table": chance.table(_DIMENSIONS), "scale": np.float32(0.02)}
    return {
        "fold": {"table": folding()},
        "linear": {"table": chance.table(), "scale": np.float32(0.02), "shift": np.float32(-0.1)},
        "static": {**wide, **chance.head(_DIMENSIONS)},
        "tower": {**chance.tower(), **chance.head(POOLED)},
        "sentence": {**chance.tower(), **chance.top(), **chance.head(SENTENCE)},
        "shifts": chance.shifts(),
        "joint": chance.joint(0.0),
    }


def planted(*, leave: float = 0.5, seed: int = 7) -> dict[str, Named]:
    """Give arrays by file and name; texts below the probability `leave` do not see the tower."""
    arrays = {file: dict(named) for file, named in _planted(seed).items()}
    arrays["joint"]["leave"] = np.float32(leave)
    return arrays


def folding() -> np.ndarray:
    """Give a fold that drops the zero-width space, and lowers ASCII in its second row."""
    table = np.tile(np.arange(COVERED, dtype=np.uint32), (2, 1))
    table[:, [0, ZERO_WIDTH]] = 0
    table[1, ord("A") : ord("Z") + 1] += 32
    return table


def write(place: Path, arrays: dict[str, Named], **changed: object) -> Path:
    """Write weights and a sheet that vouches for them; `changed` replaces what it says."""
    place.mkdir(parents=True, exist_ok=True)
    for name, named in arrays.items():
        np.savez(place / f"{name}.npz", **named)
    sheet = {
        "outputs": OUTPUTS,
        "threshold": 0.5,
        "files": {f.name: digest(f) for f in sorted(place.glob("*.npz"))},
        "encoder": {"sha256": DIGEST},
    }
    (place / "sheet.json").write_text(json.dumps(sheet | changed), encoding="utf-8")
    return place


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@cache
def cascade(leave: float = 0.5) -> Cascade:
    """Give the planted weights over the real encoder."""
    return Cascade(weights_of(flat(planted(leave=leave))), encoder())


@cache
def halved() -> Cascade:
    """Give the same, so that half of the nasty texts see the tower."""
    early = [view.probabilities[0] for view in cascade(2.0).look(NASTY)]
    return Cascade(replace(cascade().weights, leave=float(np.median(early))), encoder())


def flat(arrays: dict[str, Named]) -> dict[str, np.ndarray]:
    """Name arrays by file and name, as the cascade wants them."""
    return {f"{file}/{name}": a for file, named in arrays.items() for name, a in named.items()}
