"""A report as values: headings, words, tables, drawings, places to sign; no form of file yet.

What a report says is composed once and then set as a page, on paper, or for a word processor, so
that all of them say the same. Text is text everywhere: nothing in here is markup, and characters
that would not be seen, or would turn the line around, are shown by their number (`visible`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from kanhe.report.svg import Element
from kanhe.status.verdict import Standing


class Tone(StrEnum):
    """How a text stands out; never by its colour alone, the words say it too."""

    PLAIN = "plain"
    QUIET = "quiet"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 or 2; `number` as it is counted, `3` or `3.2`. `fresh`: on a new page of paper."""

    level: int
    number: str
    text: str
    fresh: bool = False

    @property
    def anchor(self) -> str:
        """Give a name for links."""
        return f"s{self.number.replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences one below the other."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be typed or compared, in letters of one width."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """The conclusion: one line large, some below it, with the mark that says the same."""

    standing: Standing
    tone: Tone
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `below`: a smaller line under it; `mono`: hashes; `mark`: the tally before it."""

    text: str
    below: str = ""
    tone: Tone = Tone.PLAIN
    mono: bool = False
    mark: Standing | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """`weight`: its share of the width against the others; `right`: numbers."""

    title: str
    weight: float = 1.0
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; every row has as many cells as there are columns."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.caption!r} does not fit its {len(self.columns)}")


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values side by side."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing; `said` tells in words what it shows, for who cannot see it."""

    element: Element
    said: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where one person signs. `signed`: lines on an electronic signature that is there."""

    role: str
    fields: tuple[str, ...]
    signed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signing:
    """Places to sign, side by side."""

    places: tuple[Place, ...]


Worded: TypeAlias = Heading | Words | Points | Code
Shown: TypeAlias = Box | Table | Facts | Drawing | Signing
Block: TypeAlias = Worded | Shown


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes:
        language: `zh` or `en`.
        foot: What stands at the foot of every page.
        contents: Title of the table of contents.
        page: The word before the number of a page.
        made: The instant that the files say they were made at; aware.
    """

    language: str
    title: str
    subtitle: str
    foot: str
    contents: str
    page: str
    made: datetime
    cover: tuple[Block, ...]
    blocks: tuple[Block, ...]

    @property
    def headings(self) -> tuple[Heading, ...]:
        """Give the chapters."""
        return tuple(one for one in self.blocks if isinstance(one, Heading) and one.level == 1)


def numbered(sections: Iterable[tuple[str, Sequence[Block]]], deeper: int = 0) -> list[Block]:
    """Put sections one after the other and count their headings; one without blocks is left out.

    Args:
        sections: Each its title and what stands in it; headings in there are of level 2.
        deeper: How many chapters come before.
    """
    found: list[Block] = []
    for title, blocks in sections:
        if not blocks:
            continue
        deeper += 1
        first, inner = blocks[0], 0
        fresh = isinstance(first, Heading) and first.fresh
        found.append(Heading(1, str(deeper), title, fresh))
        for block in blocks:
            if isinstance(block, Heading):
                inner += 1
                # A chapter and its first section begin on one page.
                own = block.fresh and inner > 1
                found.append(replace(block, number=f"{deeper}.{inner}", fresh=own))
            else:
                found.append(block)
    return found


# Controls, what is no character, and all that turns the direction of writing or has no width.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Show every character: what hides or turns the line around is told by its number."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
