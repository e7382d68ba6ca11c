"""From features to logits, and from logits to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FAR = np.float32(30.0)


@dataclass(frozen=True, slots=True)
class Head:
    """One hidden layer over features.

    Attributes:
        hidden: Features × units, and `hidden_b` (units).
        out: Units × outputs, and `out_b` (outputs).
    """

    hidden: Floats
    hidden_b: Floats
    out: Floats
    out_b: Floats

    def logits(self, features: Floats) -> Floats:
        """Give texts × outputs from texts × features."""
        units = np.maximum(features @ self.hidden + self.hidden_b, 0)
        logits: Floats = units @ self.out + self.out_b
        return logits


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line by output: logits on the calibration rows, fitted to how often it was so."""

    slope: Floats
    shift: Floats

    def probabilities(self, logits: Floats) -> Floats:
        """Give probabilities in (0, 1)."""
        return sigmoid(logits * self.slope + self.shift)


def sigmoid(x: Floats) -> Floats:
    """Give 1 / (1 + e^-x); beyond ±30 it no longer moves."""
    value: Floats = np.reciprocal(1 + np.exp(-np.clip(x, -_FAR, _FAR)))
    return value
