"""The few colours that there are, and what the looks of drawings are on paper.

The console's style sheet says the same by custom properties, lighter where the page is dark.
"""

from __future__ import annotations

from kanhe.report.svg import Looks
from kanhe.status.verdict import Standing

PAPER = "#fbfaf7"
INK = "#1b1a17"
QUIET = "#6b675e"
LINE = "#d9d5cb"
SEAL = "#a8201a"
"""Stopped and overdue only; a gap is drawn in it too: nothing is more overdue."""
JADE = "#2b6a58"
AMBER = "#8a5a00"
BLUE = "#1f4e79"

STANDING = {
    Standing.MET: JADE,
    Standing.GAP: SEAL,
    Standing.STALE: AMBER,
    Standing.UNKNOWN: QUIET,
    Standing.NOT_APPLICABLE: "#b3aea2",
}

FONT = "Noto Sans CJK SC"

SERIES = {"released": "#7fa99b", "refused": AMBER, "stopped": SEAL, "counted": BLUE}
"""Kinds of bars and lines by name; a look is `fill-NAME`, `line-NAME` and `say-NAME`."""

_SAID: dict[str, str | float] = {"font-family": FONT, "font-size": 12}

LOOKS: Looks = {
    "chart": {},
    "tally": {},
    "title": {**_SAID, "font-size": 14, "font-weight": "bold", "fill": INK},
    "tick": {**_SAID, "font-size": 11, "fill": QUIET},
    "value": {**_SAID, "fill": INK},
    "grid": {"stroke": LINE, "stroke-width": 1},
    "zero": {"stroke": QUIET, "stroke-width": 1},
    **{f"fill-{name}": {"fill": colour} for name, colour in SERIES.items()},
    **{
        f"line-{name}": {"fill": "none", "stroke": colour, "stroke-width": 2}
        for name, colour in SERIES.items()
    },
    **{f"say-{name}": {**_SAID, "fill": colour} for name, colour in SERIES.items()},
    # As a text the light green of the many that were released would be too pale to read.
    "say-released": {**_SAID, "fill": JADE},
    **{f"fill-{standing}": {"fill": colour} for standing, colour in STANDING.items()},
    **{f"say-{standing}": {**_SAID, "fill": colour} for standing, colour in STANDING.items()},
}
"""Every look that `tally` and `chart` use."""
