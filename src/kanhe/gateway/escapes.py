r"""Text inside text: the arguments of a tool call are JSON, which can spell any letter `\uXXXX`.

A guard that read the arguments as they stand would not know 蓝 in `\u84dd`. So such a surface is
decoded while it streams; what is released are the raw pieces of the characters that may be shown.
"""

from __future__ import annotations

import re

from kanhe.gateway.wire import encode
from kanhe.policy.ruleset import Plan
from kanhe.policy.stream import Release, StreamGuard

_UNIT = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
# The longest end of a text that could still become one unit: half an escape, or half a pair.
_UNFINISHED = re.compile(
    r"\\(?:u[0-9a-fA-F]{0,3})?\Z|\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z"
)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class EscapedGuard(StreamGuard):
    """A guard over the characters that JSON escapes stand for."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._rest = ""
        self._raw: list[str] = []
        self._raw_origin = 0

    @property
    def held_text(self) -> str:
        """What was taken and not yet released, raw."""
        return "".join(self._raw[self._released - self._raw_origin :]) + self._rest

    def feed(self, text: str) -> Release:
        """Take the next piece; see `StreamGuard.feed`."""
        text, self._rest = self._rest + text, ""
        keep = _unfinished(text) if "\\" in text[-12:] else 0
        if keep:
            text, self._rest = text[:-keep], text[-keep:]
        return self._feed_units(text)

    def _feed_units(self, text: str) -> Release:
        units = _UNIT.findall(text) if "\\" in text else list(text)
        self._raw += units
        release = super().feed("".join(map(_char, units)) if "\\" in text else text)
        gone = self._released - self._raw_origin
        del self._raw[:gone]
        self._raw_origin += gone
        return release

    def finish(self) -> Release:
        """Say that the text is complete; see `StreamGuard.finish`."""
        rest, self._rest = self._rest, ""
        first = self._feed_units(rest)
        if first.stopped_by:
            return first
        last = super().finish()
        return Release(first.text + last.text, first.noticed + last.noticed, last.stopped_by)

    def _cut(self, start: int, end: int) -> str:
        return "".join(self._raw[start - self._raw_origin : end - self._raw_origin])

    def _written(self, mask: str) -> str:
        return encode(mask)[1:-1].decode()


def _unfinished(text: str) -> int:
    """Count the characters at the end that may still grow into one escape."""
    for at in range(max(len(text) - 12, 0), len(text)):
        before = text[:at]
        slashes = len(before) - len(before.rstrip("\\"))
        if slashes % 2 == 0 and _UNFINISHED.match(text, at):
            return len(text) - at
    return 0


def _char(unit: str) -> str:
    if len(unit) == 1:
        return unit
    if len(unit) == 2:
        # A "u" without its four digits is no escape; a model can write it all the same.
        return _SHORT.get(unit[1], unit[1])
    codes = [int(part, 16) for part in unit.split("\\u")[1:]]
    if len(codes) == 2:
        return chr(0x10000 + ((codes[0] - 0xD800) << 10) + (codes[1] - 0xDC00))
    return "\ufffd" if 0xD800 <= codes[0] < 0xE000 else chr(codes[0])
