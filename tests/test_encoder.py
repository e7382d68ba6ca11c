"""The encoder's rows: what the package's own embedding is made of, and safe to ask from threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from encoders import encoder, original
from kanhe.judge.sentence import UNITS, arrays_of, features
from kanhe.judge.tower import FEATURES, lay

TEXTS = [
    "你好",
    "How can I safely wipe an old disk before I give it away?",
    "请问怎样才能把家里的旧电脑数据安全地清除干净，再送给别人使用？",
    "👍",
    "",
    "混合 mixed متن текст",
    "今天天气不错。" * 40,
]


def normed(x, gain, shift, eps):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps) * gain + shift


def embedding(text):
    """Embed one text as the model is defined, slowly, in float64, from our pieces and rows."""
    of = {name: array.astype(np.float64) for name, array in encoder().files.tower.items()}
    rows = encoder().rows(np.array(encoder().ids(text))).astype(np.float64)
    projected = np.hstack([rows @ of[f"proj{n}"] + of[f"proj_b{n}"] for n in (2, 3, 5)])
    gain, shift = (np.hstack([of[f"ln_{p}{n}"] for n in (2, 3, 5)]) for p in "gb")
    parts = np.split(normed(projected, gain, shift, of["eps"]), 3, axis=1)
    branches = [rows]
    for n, left, part in zip((2, 3, 5), (0, 1, 2), parts, strict=True):
        x = part
        for w, b in (("w1", "b1"), ("w2", "b2")):
            padded = np.pad(x, ((left, n - 1 - left), (0, 0)))
            windows = np.hstack([padded[i : i + len(x)] for i in range(n)])
            x = x + np.maximum(windows @ of[f"{w}_{n}"] + of[f"{b}_{n}"], 0)
        branches.append(x)
    features = normed(np.hstack(branches), of["ln_g"], of["ln_b"], of["eps"])
    summed = (features @ of["cnn_W"] + of["cnn_b"]).sum(axis=0) / np.sqrt(len(rows))
    y1 = np.maximum(summed @ of["p1"] + np.maximum(summed @ of["d0"], 0) @ of["d1"], 0)
    z = np.tanh(y1 @ of["p3"] + np.maximum(y1 @ of["d2"], 0) @ of["d3"])
    return z / np.linalg.norm(z)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_package_s_embedding_is_made_of_our_rows_and_its_tower(text):
    """Planted faults: block and row of a piece exchanged, `low` forgotten, no mark at the end."""
    cosine = embedding(text) @ original().encode(text)
    assert cosine > 0.9999


def towered(texts):
    """Embed texts with the judge's own arithmetic over the package's arrays, in float32."""
    layout = lay([encoder().ids(text) for text in texts])
    found = features(layout, encoder().rows(layout.pieces), arrays_of(encoder().files.tower))
    return found[:, FEATURES + UNITS :]


def test_the_judge_s_tower_is_the_package_s_where_it_has_the_same_arrays():
    """Planted faults: a window one place off, no empty places between texts, one norm for each."""
    cosines = np.sum(towered(TEXTS) * original().encode(TEXTS), axis=1)
    assert cosines.min() > 0.9999


def test_rows_are_looked_up_alone_or_together_alike():
    ids = np.array(encoder().ids(TEXTS[2]))
    alone = np.vstack([encoder().rows(ids[i : i + 1]) for i in range(len(ids))])
    assert np.array_equal(alone, encoder().rows(ids))
    assert encoder().rows(ids).dtype == np.float32
    assert encoder().rows(ids[:0]).shape == (0, 512)


def test_threads_asking_at_once_get_what_one_gets():
    def asked(text):
        return encoder().rows(np.array(encoder().ids(text)))

    one = [asked(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        many = list(pool.map(asked, TEXTS * 8))
    assert all(np.array_equal(a, b) for a, b in zip(many, one * 8, strict=True))


def test_matrices_are_computed_on_one_thread():
    encoder()
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}
