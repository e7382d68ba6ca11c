"""SVG as values: elements that know how they look by name, written for a page or for paper.

On a page an element carries a class and its colours stand in the style sheet; on paper there is no
style sheet, so the looks are written out as attributes. Neither writes a `style` or a script, which
our Content-Security-Policy refuses. All text and all attributes are escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, Union

Attributes: TypeAlias = Mapping[str, str | float]
Looks: TypeAlias = Mapping[str, Attributes]
"""By the name of a look: the attributes that stand for it where there is no style sheet."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element; `look` names how it looks (words apart by spaces, the later ones win)."""

    tag: str
    attributes: Attributes = field(default_factory=dict)
    children: tuple[Union[Element, str], ...] = ()  # noqa: UP007 # it names itself
    look: str = ""


def text(x: float, y: float, words: str, look: str, anchor: str = "start") -> Element:
    """Give a line of text whose base line begins, ends or has its middle at (x, y)."""
    return Element("text", {"x": x, "y": y, "text-anchor": anchor}, (words,), look)


def page(element: Element) -> str:
    """Write `element` for a page: looks become classes."""
    return _written(element, None)


def paper(element: Element, looks: Looks) -> str:
    """Write `element` for paper: looks become the attributes that `looks` gives them.

    Raises:
        KeyError: A look has no entry.
    """
    return _written(element, looks)


def number(value: float) -> str:
    """Write a coordinate, to a tenth."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"


def _written(element: Element, looks: Looks | None) -> str:
    attributes: dict[str, str | float] = dict(element.attributes)
    if element.look and looks is None:
        attributes["class"] = element.look
    elif looks is not None:
        for name in element.look.split():
            attributes |= looks[name]
    opened = "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())
    inner = "".join(
        _escaped(child) if isinstance(child, str) else _written(child, looks)
        for child in element.children
    )
    if not inner:
        return f"<{element.tag}{opened}/>"
    return f"<{element.tag}{opened}>{inner}</{element.tag}>"


def _escaped(value: str | float) -> str:
    if not isinstance(value, str):
        return number(value)
    kept = "".join(char for char in value if char >= " " or char in "\t\n")
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        kept = kept.replace(char, name)
    return kept
