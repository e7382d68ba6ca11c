"""What every drawing of ours has to keep to, on a page and on paper."""

from __future__ import annotations

import re
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def parsed(written: str) -> ElementTree.Element:
    """Read a drawing, which has to be well-formed, with names as in a page."""
    root = ElementTree.fromstring(written)  # noqa: S314 # our own words
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    return root


def obeys_a_strict_policy(written: str) -> bool:
    """Say whether a Content-Security-Policy without `unsafe-inline` leaves the drawing whole."""
    root = parsed(written)
    tags = {element.tag for element in root.iter()}
    names = {name for element in root.iter() for name in element.attrib}
    return not (
        tags & {"style", "script", "foreignObject", "image", "a"}
        or "style" in names
        or any(name.startswith("on") for name in names)
        or re.search(r"https?://(?!www\.w3\.org/2000/svg)", written)
    )


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter("text")]
