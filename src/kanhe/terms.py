"""Value types that several rooms share, and how a number is told. They know nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the two languages people are told things in."""

    zh: str
    en: str


def counted(number: int, one: str, many: str = "") -> str:
    """Tell how many there are in English: `1 gap`, `2 gaps`, `1,000 entries`.

    Args:
        number: How many.
        one: The noun for one, with what has to agree with it ("answer was").
        many: The same for none and several; `one` and an s, if empty.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


class Secret:
    """A text that must not be shown: it has no `repr`, cannot be formatted, pickled or written out.

    Args:
        text: The secret itself; only `reveal` gives it back.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the secret to the code that has to send or compare it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str, /) -> str:
        return format("***", spec)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
