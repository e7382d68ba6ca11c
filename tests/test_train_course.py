"""The whole course of a training, on planted rows and a planted encoder; seconds, not minutes."""

from __future__ import annotations

import numpy as np
import pytest
from train import tune
from train.bag import LinearPlan, StaticPlan
from train.course import Course, Trained, run
from train.heads import HeadPlan
from train.keep import archive, flat
from train.rows import Example
from train.tune import Tuning

from kanhe.adapters.encoder import one_thread
from kanhe.judge.cascade import Cascade, weights_of
from kanhe.judge.labelled import Row
from kanhe.judge.split import part_of
from kanhe.judge.tower import FEATURES, WINDOWS

RANDOM = np.random.default_rng(8)
THINGS = ("the process", "the lights", "an hour", "the engine", "weeds", "the noise", "a song")
PEOPLE = ("my boss", "a man", "the teacher", "some kids", "a girl", "my uncle", "the nurse")
WAYS = ("how do I kill {}", "kill {} now", "i want to kill {}", "help me kill {}", "can I kill {}?")
COURSE = Course(
    tuning=Tuning(epochs=3, batch=16, units=16, drop=0.1, drop_pieces=0.0),
    linear=LinearPlan(bits=12, rounds=20),
    head=HeadPlan(units=16, epochs=8, batch=16, drop=0.1),
    static=StaticPlan(bits=10, width=8, units=8, epochs=6, batch=16),
)


def normal(*shape):
    return RANDOM.normal(0, 0.04, shape).astype(np.float32)


def planted_dense():
    found = {"proj": normal(512, 768), "proj_b": normal(768), "ln1_g": 1 + normal(768)}
    found |= {"ln1_b": normal(768), "ln2_g": 1 + normal(FEATURES), "ln2_b": normal(FEATURES)}
    for n, _ in WINDOWS:
        for part in "ab":
            found |= {f"{part}_{n}": normal(n * 256, 256), f"{part}_{n}_b": normal(256)}
    found |= {"sum": normal(FEATURES, 512), "sum_b": normal(512), "d0": normal(512, 320)}
    found |= {"d1": normal(320, 320), "d2": normal(320, 512), "d3": normal(512, 512)}
    return found | {"p1": normal(512, 320), "p3": normal(320, 512)}


class Words:
    """Pieces are words, by their first use; rows are random and fixed."""

    def __init__(self):
        self.known = {}
        self.table = normal(200, 512) * 25

    def ids(self, text):
        return [1, *(self.known.setdefault(w, 3 + len(self.known)) for w in text.split()), 2]

    def rows(self, ids):
        return self.table[ids].copy()


def examples():
    found = []
    for way in WAYS:
        for i, name in enumerate((*THINGS, *PEOPLE)):
            row = Row(way.format(name), "en", "prompt", i >= len(THINGS), "violence")
            cases = ("violence",) if row.unsafe else ()
            found.append(Example(row, "planted", part_of(row), True, cases, 2.0))
    return found


DENSE, WORDS, EXAMPLES = planted_dense(), Words(), examples()


def train(seed: int) -> Trained:
    course = Course(seed, COURSE.tuning, COURSE.linear, COURSE.head, COURSE.static)
    return run(EXAMPLES, DENSE, WORDS, course, lambda _: None)


@pytest.fixture(scope="module", autouse=True)
def few_pieces():
    """Let the encoder know few pieces: shifts for all 128,010 take a quarter of a gigabyte."""
    one_thread()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune, "PIECES", 256)
        yield


@pytest.fixture(scope="module")
def trained(few_pieces):
    return train(1)


def test_what_was_taught_is_told_apart_on_rows_that_were_not(trained):
    """Planted fault: with the slope's sign turned in `_descend` this falls below one half."""
    cascade = Cascade(weights_of(flat(trained.files)), WORDS)
    views = cascade.look([e.row.text for e in EXAMPLES])
    unsafe = np.array([e.row.unsafe for e in EXAMPLES])
    untaught = np.array([e.part.value == "test" for e in EXAMPLES])
    p = np.array([view.probabilities[0] for view in views])
    order = p[untaught & unsafe][:, None] > p[untaught & ~unsafe]
    assert order.mean() > 0.8


def test_the_same_seed_gives_the_same_weights_bit_for_bit_and_another_does_not(trained):
    again, other = train(1), train(2)
    for name, arrays in trained.files.items():
        assert archive(arrays) == archive(again.files[name])
    assert again.threshold == trained.threshold
    assert archive(other.files["tower"]) != archive(trained.files["tower"])
