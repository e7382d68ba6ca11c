"""Words for OSCAL: as Markdown in its markup fields, as they are in its plain ones.

OSCAL reads titles, descriptions and prose as Markdown, with its own `{{ insert: }}`; property
values and ids it reads as plain strings. What comes from elsewhere (a reason, a rule's name, a
fault) is shown and never read: escaped in the former, untouched in the latter. No word breaks an
export: what XML, OSCAL's other form, cannot carry becomes U+FFFD.
"""

from __future__ import annotations

import re

# XML 1.0, production 2 (Char); lone surrogates are not in it.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKS = re.compile(r"[\\`*_~^<>\[\]{}&|]")
# What begins a heading, a list, a rule or an underline, if it stands first on a line.
_BLOCK = re.compile(r"^([#+=-]|\d{1,9}(?=[.)]))")


def plain(words: str) -> str:
    """Give words on one line: OSCAL refuses line ends in values, blanks around, and no words."""
    return " ".join(_NOT_XML.sub("\ufffd", words).split()) or "-"


def markup(words: str) -> str:
    """Give words on one line so that Markdown shows them as they are."""
    return _BLOCK.sub(_kept, _MARKS.sub(r"\\\g<0>", plain(words)))


def _kept(found: re.Match[str]) -> str:
    first = found[0]
    # A backslash before a digit is shown; of a number it is the sign behind it that is escaped.
    return f"{first}\\" if first.isdigit() else f"\\{first}"
