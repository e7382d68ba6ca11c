"""The ways in which a reader may put together texts whose order nobody has promised.

A field that is not known here may carry one text in pieces: one after another in the events of a
stream, or side by side in a list. A term may be cut by their edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kanhe.gateway.wire import Json

Path = tuple[Any, ...]

_NAMES, _ALL = -1, -2
"""Steps of a path, beside the names and numbers of a document: its keys, and all of its values."""


class Readings:
    """Texts, put together by where they stand. Iterate over it for each way to read them."""

    def __init__(self) -> None:
        self._texts: dict[Path, list[str]] = {}
        self._named: dict[Path, list[str]] = {}

    def add(self, path: Path, value: Json) -> None:
        """Add every string of `value`, which stands at `path`; the last step is its name."""
        self._texts.setdefault((*path, _NAMES), []).append(path[-1])
        for at, text in _leaves(path, value):
            self._texts.setdefault(at, []).append(text)
            names = tuple(step for step in at if isinstance(step, str))
            self._named.setdefault((path[0], at[-1] == _NAMES, *names), []).append(text)
            if at[-1] != _NAMES:
                self._texts.setdefault((*path, _ALL), []).append(text)

    def __iter__(self) -> Iterator[str]:
        """Give the texts of each place, of each name at all places, and of each whole field."""
        for texts in self._texts.values():
            yield "".join(texts)
            yield "\n".join(texts)
        for texts in self._named.values():
            yield "".join(texts)


def _leaves(path: Path, value: Json) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case list():
            for number, item in enumerate(value):
                yield from _leaves((*path, number), item)
        case dict():
            for key, item in value.items():
                yield (*path, _NAMES), key
                yield from _leaves((*path, key), item)
        case _:
            return
