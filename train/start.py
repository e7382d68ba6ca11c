"""Where the tower starts: the encoder's own arrays, under our names."""

from __future__ import annotations

import numpy as np

from kanhe.judge.tower import WINDOWS, Arrays, Floats


def dense_of(package: Arrays) -> dict[str, Floats]:
    """Give the tower of the encoder's package as `judge/tower.py` names it.

    Raises:
        KeyError: The package has another form.
    """
    sizes = [size for size, _ in WINDOWS]
    arrays = {
        "proj": np.concatenate([package[f"proj{n}"] for n in sizes], 1),
        "proj_b": np.concatenate([package[f"proj_b{n}"] for n in sizes]),
        "ln1_g": np.concatenate([package[f"ln_g{n}"] for n in sizes]),
        "ln1_b": np.concatenate([package[f"ln_b{n}"] for n in sizes]),
        "ln2_g": package["ln_g"],
        "ln2_b": package["ln_b"],
    }
    for n in sizes:
        arrays |= {f"a_{n}": package[f"w1_{n}"], f"a_{n}_b": package[f"b1_{n}"]}
        arrays |= {f"b_{n}": package[f"w2_{n}"], f"b_{n}_b": package[f"b2_{n}"]}
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}
