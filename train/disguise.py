"""Disguises of rows that are learnt from: what a writer does to a text so that a filter misses it.

Both labels are disguised alike, so that a disguise by itself says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from kanhe.judge.split import Part
from train.rows import Example

PORTION = 0.12
"""Of the rows that are learnt from, how many are learnt disguised as well."""
SHARE = 0.5
_LONGEST = 120
_BETWEEN = (" ", ".", "-", "*", "·", "_")
_JUNK = "!@#$%^&*()[]{};:|~`+=\\/<>"
_SYLLABLES = (
    "describ", "ing", "similarly", "Now", "write", "opposite", "ley", "Me", "giv", "ONE", "please",
    "revert", "with", "sure", "here", "table", "step", "two", "plain", "sideways", "then", "flip",
    "请", "确定", "然后", "反面", "列表", "写成", "以上", "输出", "标题", "好的", "其实", "顺便",
)  # fmt: skip


def disguised(examples: Sequence[Example], random: np.random.Generator) -> Iterator[Example]:
    """Give disguised copies of some of the short rows that are learnt from."""
    ways: tuple[Callable[[str, np.random.Generator], str], ...]
    ways = (_spaced, _typed, _shouted, _suffixed, _suffixed)
    for example in examples:
        fit = example.part is Part.TRAIN and example.share > 0 and not example.left
        if fit and len(example.row.text) <= _LONGEST and random.random() < PORTION:
            text = ways[int(random.integers(len(ways)))](example.row.text, random)
            if text != example.row.text:
                row = replace(example.row, text=text)
                yield replace(example, row=row, share=SHARE, name=f"disguised:{example.name}")


def _spaced(text: str, random: np.random.Generator) -> str:
    """Part the characters of a stretch."""
    mark = _BETWEEN[int(random.integers(len(_BETWEEN)))]
    begin = int(random.integers(0, max(1, len(text) - 4)))
    end = begin + int(random.integers(3, 12))
    return text[:begin] + mark.join(text[begin:end]) + text[end:]


def _typed(text: str, random: np.random.Generator) -> str:
    """Swap, drop or double a few characters."""
    letters = list(text)
    for _ in range(1 + len(letters) // 15):
        at = int(random.integers(0, max(1, len(letters) - 1)))
        match int(random.integers(3)):
            case 0:
                letters[at : at + 2] = reversed(letters[at : at + 2])
            case 1:
                del letters[at : at + 1]
            case _:
                letters[at:at] = letters[at : at + 1]
    return "".join(letters) or text


def _shouted(text: str, random: np.random.Generator) -> str:
    return text.upper() + "!" * int(random.integers(0, 4))


def _suffixed(text: str, random: np.random.Generator) -> str:
    """Put noise behind, of the kind that a search for adversarial suffixes finds."""
    parts = []
    for _ in range(int(random.integers(6, 16))):
        junk = "".join(
            _JUNK[int(random.integers(len(_JUNK)))] for _ in range(int(random.integers(0, 3)))
        )
        parts.append(_SYLLABLES[int(random.integers(len(_SYLLABLES)))] + junk)
    glue = " " if random.random() < 0.7 else ""
    return f"{text} {glue.join(parts)}"
