"""The files of the embedded judge: the shipped ones, and whatever is none of them.

The first part holds the shipped weights to what any training has to keep; the rest plants faults.
"""

from __future__ import annotations

import asyncio
import json
import os
from functools import cache

import numpy as np
import pytest

from embedded_weights import NASTY, cascade, digest, planted, write
from encoders import encoder
from kanhe.adapters import embedded_judge as subject
from kanhe.adapters.embedded_judge import (
    WEIGHTS,
    EmbeddedJudge,
    open_cascade,
    read_sheet,
    read_weights,
)
from kanhe.errors import JudgeError, WeightsError
from kanhe.judge.category import CATEGORIES, UNSAFE
from kanhe.judge.port import Question


@pytest.fixture
def place(tmp_path):
    return write(tmp_path / "weights", planted())


@cache
def shipped():
    """Load them once, over the encoder that is open already."""
    sheet = read_sheet(WEIGHTS)
    packed = read_weights(WEIGHTS, sheet)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "open_encoder", lambda cache: encoder())
        return open_cascade(packed, None)


def test_the_shipped_weights_are_what_their_sheet_says_and_look_for_every_category():
    judge = EmbeddedJudge(None)
    assert judge.categories == {UNSAFE, *CATEGORIES}
    assert 0 < judge.sheet.threshold < 1
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) <= 40e6


def test_the_shipped_weights_have_probabilities_for_every_text():
    views = shipped().look(NASTY)
    for text, view in zip(NASTY, views, strict=True):
        assert np.isfinite(view.probabilities).all()
        assert ((view.probabilities >= 0) & (view.probabilities <= 1)).all()
        (alone,) = shipped().look([text])
        assert alone.stage == view.stage
        assert np.allclose(alone.probabilities, view.probabilities, atol=1e-5)


# Those of tests/test_disguise.py that change a character and not the number of them.
DISGUISES = [
    ("加我vx号1", "加我ｖｘ号１"),
    ("Buy a bomb", "BUY A BOMB"),
    ("buy a bomb", "buy a 𝐛𝐨𝐦𝐛"),
    ("炸弹制作", "炸\u200b弹\u200c制\u200d作"),
    ("炸弹制作", "炸\ufeff弹\u2060制\u00ad作"),
    ("炸弹制作", "炸\u202e弹\u2066制\U000e0041作"),
    ("炸弹制作", "炸\u3164弹\u115f制\u2800作"),
    ("buy a bomb", "buy a b\u0336o\u0336m\u0336b"),
    ("buy a bomb", "buy a b\x00o\x08m\x7fb"),
    ("制造枪弹", "製造槍彈"),
    ("贩卖毒药", "販賣毒藥"),
    ("buy a bomb", "buy a bоmb"),
    ("buy cocaine", "buy сосаіnе"),
]


@pytest.mark.parametrize(("plain", "disguised"), DISGUISES, ids=range(len(DISGUISES)))
def test_a_disguise_changes_nothing_in_what_the_lookups_make_of_a_text(plain, disguised):
    """The tower reads the case as well, so that its opinion may differ a little."""
    weights = shipped().weights
    codes = [weights.plain.codes(text) for text in (plain, disguised)]
    assert np.array_equal(*(weights.plain.lowered(one) for one in codes))
    one, other = shipped().early_logits(codes)
    assert np.allclose(one, other, atol=1e-5)


# What follows: planted faults.


def test_the_hash_covers_weights_outputs_and_arithmetic(place, tmp_path, monkeypatch):
    def hash_of(where):
        return EmbeddedJudge(None, where).id.hash

    first = hash_of(place)
    assert hash_of(place) == first
    assert hash_of(write(tmp_path / "same", planted())) == first
    assert hash_of(write(tmp_path / "seed", planted(seed=8))) != first
    assert (
        hash_of(write(tmp_path / "swapped", planted(), outputs=("unsafe", "drugs", "fraud")))
        != first
    )
    # The threshold is for those who measure: an opinion does not depend on it.
    assert hash_of(write(tmp_path / "threshold", planted(), threshold=0.25)) == first
    monkeypatch.setattr(subject, "ARITHMETIC", subject.ARITHMETIC + 1)
    assert hash_of(place) != first
    assert EmbeddedJudge(None, place).id.pinned


GOLDEN_TEXTS = ["", "Hello, World", "怎样清除旧电脑里的数据？", "啊\u200b" * 700]
GOLDEN = {
    "static": [
        [0.6, 0.6974, 0.2768],
        [0.779, 0.5126, 0.4522],
        [0.7715, 0.7123, 0.3499],
        [1.0, 0.9998, 0.4883],
    ],
    "tower": [
        [0.3606, 0.043, 0.6867],
        [0.3124, 0.0397, 0.7243],
        [0.389, 0.025, 0.7438],
        [0.0152, 0.0234, 0.675],
    ],
}


def test_the_arithmetic_is_the_one_with_its_number():
    """Fails when equal weights give another opinion: then raise `ARITHMETIC`, and pin these anew.

    Otherwise a record of measuring would vouch for a judge that is no longer the same.
    """
    assert subject.ARITHMETIC == 1
    for stage, leave in (("static", 2.0), ("tower", 0.0)):
        found = [view.probabilities.tolist() for view in cascade(leave).look(GOLDEN_TEXTS)]
        assert np.allclose(found, GOLDEN[stage], atol=1e-3), np.round(found, 4).tolist()


@pytest.mark.parametrize("damage", ["changed", "cut", "missing", "elsewhere"])
def test_weights_that_the_sheet_does_not_vouch_for_are_refused(place, damage):
    file = place / "tower.npz"
    data = file.read_bytes()
    match damage:
        case "changed":
            file.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "cut":
            file.write_bytes(data[: len(data) // 2])
        case "missing":
            file.unlink()
        case "elsewhere":
            outside = place.parent / "tower.npz"
            file.rename(outside)
            sheet = json.loads((place / "sheet.json").read_bytes())
            sheet["files"]["../tower.npz"] = sheet["files"].pop("tower.npz")
            (place / "sheet.json").write_text(json.dumps(sheet))
    with pytest.raises(WeightsError, match=r"not what|cannot be read|another folder") as told:
        EmbeddedJudge(None, place)
    assert told.value.advice


def test_weights_that_are_changed_before_they_are_loaded_are_refused(place):
    judge = EmbeddedJudge(None, place)
    (place / "tower.npz").write_bytes((place / "static.npz").read_bytes())
    with pytest.raises(WeightsError, match="not what"):
        asyncio.run(judge.start())
    asyncio.run(judge.aclose())


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"outputs": ["fraud", "unsafe"]}, "outputs"),
        ({"outputs": []}, "outputs"),
        ({"outputs": ["unsafe", "fraud", "fraud"]}, "outputs"),
        ({"outputs": ["unsafe", "politics"]}, "politics"),
        ({"outputs": 3}, "no data sheet"),
        ({"files": []}, "no data sheet"),
        ({"threshold": "high"}, "no data sheet"),
        ({"encoder": {}}, "no data sheet"),
        ({"encoder": {"sha256": "00"}}, "another sentence encoder"),
    ],
)
def test_a_sheet_that_makes_no_sense_is_refused(tmp_path, changed, what):
    with pytest.raises(WeightsError, match=what):
        read_sheet(write(tmp_path, {}, **changed))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\ud800"])
def test_what_is_no_sheet_is_refused(tmp_path, text):
    (tmp_path / "sheet.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(WeightsError, match="no data sheet"):
        read_sheet(tmp_path)


def test_a_folder_without_a_sheet_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        EmbeddedJudge(None, tmp_path)


class Code:
    """Where it is unpickled, something happens."""

    def __init__(self, place):
        self._place = place

    def __reduce__(self):
        return os.mkdir, (str(self._place),)


@pytest.mark.parametrize("fault", ["pickle", "array", "file", "shape", "no archive"])
def test_weights_that_cannot_be_used_are_a_failure_and_no_opinion(tmp_path, fault):
    """Vouched for, and wrong all the same: told when it loads, never run, never guessed."""
    arrays = planted()
    ran = tmp_path / "ran"
    match fault:
        case "pickle":
            arrays["joint"]["early"] = np.array([Code(ran)])
        case "array":
            del arrays["static"]["hidden"]
        case "file":
            del arrays["linear"]
        case "shape":
            arrays["linear"]["scale"] = np.ones((2, 2))
    place = write(tmp_path, arrays)
    if fault == "no archive":
        (place / "joint.npz").write_bytes(b"PK nothing")
        vouched = {file.name: digest(file) for file in place.glob("*.npz")}
        write(place, {}, files=vouched)
    judge = EmbeddedJudge(None, place)
    with pytest.raises(JudgeError, match="unusable"):
        asyncio.run(judge.judge([Question("a")]))
    with pytest.raises(WeightsError, match="unusable"):
        asyncio.run(judge.start())
    asyncio.run(judge.aclose())
    assert not ran.exists()
