"""Benign prose: some of it is learnt from, the rest measures false alarms on ordinary text.

Only parts of the streams under CC0, MIT or Apache-2.0 are learnt from; see `TAUGHT`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kanhe.judge.labelled import Row
from kanhe.judge.split import Part, part_of
from train.rows import Example

TAUGHT = (
    "standardebooks/arthur-conan-doyle", "python/peps", "rust-lang/book", "d2l-ai/d2l-zh",
)  # fmt: skip
"""How the sources begin that are learnt from (CC0-1.0, MIT or Apache-2.0)."""

SHARE = 0.3
_TAUGHT_EACH = {"en": 1000, "zh": 1500}
_MEASURED_EACH = 250
_SENTENCE = re.compile(r"[^.!?。！？\n]{6,}[.!?。！？”’]*")


def prose(folder: Path, random: np.random.Generator) -> Iterator[Example]:
    """Give passages of one to three sentences from `benign_<lang>.txt` in a folder."""
    for file in sorted(folder.glob("benign_*.txt")):
        lang = file.stem.removeprefix("benign_")
        raw = file.read_bytes()
        begin = 0
        for source in json.loads(file.with_suffix(".sources.json").read_text("utf-8")):
            part = raw[begin : begin + source["bytes"]].decode("utf-8", "ignore")
            begin += source["bytes"]
            learnt = source["source"].startswith(TAUGHT)
            many = _TAUGHT_EACH.get(lang, 1000) if learnt else _MEASURED_EACH
            for text in _passages(part, many, random):
                row = Row(text, lang, "post", False, "benign/prose", source=source["source"])
                if learnt:
                    yield Example(row, f"benign_prose_{lang}", Part.TRAIN, True, (), SHARE)
                else:
                    kept = Part.CALIBRATION if part_of(row) is Part.CALIBRATION else Part.TEST
                    yield Example(row, f"benign_prose_{lang}", kept, True, (), 0.0, "licence")


def _passages(part: str, many: int, random: np.random.Generator) -> Iterator[str]:
    sentences = [match[0].strip() for match in _SENTENCE.finditer(part)]
    if not sentences:
        return
    for at in random.permutation(len(sentences))[:many].tolist():
        length = int(random.integers(1, 4))
        yield " ".join(sentences[at : at + length])[:600]
