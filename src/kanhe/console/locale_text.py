"""The console's own words in Chinese: a catalogue read once, at start, from `*.po`.

English is the source and stands in templates and code. There is no compile step, so a catalogue
cannot be older than its text. A fuzzy or missing entry counts as none: the reader gets English,
and tests/test_console_locale.py fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from kanhe.console.language import Language

CATALOGUES = Path(str(files("kanhe"))) / "console" / "locale" / "zh"
"""The folder of the catalogues; what several pages say stands in one of them."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What every English text of the console is in Chinese."""

    zh: Mapping[str, str]

    def say(self, language: Language, message: str, **values: object) -> Markup:
        """Give `message` in `language`, as HTML: its text and its values are escaped.

        Args:
            language: In which it is said.
            message: In English, with places such as `%(size)s`.
            values: What stands at the places; a `Markup` goes in as it is.
        """
        text = self.zh.get(message, message) if language == "zh" else message
        told = escape(text)
        return told % values if values else told

    def count(
        self, language: Language, messages: tuple[str, str], number: int, **values: object
    ) -> Markup:
        """Give the English singular or plural, or their one Chinese form; `n` is the number."""
        one, many = messages
        message = one if language == "zh" or number == 1 else many
        return self.say(language, message, n=f"{number:,}", **values)


def read_catalogue(folder: Path = CATALOGUES) -> Catalogue:
    """Read the Chinese texts of every file in `folder`."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        found |= read_file(path)
    return Catalogue(found)


def read_file(path: Path) -> dict[str, str]:
    """Read the Chinese texts of one file, by message."""
    with path.open("rb") as file:
        entries = list(read_po(file, locale="zh"))
    found: dict[str, str] = {}
    for entry in entries:
        # Of a message with a plural, both are tuples; Chinese has one form.
        message = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
        told = entry.string[0] if isinstance(entry.string, tuple | list) else entry.string
        if message and told and not entry.fuzzy:
            found[str(message)] = str(told)
    return found
