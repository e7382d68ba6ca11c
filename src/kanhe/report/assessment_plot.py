"""Drawings of an assessment: rates with their intervals, row by row, in panels side by side.

Every panel has the whole axis (0 to 100 %, or −1 to 1) and its bound, so that nothing looks smaller
or larger than it is. A rate off its bound is a lozenge and not a dot: shape first, colour second.
Where nothing was asked, words stand and no dot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kanhe.report.palette import INK, LOOKS, PAPER
from kanhe.report.svg import Element, Looks, text

WIDTH = 720
_TOP, _ROW, _FOOT, _GAP, _SIZE = 46, 16.5, 24, 26, 12
_MOST_NAME, _VALUE = 290, 128

PLOT_LOOKS: Looks = {
    **LOOKS,
    "bound": {"stroke": INK, "stroke-width": 1.2, "stroke-dasharray": "4 2.5"},
    "head": {"font-family": "Noto Sans CJK SC", "font-size": 12, "fill": INK,
             "font-weight": "bold"},
    "hollow": {"fill": PAPER, "stroke-width": 1.6},
    "quiet": {"font-family": "Noto Sans CJK SC", "font-size": 11, "fill": LOOKS["tick"]["fill"]},
}  # fmt: skip
"""Every look that these drawings use."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with the ends of its interval. `off`: it does not keep its bound."""

    value: float
    low: float
    high: float
    off: bool = False
    said: str = ""
    """What stands behind it where there is one panel only."""


@dataclass(frozen=True, slots=True)
class Row:
    """A name and one mark a panel; a text where there is none, which says why."""

    title: str
    marks: tuple[Mark | str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where, which lines are drawn, how they are called, where the bound is."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    bound: float | None = None


SHARES = Axis(0, 1, ((0, "0"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1, "100%")))
SCORES = Axis(-1, 1, ((-1, "−1"), (-0.5, "−0.5"), (0, "0"), (0.5, "0.5"), (1, "1")), 0)
CHANGES = Axis(-1, 1, ((-1, "−100"), (-0.5, "−50"), (0, "0"), (0.5, "+50"), (1, "+100")), 0)


@dataclass(frozen=True, slots=True)
class Panel:
    """One column of the drawing."""

    title: str
    axis: Axis


def panels(title: str, columns: Sequence[Panel], rows: Sequence[Row]) -> Element:
    """Draw rows of marks, one mark in each column."""
    names = min(max((_length(row.title) for row in rows), default=0) + 14, _MOST_NAME)
    value = _VALUE if len(columns) == 1 else 20
    wide = (WIDTH - names - value - _GAP * (len(columns) - 1)) / len(columns)
    bottom = _TOP + len(rows) * _ROW
    drawn = [
        text(names - 10, _middle(n) + 4, _cut(row.title, names - 14), "value", "end")
        for n, row in enumerate(rows)
    ]
    for at, column in enumerate(columns):
        place = _Place(names + at * (wide + _GAP), wide, bottom, column.axis)
        drawn += [
            text(place.left, _TOP - 12, _cut(column.title, wide), "head"),
            *place.frame(narrow=wide < 180),
        ]
        for n, row in enumerate(rows):
            drawn += place.mark(_middle(n), row.marks[at], told=len(columns) == 1)
    told = Element("title", {}, (title,))
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {WIDTH} {bottom + _FOOT:g}",
        "role": "img",
    }
    return Element("svg", attributes, (told, text(0, 14, title, "title"), *drawn), "chart")


def _middle(row: int) -> float:
    return _TOP + row * _ROW + _ROW / 2


@dataclass(frozen=True, slots=True)
class _Place:
    left: float
    wide: float
    bottom: float
    axis: Axis

    def x(self, value: float) -> float:
        inside = min(max(value, self.axis.low), self.axis.high)
        return self.left + self.wide * (inside - self.axis.low) / (self.axis.high - self.axis.low)

    def frame(self, *, narrow: bool) -> list[Element]:
        drawn = []
        for n, (value, name) in enumerate(self.axis.ticks):
            x = self.x(value)
            drawn.append(_line((x, _TOP), (x, self.bottom), "zero" if n == 0 else "grid"))
            if not narrow or n % 2 == 0:
                drawn.append(text(x, self.bottom + 14, name, "tick", "middle"))
        if self.axis.bound is not None:
            x = self.x(self.axis.bound)
            drawn.append(_line((x, _TOP - 6), (x, self.bottom + 3), "bound"))
        return drawn

    def mark(self, y: float, mark: Mark | str, *, told: bool) -> list[Element]:
        if isinstance(mark, str):
            return [text(self.left + 6, y + 4, _cut(mark, self.wide - 6), "quiet")]
        look = "stopped" if mark.off else "counted"
        x = self.x(mark.value)
        point = (
            Element("path", {"d": f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z"}, look=f"fill-{look}")
            if mark.off
            else Element("circle", {"cx": x, "cy": y, "r": 3.6}, look=f"fill-{look}")
        )
        line = _line((self.x(mark.low), y), (self.x(mark.high), y), f"line-{look}")
        said = [text(self.left + self.wide + 10, y + 4, mark.said, "value")] if told else []
        return [line, point, *said]


def _line(start: tuple[float, float], end: tuple[float, float], look: str) -> Element:
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    return Element("line", ends, look=look)


def _cut(words: str, room: float) -> str:
    """Shorten words that have no room; the table below says them whole."""
    if _length(words) <= room:
        return words
    kept = words
    while kept and _length(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept}…"


def _length(words: str) -> float:
    """Guess how long words are: a Chinese character is square, a letter half of it."""
    return sum(_SIZE if char > "\u2e80" else _SIZE * 0.56 for char in words)
