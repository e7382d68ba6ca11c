"""Long texts in windows: a judge that reads some hundred characters at a time misses none of them.

A window ends with a sentence where one ends in its second half. Where none does, the next window
begins a quarter earlier, so that what stands across the cut is seen whole by one of them.
"""

from __future__ import annotations

import re

LONGEST = 512
"""Characters in a window, at most."""

_END = re.compile("[。！？!?…；;\n]+[”’」』）)\"']*|\\.(?=\\s)")


def windows(text: str, longest: int = LONGEST) -> list[str]:
    """Cut a text into windows of at most `longest` characters; an empty text is one window.

    Together, without what overlaps, they are the text; each is new by at least a quarter of
    `longest`, so that their number is bounded by the text's length.
    """
    found = []
    start = 0
    while len(text) - start > longest:
        end, after = _cut(text, start, longest)
        found.append(text[start:end])
        start = after
    found.append(text[start:])
    return found


def _cut(text: str, start: int, longest: int) -> tuple[int, int]:
    """Give where the window from `start` ends, and where the next one begins."""
    middle, limit = start + longest // 2, start + longest
    ends = [match.end() for match in _END.finditer(text, middle, limit)]
    if ends:
        return ends[-1], ends[-1]
    return limit, limit - longest // 4
