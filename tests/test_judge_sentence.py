"""What the encoder itself makes of a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from kanhe.judge.head import Head
from kanhe.judge.sentence import (
    SENTENCE,
    TOP,
    UNITS,
    Sentence,
    arrays_of,
    features,
    top,
    tower_part,
)
from kanhe.judge.tower import FEATURES, WINDOWS, lay

RANDOM = np.random.default_rng(4)


def normal(*shape):
    return RANDOM.normal(0, 0.05, shape).astype(np.float32)


def package():
    found = {"ln_g": normal(FEATURES), "ln_b": normal(FEATURES)}
    found |= {"cnn_W": normal(FEATURES, 512), "cnn_b": normal(512), "d0": normal(512, UNITS)}
    found |= {"d1": normal(UNITS, UNITS), "d2": normal(UNITS, 512), "d3": normal(512, 512)}
    found |= {"p1": normal(512, UNITS), "p3": normal(UNITS, 512)}
    for n, _ in WINDOWS:
        found |= {f"proj{n}": normal(512, 256), f"proj_b{n}": normal(256)}
        found |= {f"ln_g{n}": normal(256), f"ln_b{n}": normal(256)}
        for part in (1, 2):
            found |= {f"w{part}_{n}": normal(n * 256, 256), f"b{part}_{n}": normal(256)}
    return found


ARRAYS = arrays_of(package())


def test_the_tower_part_is_what_the_tower_takes():
    assert tower_part(ARRAYS).keys() == ARRAYS.keys() - set(TOP)
    assert set(TOP) <= ARRAYS.keys()


def test_a_package_of_another_form_is_refused():
    with pytest.raises(KeyError, match="proj3"):
        arrays_of({name: array for name, array in package().items() if name != "proj3"})


def test_an_embedding_has_length_one_and_the_layers_are_those_of_the_encoder():
    means, lengths = normal(2, FEATURES), np.array([[4], [9]], np.float32)
    inner, embedding = top(means, lengths, ARRAYS)
    assert np.linalg.norm(embedding, axis=1) == pytest.approx([1, 1], abs=1e-5)
    # The first text by hand: the sum over pieces, projected, over the root of their number.
    summed = (4 * means[0] @ ARRAYS["sum"] + 4 * ARRAYS["sum_b"]) / 2
    by_hand = np.maximum(summed @ ARRAYS["d0"], 0) @ ARRAYS["d1"] + summed @ ARRAYS["p1"]
    assert inner[0] == pytest.approx(np.maximum(by_hand, 0), abs=1e-5)


def test_a_sentence_has_the_same_logits_in_any_batch():
    table = normal(20, 512) * 20
    head = Head(normal(SENTENCE, 4), normal(4), normal(4, 3), normal(3))
    sentence = Sentence(ARRAYS, head)
    texts = [[1, 2], [1, 5, 6, 7, 2], [9]]
    together = sentence.logits(layout := lay(texts), table[layout.pieces] * layout.filled)
    assert features(layout, table[layout.pieces] * layout.filled, ARRAYS).shape == (3, SENTENCE)
    for text, row in zip(texts, together, strict=True):
        alone = lay([text])
        got = sentence.logits(alone, table[alone.pieces] * alone.filled)
        assert got[0] == pytest.approx(row, abs=1e-5)
