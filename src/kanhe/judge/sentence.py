"""What the encoder itself makes of a sentence, untuned, and a head over it.

The tuned tower knows what it was taught and forgets what it was not; this one still knows how
sentences resemble each other. The two err on different texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kanhe.judge.head import Head
from kanhe.judge.tower import FEATURES, WINDOWS, Arrays, Floats, Layout, rise

UNITS = 320
SENTENCE = FEATURES + UNITS + 512
"""Features of a sentence: the mean of its pieces', the encoder's inner layer, its embedding."""

TOP = ("sum", "sum_b", "d0", "d1", "d2", "d3", "p1", "p3")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The encoder's own arrays, named as by `arrays_of`, and a head over `SENTENCE` features."""

    arrays: Arrays
    head: Head

    def logits(self, layout: Layout, rows: Floats) -> Floats:
        """Give texts × outputs; `rows` are the encoder's own, unshifted."""
        return self.head.logits(features(layout, rows, self.arrays))


def arrays_of(package: Arrays) -> dict[str, Floats]:
    """Name the arrays of the encoder's package as `tower.py` and `features` name them.

    Raises:
        KeyError: The package has another form.
    """
    sizes = [size for size, _ in WINDOWS]
    found = {
        "proj": np.concatenate([package[f"proj{n}"] for n in sizes], 1),
        "proj_b": np.concatenate([package[f"proj_b{n}"] for n in sizes]),
        "ln1_g": np.concatenate([package[f"ln_g{n}"] for n in sizes]),
        "ln1_b": np.concatenate([package[f"ln_b{n}"] for n in sizes]),
        "ln2_g": package["ln_g"],
        "ln2_b": package["ln_b"],
        "sum": package["cnn_W"],
        "sum_b": package["cnn_b"],
    }
    for n in sizes:
        found |= {f"a_{n}": package[f"w1_{n}"], f"a_{n}_b": package[f"b1_{n}"]}
        found |= {f"b_{n}": package[f"w2_{n}"], f"b_{n}_b": package[f"b2_{n}"]}
    found |= {name: package[name] for name in TOP if name not in found}
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def tower_part(arrays: Mapping[str, Floats]) -> dict[str, Floats]:
    """Give the arrays that `tower.rise` takes: what tuning starts from."""
    return {name: array for name, array in arrays.items() if name not in TOP}


def features(layout: Layout, rows: Floats, arrays: Arrays) -> Floats:
    """Give texts × `SENTENCE`."""
    means = rise(layout, rows, arrays).pooled[:, :FEATURES]
    inner, embedding = top(means, layout.lengths.astype(np.float32)[:, None], arrays)
    return np.concatenate([means, inner, embedding], 1)


def top(means: Floats, lengths: Floats, arrays: Arrays) -> tuple[Floats, Floats]:
    """Give the encoder's inner layer (`UNITS`) and its embedding (512, of length 1).

    Args:
        means: Texts × `FEATURES`.
        lengths: Pieces of each text; a column.
        arrays: As `arrays_of` names them.
    """
    summed = (means * lengths) @ arrays["sum"] + lengths * arrays["sum_b"]
    summed /= np.sqrt(lengths)
    first = np.maximum(summed @ arrays["d0"], 0)
    inner = np.maximum(summed @ arrays["p1"] + first @ arrays["d1"], 0)
    last = np.maximum(inner @ arrays["d2"], 0)
    embedding = np.tanh(inner @ arrays["p3"] + last @ arrays["d3"])
    size = np.sqrt(np.einsum("ij,ij->i", embedding, embedding))[:, None]
    return inner, embedding / np.maximum(size, np.float32(1e-6))
