"""Tables of a word processor's file: rules as on paper, widths by weight, heads that come again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from docx.document import Document as Written
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from kanhe.report.document import Cell

WIDTH = Mm(172)
"""Of what stands on a page."""

ROWS, NONE = "rows", ""
_LINE = "D9D5CB"


class Writing(Protocol):
    """Writes a cell into a paragraph."""

    def __call__(self, paragraph: Paragraph, cell: Cell, *, right: bool) -> None:
        """Write it."""
        ...


def plain_grid(written: Written, weights: Sequence[float], rows: int, lines: str = ROWS) -> Table:
    """Add an empty table as wide as the page.

    Args:
        written: To what it is added.
        weights: Of its columns.
        rows: How many.
        lines: `ROWS`, `NONE`, or the colour of a frame around it.
    """
    table: Table = written.add_table(rows=rows, cols=len(weights))
    table.autofit = False
    whole = sum(weights)
    for column, weight in zip(table.columns, weights, strict=True):
        column.width = Length(int(WIDTH * weight / whole))
    if lines != NONE:
        # Word refuses a file whose properties do not stand in the order of the schema.
        properties = table._tbl.tblPr
        later = (qn("w:tblLayout"), qn("w:tblCellMar"), qn("w:tblLook"))
        place = next((n for n, one in enumerate(properties) if one.tag in later), len(properties))
        properties.insert(place, _borders(lines))
    return table


def _borders(lines: str) -> BaseOxmlElement:
    inside = {"bottom": _LINE, "insideH": _LINE}
    sides = inside if lines == ROWS else dict.fromkeys(("top", "left", "bottom", "right"), lines)
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH"):
        if side in sides:
            line = OxmlElement(f"w:{side}")
            size = "4" if lines == ROWS else "12"
            for name, value in (("val", "single"), ("sz", size), ("color", sides[side])):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
    return borders


def fill(
    table: Table,
    rows: Iterable[Sequence[Cell]],
    right: Sequence[bool],
    write: Writing,
    *,
    header: bool = True,
) -> None:
    """Write cells; the first row is the head unless there is none."""
    # Through the rows' own elements: `row.cells` looks at the whole table each time.
    for n, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
        _keep(row, head=header and n == 0)
        for element, cell, side, column in zip(
            row._tr.tc_lst,
            cells,
            right,
            table._tbl.tblGrid.gridCol_lst,
            strict=True,
        ):
            place = _Cell(element, table)
            if column.w is not None:
                place.width = column.w
            write(place.paragraphs[0], cell, right=side)


def _keep(row: _Row, *, head: bool) -> None:
    """Say again at the top of each page what the columns are; part no row between pages."""
    properties = row._tr.get_or_add_trPr()
    names = ["w:cantSplit", *(["w:tblHeader"] if head else [])]
    for name in names:
        element = OxmlElement(name)
        element.set(qn("w:val"), "true")
        properties.append(element)
