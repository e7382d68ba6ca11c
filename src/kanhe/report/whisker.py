"""Drawings of rates with their intervals: dots with whiskers, and the diagram of calibration.

Both axes go from 0 to 100 %, always: a drawing that begins elsewhere makes small things look large.
They are as narrow as a telephone, so that their words can be read on one without moving them about.
The look names are those of `palette`, as `chart.py` uses them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kanhe.report.svg import Element, text

WIDTH = 340
_TOP, _LINE, _BOTTOM, _EDGE, _GAP = 34, 36, 26, 16, 12
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SIDE, _LEFT = 240, 44


@dataclass(frozen=True, slots=True)
class Dot:
    """A rate in [0, 1] with the ends of its interval; `said` stands above it."""

    title: str
    value: float
    low: float
    high: float
    said: str


@dataclass(frozen=True, slots=True)
class Tenth:
    """Texts of about one probability: what was said on the average, and what was so."""

    said: float
    seen: float
    low: float
    high: float


def whiskers(title: str, rows: Sequence[Dot]) -> Element:
    """Draw rates below each other, each with its name and what is `said` above it."""
    room = WIDTH - 2 * _EDGE
    bottom = _TOP + len(rows) * _LINE

    def x(rate: float) -> float:
        return _EDGE + room * min(max(rate, 0.0), 1.0)

    drawn = [text(x(rate), bottom + 12, f"{rate:.0%}", "tick", "middle") for rate in _QUARTERS]
    for n, row in enumerate(rows):
        y = _TOP + n * _LINE + _LINE - 10
        # Not through the words above it.
        for rate in _QUARTERS:
            drawn.append(_line((x(rate), y - 6), (x(rate), y + 6), "grid" if rate else "zero"))
        drawn += [
            text(0, y - 10, _cut(row.title, WIDTH - _length(row.said) - _GAP), "value"),
            text(WIDTH, y - 10, row.said, "value", "end"),
            _line((x(row.low), y), (x(row.high), y), "line-counted"),
            Element("circle", {"cx": x(row.value), "cy": y, "r": 4}, look="fill-counted"),
        ]
    return _framed(title, drawn, WIDTH, bottom + _BOTTOM)


def reliability(title: str, below: str, tenths: Sequence[Tenth]) -> Element:
    """Draw how often texts of each probability were unsafe; on the diagonal it means what it says.

    Args:
        title: The message.
        below: What the lower axis is.
        tenths: From low to high.
    """
    bottom = _TOP + _SIDE

    def at(said: float, seen: float) -> tuple[float, float]:
        return _LEFT + _SIDE * said, bottom - _SIDE * seen

    drawn: list[Element] = []
    for rate in _QUARTERS:
        across, up = at(1, rate), at(rate, 1)
        drawn += [
            _line((_LEFT, across[1]), across, "grid" if rate else "zero"),
            _line((up[0], bottom), up, "grid" if rate else "zero"),
            text(_LEFT - 6, across[1] + 4, f"{rate:.0%}", "tick", "end"),
            text(up[0], bottom + 14, f"{rate:.0%}", "tick", "middle"),
        ]
    drawn.append(_line(at(0, 0), at(1, 1), "zero"))
    for one in tenths:
        x, y = at(one.said, one.seen)
        drawn += [
            _line(at(one.said, one.low), at(one.said, one.high), "line-counted"),
            Element("circle", {"cx": x, "cy": y, "r": 4}, look="fill-counted"),
        ]
    drawn.append(text(_LEFT + _SIDE / 2, bottom + 30, below, "tick", "middle"))
    return _framed(title, drawn, WIDTH, bottom + 38)


def _line(start: tuple[float, float], end: tuple[float, float], look: str) -> Element:
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    return Element("line", ends, look=look)


def _framed(title: str, drawn: Sequence[Element], width: float, height: float) -> Element:
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {width:g} {height:g}",
        "role": "img",
    }
    told = Element("title", {}, (title,))
    return Element("svg", attributes, (told, text(0, 16, title, "title"), *drawn), "chart")


def _cut(words: str, room: float) -> str:
    """Shorten words that have no room; the table beside says them whole."""
    if _length(words) <= room:
        return words
    kept = words
    while kept and _length(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept}…"


def _length(words: str) -> float:
    """Guess how long words are at 12 units: a Chinese character is square, a letter half of it."""
    return sum(12 if char > "\u2e80" else 6.6 for char in words)
