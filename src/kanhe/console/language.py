"""The languages of the console, and which one a reader gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")

HTML_LANGUAGE = {"zh": "zh-Hans", "en": "en"}
"""What the attribute `lang` of a page says."""


def chosen(wishes: Sequence[str]) -> Language:
    """Give the first of the wishes that is a language of the console; English where none is.

    Args:
        wishes: Names such as `zh`, or the value of an `Accept-Language`; empty ones are passed by.
    """
    for wish in wishes:
        for part in wish.split(","):
            name = part.strip().lower()[:2]
            if found := next((one for one in LANGUAGES if one == name), None):
                return found
    return "en"
