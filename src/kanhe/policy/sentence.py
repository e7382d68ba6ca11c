"""Where a sentence ends, decided as the text comes in: the units that judges look at.

An end is seen without looking ahead, so that a sentence can be asked about the moment it is
complete. What follows it (a closing quotation mark, a second exclamation mark) opens the next unit
and is not asked about by itself: it has nothing to say. A unit never grows beyond `MOST`
characters, so that no text is held for longer than that.

The cuts depend on the text alone, never on how it was cut into pieces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MOST = 240
"""Characters of the longest unit: some four lines of Chinese."""

_ROOM = 80
"""Characters before `MOST` in which a pause is looked for: better cut at a comma than in a word."""

_ENDS = frozenset("。！？；…｡\n\r\u2028\u2029\u0085")
_LATIN_ENDS = (".", "!", "?")
_ASKING = frozenset("!?")
_PAUSES = frozenset("，、：,:;）)】」』”’ \t　")
_CLOSERS = "\"'”’」』）)】]"
_NEAR = 8
"""Characters through which a full stop is seen behind closing marks."""

_FIRST_CJK = "⺀"
_PICTURES = frozenset({"So", "Co", "Cn"})
"""Symbols, and what fonts draw for characters that Unicode has not named, or not yet."""

_FIRST_EMOJI = "\U0001f000"

_ESCAPE = re.compile(r"\\{1,8}(?:u[0-9a-fA-F]{0,3})?\Z")
_LONGEST_ESCAPE = 12


class Cutter:
    """Cut one text into units."""

    def __init__(self) -> None:
        self._open = ""

    @property
    def open(self) -> str:
        """What has come of the unit that is not complete yet."""
        return self._open

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; give each unit that it completes."""
        held, self._open = self._open, self._open + text
        at, start = len(held), 0
        text = self._open
        while at < len(text):
            at += 1
            if _ends(text, at, start):
                yield text[start:at]
                start = at
            elif at - start == MOST:
                cut = _pause(text, start, at)
                yield text[start:cut]
                # What stands after the pause has no end in it, or it would have been cut there.
                start = cut
        self._open = text[start:]

    def finish(self) -> str:
        """Say that the text is complete; give the last unit, which may be empty."""
        last, self._open = self._open, ""
        return last


def says_something(unit: str) -> bool:
    """Say whether a unit has anything to judge: a letter, a digit, or a picture.

    Pictures are also letters in circles, radicals and Braille, in which whole words can be written.
    """
    return any(
        c.isalnum() or c >= _FIRST_EMOJI or unicodedata.category(c) in _PICTURES for c in unit
    )


def units_of(text: str) -> Iterator[str]:
    """Cut a text that is complete."""
    cutter = Cutter()
    yield from cutter.feed(text)
    if last := cutter.finish():
        yield last


def _ends(text: str, at: int, start: int) -> bool:
    """Say whether a unit from `start` on ends before position `at`."""
    last = text[at - 1]
    if last in _ENDS:
        return True
    if last in _ASKING:
        # `?` after a Chinese character ends; in an address nothing does.
        return at - 2 >= start and text[at - 2] >= _FIRST_CJK
    if not last.isspace():
        return False
    before = text[max(start, at - _NEAR) : at - 1].rstrip(_CLOSERS)
    return before[-1:] in _LATIN_ENDS


def _pause(text: str, start: int, end: int) -> int:
    """Give where to cut a unit that has become too long: after its last pause, if one is near."""
    for at in range(end, max(end - _ROOM, start), -1):
        if text[at - 1] in _PAUSES:
            return at
    # Nor in the middle of `\\u8bc8`, which the judge is shown as the character that it stands for.
    escape = _ESCAPE.search(text, max(end - _LONGEST_ESCAPE, start + 1), end)
    return escape.start() if escape else end
