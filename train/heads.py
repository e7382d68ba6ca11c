"""The head over what the untuned encoder makes of sentences: features once, then a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kanhe.judge.head import Head, sigmoid
from kanhe.judge.sentence import SENTENCE, features
from kanhe.judge.tower import Arrays, Floats, lay
from train.lift import head_down, head_up
from train.targets import Targets
from train.tune import HEAD, Adam, Rows, by_length, kept_mask

_BUDGET = 1024
_WARM_STEPS = 50
_FEW = np.float32(1e-3)


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How the head is trained; the names are those of `Tuning`."""

    units: int = 256
    epochs: float = 12.0
    batch: int = 256
    rate: float = 1e-3
    drop: float = 0.55
    smoothing: float = 0.05
    decay: float = 0.05


def sentences(pieces: Sequence[Sequence[int]], rows: Rows, arrays: Arrays) -> Floats:
    """Give texts × `SENTENCE` features."""
    found = np.zeros((len(pieces), SENTENCE), np.float32)
    for chosen in by_length(pieces, _BUDGET):
        layout = lay([pieces[i] for i in chosen])
        found[chosen] = features(layout, rows(layout.pieces) * layout.filled, arrays)
    return found


def fit_head(
    taught: tuple[Floats, Targets, Floats], plan: HeadPlan, random: np.random.Generator
) -> Head:
    """Train a head on features, targets and how often each row is to be seen."""
    seen, targets, shares = taught
    mean, spread = seen.mean(0), seen.std(0) + _FEW
    arrays = _fresh(seen.shape[1], targets.wanted.shape[1], plan, random)
    adam = Adam(arrays)
    steps = max(1, int(plan.epochs * float(shares.sum()) / plan.batch))
    chances = shares.astype(np.float64) / shares.sum(dtype=np.float64)
    for step in range(steps):
        chosen = random.choice(len(seen), plan.batch, p=chances)
        part = Targets(targets.wanted[chosen], targets.weights[chosen])
        inputs = (seen[chosen] - mean) / spread
        pace = plan.rate * min(1.0, (step + 1) / _WARM_STEPS) * (1 - step / steps)
        _step(arrays, (inputs, part), (adam, plan, random), np.float32(pace))
    # What was taken from the features before training is folded into the first layer.
    hidden = arrays["hidden"] / spread[:, None]
    shift = arrays["hidden_b"] - mean @ hidden
    return Head(hidden, shift, arrays["out"], arrays["out_b"])


def _step(
    arrays: dict[str, Floats],
    taught: tuple[Floats, Targets],
    tools: tuple[Adam, HeadPlan, np.random.Generator],
    pace: np.float32,
) -> None:
    (inputs, targets), (adam, plan, random) = taught, tools
    kept = kept_mask(inputs.shape, plan.drop, random)
    kept_units = kept_mask((len(inputs), plan.units), plan.drop, random)
    logits, trace = head_up(inputs, arrays, kept, kept_units)
    wanted = targets.wanted + (1 - 2 * targets.wanted) * np.float32(plan.smoothing)
    slope = (sigmoid(logits) - wanted) * targets.weights / np.float32(len(inputs))
    _, grads = head_down(slope, trace, arrays)
    adam.begin()
    for name, at in grads.items():
        step = adam.step(name, at)
        if name in ("hidden", "out"):
            step = step + np.float32(plan.decay) * arrays[name]
        arrays[name] -= pace * step


def _fresh(
    inputs: int, outputs: int, plan: HeadPlan, random: np.random.Generator
) -> dict[str, Floats]:
    spread = np.float32(1 / np.sqrt(inputs))
    values = (
        random.standard_normal((inputs, plan.units), np.float32) * spread,
        np.zeros(plan.units, np.float32),
        random.standard_normal((plan.units, outputs), np.float32) * np.float32(0.1),
        np.zeros(outputs, np.float32),
    )
    return dict(zip(HEAD, values, strict=True))
