"""Drills: sentences made from frames, so that a dangerous word is met beside harmless objects.

They are exercise, never evidence: every one of them is learnt from and none is measured on. A frame
is filled at random, each combination at most once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kanhe.judge.labelled import Row
from kanhe.judge.split import Part
from train.rows import Example

EACH = 160
"""Sentences of each label that an idea gives at most, unless it says `each` itself."""

SHARE = 1.0
_SLOT = re.compile(r"\{([a-z0-9]+)\}")
_TRIES = 8


def drills(folder: Path, random: np.random.Generator, each: int = EACH) -> Iterator[Example]:
    """Give the sentences of every file in a folder, e.g. `en.toml`; the name is the language.

    Raises:
        ValueError: A file names a list that it does not have.
    """
    for file in sorted(folder.glob("*.toml")):
        given = tomllib.loads(file.read_text("utf-8"))
        for idea in given["idea"]:
            lists = {**given.get("lists", {}), **idea}
            for label in ("safe", "unsafe"):
                for text in _filled(idea[label], lists, random, idea.get("each", each)):
                    yield _example(text, file.stem, unsafe=label == "unsafe")


def _filled(
    frames: Sequence[str],
    lists: Mapping[str, Sequence[str]],
    random: np.random.Generator,
    each: int,
) -> Iterator[str]:
    seen: set[str] = set()
    for _ in range(each * _TRIES):
        text = _fill(frames[int(random.integers(len(frames)))], lists, random)
        if text not in seen:
            seen.add(text)
            yield text[:1].upper() + text[1:]
        if len(seen) == each:
            return


def _fill(frame: str, lists: Mapping[str, Any], random: np.random.Generator) -> str:
    def drawn(match: re.Match[str]) -> str:
        choices = lists.get(match[1])
        if not choices:
            raise ValueError(f"no list {match[1]!r} for the frame {frame!r}")
        return str(choices[int(random.integers(len(choices)))])

    # A drawn phrase may have a slot of its own.
    while _SLOT.search(frame):
        frame = _SLOT.sub(drawn, frame)
    return frame


def _example(text: str, lang: str, *, unsafe: bool) -> Example:
    row = Row(text, lang, "prompt", unsafe, "none")
    return Example(row, f"drill:{lang}", Part.TRAIN, True, (), SHARE)
