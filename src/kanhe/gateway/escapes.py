r"""Text inside text: JSON can spell any letter `\uXXXX`, and texts that carry JSON are common.

A guard that read a text as it stands would not know 蓝 in `\u84dd`, nor in `\\u84dd`, JSON within
JSON. So every text is decoded while it streams, and what is released are the raw pieces of the
characters that may be shown. The arguments of a tool call, and an answer that was asked for as
JSON, are JSON for certain: there the short escapes (`\n`, `\/`) are read too.
"""

from __future__ import annotations

import re

from kanhe.gateway.wire import encode
from kanhe.policy.ruleset import Plan
from kanhe.policy.stream import Release, StreamGuard

_DEEPEST = 8
"""Backslashes before a `u` that are still read as an escape: JSON within JSON, four deep."""

_HIGH = r"\\{1,8}u[dD][89abAB][0-9a-fA-F]{2}"
_LOW = r"\\{1,8}u[dD][c-fC-F][0-9a-fA-F]{2}"
_CODE = r"\\{1,8}u[0-9a-fA-F]{4}"
_UNIT = re.compile(f"{_HIGH}{_LOW}|{_CODE}|.", re.DOTALL)
_JSON_UNIT = re.compile(rf"{_HIGH}{_LOW}|{_CODE}|\\.|.", re.DOTALL)
# The longest end of a text that could still become one unit: half an escape, or half a pair.
_UNFINISHED = re.compile(rf"(?<!\\)(?:{_HIGH})?(?:\\+(?:u[0-9a-fA-F]{{0,3}})?)?\Z")
_REACH = 64
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class EscapedGuard(StreamGuard):
    """A guard over the characters that escapes stand for.

    Args:
        plan: What looks at the text.
        json: Whether the text is JSON for certain.
    """

    def __init__(self, plan: Plan, *, json: bool) -> None:
        super().__init__(plan)
        self._json = json
        self._rest = ""
        self._raw: list[str] | None = [] if json else None
        """The raw pieces of the characters that were not released; None while all are their own."""
        self._raw_origin = 0
        self._inside = False
        self._strings: list[bool] = []
        """For each raw piece, whether it stands inside a JSON string."""

    @property
    def held_text(self) -> str:
        """What was taken and not yet released, raw."""
        if self._raw is None:
            return super().held_text + self._rest
        return "".join(self._raw[self._released - self._raw_origin :]) + self._rest

    def feed(self, text: str) -> Release:
        """Take the next piece; see `StreamGuard.feed`."""
        if self._raw is None and not self._rest and "\\" not in text:
            return super().feed(text)
        text, self._rest = self._rest + text, ""
        keep = _unfinished(text)
        if keep:
            text, self._rest = text[:-keep], text[-keep:]
        return self._feed_units(text)

    def _feed_units(self, text: str) -> Release:
        if self._raw is None:
            self._raw, self._raw_origin = list(super().held_text), self._released
        escaped = "\\" in text
        units = (_JSON_UNIT if self._json else _UNIT).findall(text) if escaped else list(text)
        self._raw += units
        if self._json:
            self._note_strings(units)
        release = super().feed("".join(map(_char, units)) if escaped else text)
        gone = self._released - self._raw_origin
        del self._raw[:gone]
        del self._strings[:gone]
        self._raw_origin += gone
        return release

    def _note_strings(self, units: list[str]) -> None:
        for unit in units:
            self._strings.append(self._inside)
            self._inside ^= unit == '"'

    def finish(self) -> Release:
        """Say that the text is complete; see `StreamGuard.finish`."""
        rest, self._rest = self._rest, ""
        if not rest:
            return super().finish()
        first = self._feed_units(rest)
        if first.stopped_by:
            return first
        last = super().finish()
        return Release(first.text + last.text, first.noticed + last.noticed, last.stopped_by)

    def _cut(self, start: int, end: int) -> str:
        if self._raw is None:
            return super()._cut(start, end)
        return "".join(self._raw[start - self._raw_origin : end - self._raw_origin])

    def _written(self, mask: str, start: int) -> str:
        if not self._json:
            return mask
        text = encode(mask).decode()
        # Where a number stood, a string has to stand, or it is no JSON any more.
        return text[1:-1] if self._strings[start - self._raw_origin] else text


def _unfinished(text: str) -> int:
    """Count the characters at the end that may still grow into one escape."""
    found = _UNFINISHED.search(text, max(len(text) - _REACH, 0))
    if found is None or not (end := found.group()):
        return 0
    slashes = len(end) - len(end.lstrip("\\"))
    if end.endswith("\\") and slashes == len(end) and slashes > _DEEPEST:
        # An even number of the first ones is given away, so that pairs stay pairs.
        return _DEEPEST - slashes % 2
    return len(end)


def _char(unit: str) -> str:
    if len(unit) == 1:
        return unit
    if len(unit) == 2:
        # A "u" without its four digits is no escape; a model can write it all the same.
        return _SHORT.get(unit[1], unit[1])
    codes = [int(part[:4], 16) for part in unit.split("u")[1:]]
    if len(codes) == 2:
        return chr(0x10000 + ((codes[0] - 0xD800) << 10) + (codes[1] - 0xDC00))
    return "\ufffd" if 0xD800 <= codes[0] < 0xE000 else chr(codes[0])
