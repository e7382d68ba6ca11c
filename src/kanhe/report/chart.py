"""Charts made on the server: stacked bars by hour, one line over days, bars side by side.

One message each, which the title says. Zero-based, so that a bar twice as long is twice as much;
the names stand beside what they name, and no legend has to be read. Give the result to `svg.page`
for a page (classes; colours in the style sheet) or to `svg.paper` with `palette.LOOKS`. Whoever
shows one puts the table of its numbers beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from kanhe.report.svg import Element, text

WIDTH = 720
_TOP, _BOTTOM, _LEFT, _RIGHT = 34, 22, 44, 128
_HEIGHT = 220
_LINE = 15
"""Between two lines of text."""


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of one kind, one for each place along the axis; `look` is a name in `palette`."""

    title: str
    look: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar among bars side by side."""

    title: str
    value: int
    look: str


def stacked(title: str, places: Sequence[str], series: Sequence[Series]) -> Element:
    """Stack counts over each place, e.g. requests by hour: the first series lies at the bottom.

    Args:
        title: The message.
        places: What stands below each bar, e.g. `14:00`; only as many are written as fit.
        series: Each with as many values as there are places.
    """
    totals = [sum(one.values[n] for one in series) for n in range(len(places))]
    scale = _Scale(max(totals, default=0), len(places))
    drawn: list[Element] = []
    floor = [0] * len(places)
    for one in series:
        for n, value in enumerate(one.values):
            if value:
                drawn.append(_column(scale, n, floor[n], value, one.look))
            floor[n] += value
    named = [(one.title, one.look, sum(one.values)) for one in reversed(series)]
    labels = _named(named)
    return _framed(title, (*scale.grid(), *drawn, *scale.axis(places), *labels))


def line(title: str, places: Sequence[str], series: Series) -> Element:
    """Draw one count over time, with the last value written at its end."""
    scale = _Scale(max(series.values, default=0), len(places))
    points = [(scale.middle(n), scale.y(value)) for n, value in enumerate(series.values)]
    drawn: tuple[Element, ...] = ()
    if points:
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        x, y = points[-1]
        last = f"{series.values[-1]:,} {series.title}"
        drawn = (
            Element("path", {"d": path}, look=f"line-{series.look}"),
            Element("circle", {"cx": x, "cy": y, "r": 3}, look=f"fill-{series.look}"),
            text(x + 8, y + 4, last, f"say-{series.look}"),
        )
    return _framed(title, (*scale.grid(), *scale.axis(places), *drawn))


def bars(title: str, rows: Sequence[Bar], width: float = WIDTH) -> Element:
    """Draw bars side by side, from the top down, each with its name before and its value behind."""
    names = min(max((_length(row.title) for row in rows), default=0) + 10, width * 0.45)
    room = width - names - 60
    most = max((row.value for row in rows), default=0) or 1
    drawn: list[Element] = []
    for n, row in enumerate(rows):
        y = _TOP + n * 24
        long = room * row.value / most
        box = {"x": names, "y": y, "width": long, "height": 16}
        drawn += [
            text(names - 8, y + 12, row.title, "value", "end"),
            *([Element("rect", box, look=f"fill-{row.look}")] if row.value else []),
            text(names + long + 6, y + 12, f"{row.value:,}", "value"),
        ]
    bottom = _TOP + len(rows) * 24
    zero = {"x1": names, "y1": _TOP - 4, "x2": names, "y2": bottom - 4}
    return _framed(title, (*drawn, Element("line", zero, look="zero")), width, bottom)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where counts up to `most` and places along the axis lie."""

    most: int
    places: int

    @property
    def step(self) -> int:
        """Give the distance of grid lines: 1, 2 or 5 times a power of ten, at most four of them."""
        rough = max(self.most, 1) / 4
        power = int(10 ** int(log10(rough))) if rough >= 1 else 1
        return next(n * power for n in (1, 2, 5, 10) if n * power >= rough)

    @property
    def top(self) -> int:
        return self.step * max(ceil(self.most / self.step), 1)

    @property
    def breadth(self) -> float:
        return (WIDTH - _LEFT - _RIGHT) / max(self.places, 1)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / self.top

    def middle(self, place: int) -> float:
        return _LEFT + self.breadth * (place + 0.5)

    def grid(self) -> tuple[Element, ...]:
        drawn = []
        for value in range(0, self.top + 1, self.step):
            y = self.y(value)
            ends = {"x1": _LEFT, "y1": y, "x2": WIDTH - _RIGHT, "y2": y}
            drawn += [
                Element("line", ends, look="grid" if value else "zero"),
                text(_LEFT - 6, y + 4, f"{value:,}", "tick", "end"),
            ]
        return tuple(drawn)

    def axis(self, places: Sequence[str]) -> tuple[Element, ...]:
        """Write as many names as have room, counted back from the last, which is now."""
        room = max((_length(name) for name in places), default=0) + 12
        every = max(ceil(room / self.breadth), 1)
        kept = range(len(places) - 1, -1, -every)
        return tuple(
            text(self.middle(n), _HEIGHT - 6, places[n], "tick", "middle") for n in reversed(kept)
        )


def _column(scale: _Scale, place: int, below: int, value: int, look: str) -> Element:
    # A count of one among thousands is still to be seen: at least a unit high.
    high = max(scale.y(below) - scale.y(below + value), 1)
    width = max(scale.breadth * 0.72, 1)
    x = scale.middle(place) - width / 2
    box = {"x": x, "y": scale.y(below) - high, "width": width, "height": high}
    return Element("rect", box, look=f"fill-{look}")


def _named(named: Sequence[tuple[str, str, int]]) -> tuple[Element, ...]:
    """Name the series at the right, in the order in which they are stacked, with their sums."""
    x = WIDTH - _RIGHT + 10
    bottom = _HEIGHT - _BOTTOM - 4
    first = bottom - (len(named) - 1) * _LINE
    return tuple(
        text(x, first + n * _LINE, f"{title} {total:,}", f"say-{look}")
        for n, (title, look, total) in enumerate(named)
    )


def _framed(
    title: str, drawn: Sequence[Element], width: float = WIDTH, height: float = _HEIGHT
) -> Element:
    told = Element("title", {}, (title,))
    shown = text(0, 16, title, "title")
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {width:g} {height:g}",
        "role": "img",
    }
    return Element("svg", attributes, (told, shown, *drawn), "chart")


def _length(words: str) -> float:
    """Guess how long words are at 12 units: a Chinese character is square, a letter half of it."""
    return sum(12 if char > "\u2e80" else 6.6 for char in words)
