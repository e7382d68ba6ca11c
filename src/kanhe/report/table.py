"""A status as a table for spreadsheets: one row for each duty, RFC 4180.

A spreadsheet takes a cell that begins with `=` or the like for a formula and runs it, also one that
came out of a rule's name or a note. Such a cell gets an apostrophe before it: it is then a text.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from io import StringIO

from kanhe.status.status import Line, Status
from kanhe.terms import Text

COLUMNS: Mapping[str, Callable[[Line], str]] = {
    "obligation": lambda line: line.obligation.id,
    "area": lambda line: line.obligation.area,
    "source": lambda line: line.obligation.source,
    "clause": lambda line: line.obligation.clause,
    "title_zh": lambda line: line.obligation.title.zh,
    "title_en": lambda line: line.obligation.title.en,
    "standing": lambda line: line.standing.value,
    "since": lambda line: line.since.isoformat(timespec="seconds") if line.since else "",
    "until": lambda line: line.until.isoformat(timespec="seconds") if line.until else "",
    "reasons_zh": lambda line: "\n".join(one.zh for one in line.why),
    "reasons_en": lambda line: "\n".join(one.en for one in line.why),
    "evidence": lambda line: " ".join(map(str, line.evidence)),
    "controls": lambda line: " ".join(one.control.id for one in line.looked),
    "next_zh": lambda line: _steps(line, lambda text: text.zh),
    "next_en": lambda line: _steps(line, lambda text: text.en),
    "confidence": lambda line: line.obligation.confidence.value,
}
"""The columns, in their order, and what stands in each. New ones are added at the end."""

# The full-width forms too: spreadsheets in East Asian languages take them for the narrow ones. And
# tab and carriage return, which are skipped on the way to the sign behind them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(status: Status) -> str:
    """Give the table, with a line of names at its top; lines end with CR LF.

    Write it as UTF-8 with a byte order mark: spreadsheets guess wrong without one.
    """
    rows = ([cell(line) for cell in COLUMNS.values()] for line in status.lines)
    return written([list(COLUMNS), *rows])


def written(rows: Iterable[Iterable[str]]) -> str:
    """Write rows so that no cell of theirs is taken for a formula."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_harmless(cell) for cell in row]
                                                     for row in rows)  # fmt: skip
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(_FORMULA) else cell


def _steps(line: Line, language: Callable[[Text], str]) -> str:
    return "\n".join(
        " ".join(part for part in (language(one.what), one.command) if part) for one in line.actions
    )
