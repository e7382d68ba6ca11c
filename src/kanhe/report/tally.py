"""The mark that is ours: a split tally, its left half the law, its right half the evidence.

Shape first, colour second, so that it reads in grey: the halves meet (met), the right one is
missing (gap), it stands apart (stale), it is dotted (unknown), or the whole is a faint outline
(not applicable). Drawn on 22 by 20 units, for 16 to 24 pixels: few points, all of them bold.
"""

from __future__ import annotations

from kanhe.report.palette import JADE, STANDING
from kanhe.report.svg import Attributes, Element, page
from kanhe.status.verdict import Standing

WIDTH, HEIGHT = 22, 20

# The edge runs along x = 11 with two teeth. Both halves follow it, half a unit to either side: the
# seam stays to be seen where they meet.
_LEFT = "M3.5 2H11.5L8.5 7.3 12.5 12.7 9.5 18H3.5A1.5 1.5 0 0 1 2 16.5V3.5A1.5 1.5 0 0 1 3.5 2Z"
_RIGHT = "M13 2H18.5A1.5 1.5 0 0 1 20 3.5V16.5A1.5 1.5 0 0 1 18.5 18H11L14 12.7 10 7.3Z"
_OUTLINE = (
    "M3.5 2.6H18.5A.9 .9 0 0 1 19.4 3.5V16.5A.9 .9 0 0 1 18.5 17.4H3.5A.9 .9 0 0 1 2.6 16.5V3.5"
    "A.9 .9 0 0 1 3.5 2.6Z"
)
# Three sides only: dots along the teeth run into the left half on 16 pixels.
_RIGHT_DOTS = "M14.4 3H19V17H12.6"
_LEFT_APART = (
    "M2.3 2H9.2L6.2 7.3 10.2 12.7 7.2 18H2.3A1.5 1.5 0 0 1 .8 16.5V3.5A1.5 1.5 0 0 1 2.3 2Z"
)
_RIGHT_APART = (
    "M15.3 2H19.7A1.5 1.5 0 0 1 21.2 3.5V16.5A1.5 1.5 0 0 1 19.7 18H13.3L16.3 12.7 12.3 7.3Z"
)


def symbols() -> str:
    """Give the five marks as symbols `t-met`, `t-gap` … in one hidden SVG, for the top of a page.

    They are drawn in `currentColor`: the colour is that of the text around a mark.
    """
    drawn = tuple(
        Element(
            "symbol",
            {"id": f"t-{standing}", "viewBox": f"0 0 {WIDTH} {HEIGHT}"},
            _shapes(standing, "currentColor"),
        )
        for standing in Standing
    )
    hidden: Attributes = {"aria-hidden": "true", "width": 0, "height": 0}
    return page(Element("svg", hidden, drawn, "sprite"))


def mark(standing: Standing, title: str = "", height: float = HEIGHT) -> str:
    """Give the mark for a place in a page that has the `symbols`.

    Args:
        standing: Which.
        title: What a reader who cannot see it is told; empty: text beside it says so already.
        height: In pixels.
    """
    use = Element("use", {"href": f"#t-{standing}"})
    size: Attributes = {"width": height * WIDTH / HEIGHT, "height": height}
    if not title:
        hidden = {"aria-hidden": "true", "focusable": "false"}
        return page(Element("svg", {**size, **hidden}, (use,), f"tally {standing}"))
    told = Element("title", {}, (title,))
    return page(Element("svg", {**size, "role": "img"}, (told, use), f"tally {standing}"))


def alone(standing: Standing, colour: str = "") -> str:
    """Give the mark as a file of its own, in `colour` (a hexadecimal one) or that of its standing.

    For paper, mails and pictures, where no page's style sheet reaches.
    """
    return _file(_shapes(standing, colour or STANDING[standing]))


def logo() -> str:
    """Give the mark of Kanhe itself, also for the tab of a browser: two halves that match.

    Two tones, so that the seam shows on 16 pixels and on dark and light alike.
    """
    return _file(
        (
            Element("path", {"d": _LEFT, "fill": JADE}),
            Element("path", {"d": _RIGHT, "fill": "#5ba58e"}),
        )
    )


def _file(shapes: tuple[Element, ...]) -> str:
    xmlns = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    return page(Element("svg", xmlns, shapes))


def _shapes(standing: Standing, colour: str) -> tuple[Element, ...]:
    match standing:
        case Standing.MET:
            return _half(_LEFT, colour), _half(_RIGHT, colour)
        case Standing.GAP:
            return (_half(_LEFT, colour),)
        case Standing.STALE:
            return _half(_LEFT_APART, colour), _half(_RIGHT_APART, colour)
        case Standing.UNKNOWN:
            return _half(_LEFT, colour), _line(
                _RIGHT_DOTS, colour, 1.9, {"stroke-dasharray": "0 2.9"}
            )
        case Standing.NOT_APPLICABLE:
            return (_line(_OUTLINE, colour, 1.2, {"stroke-opacity": "0.6"}),)


def _half(path: str, colour: str) -> Element:
    return Element("path", {"d": path, "fill": colour})


def _line(path: str, colour: str, width: float, more: Attributes) -> Element:
    drawn: Attributes = {"fill": "none", "stroke": colour, "stroke-width": width}
    round_: Attributes = {"stroke-linecap": "round"}
    return Element("path", {"d": path, **drawn, **round_, **more})
