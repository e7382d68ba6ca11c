"""A document as data for the typesetter: all words and drawings, and nothing of their layout."""

from __future__ import annotations

from kanhe.ledger.entry import Json
from kanhe.report.assessment_plot import PLOT_LOOKS
from kanhe.report.document import (
    Block,
    Box,
    Cell,
    Code,
    Document,
    Drawing,
    Facts,
    Heading,
    Points,
    Shown,
    Signing,
    Table,
    Worded,
    Words,
    visible,
)
from kanhe.report.svg import paper
from kanhe.report.tally import alone, logo
from kanhe.status.verdict import Standing

Data = dict[str, Json]

_ROWS, _SIGNS = 10, 700
"""A table of at most so many rows and signs is not parted between pages."""


def data(document: Document) -> Data:
    """Give all that `templates/assessment.typ` lays out."""
    return {
        "language": document.language,
        "title": visible(document.title),
        "subtitle": visible(document.subtitle),
        "foot": visible(document.foot),
        "contents": document.contents,
        "page": document.page,
        "logo": logo(),
        "marks": {str(one): alone(one) for one in Standing},
        "cover": [_block(one) for one in document.cover],
        "blocks": [_block(one) for one in document.blocks],
    }


def drawing(block: Drawing) -> str:
    """Write a drawing for paper."""
    return paper(block.element, PLOT_LOOKS)


def _block(block: Block) -> Data:
    if isinstance(block, Heading | Words | Points | Code):
        return _worded(block)
    return _shown(block)


def _worded(block: Worded) -> Data:
    match block:
        case Heading(level, number, text, fresh):
            return {
                "is": "heading", "level": level, "number": number, "text": visible(text),
                "fresh": fresh,
            }  # fmt: skip
        case Words(text, tone):
            return {"is": "words", "text": visible(text), "tone": tone.value}
        case Points(items, ordered):
            return {"is": "points", "items": [visible(one) for one in items], "ordered": ordered}
        case Code(lines):
            return {"is": "code", "lines": [visible(one) for one in lines]}


def _shown(block: Shown) -> Data:
    match block:
        case Box(standing, tone, title, lines):
            return {
                "is": "box", "mark": standing.value, "tone": tone.value, "title": visible(title),
                "lines": [visible(one) for one in lines],
            }  # fmt: skip
        case Facts(rows):
            return {"is": "facts", "rows": [[visible(name), _cell(cell)] for name, cell in rows]}
        case Table():
            return _table(block)
        case Drawing():
            return {"is": "drawing", "svg": drawing(block), "said": visible(block.said)}
        case Signing(places):
            told: list[Json] = [
                {"role": visible(one.role), "fields": list(one.fields),
                 "signed": [visible(line) for line in one.signed]}
                for one in places
            ]  # fmt: skip
            return {"is": "signing", "places": told}


def _table(table: Table) -> Data:
    return {
        "is": "table",
        "whole": len(table.rows) <= _ROWS and _size(table) <= _SIGNS,
        "caption": visible(table.caption),
        "columns": [
            {"title": visible(one.title), "weight": round(one.weight * 100), "right": one.right}
            for one in table.columns
        ],
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
    }


def _size(table: Table) -> int:
    return sum(len(cell.text) + len(cell.below) for row in table.rows for cell in row)


def _cell(cell: Cell) -> Data:
    return {
        "text": visible(cell.text), "below": visible(cell.below), "tone": cell.tone.value,
        "mono": cell.mono, "mark": "" if cell.mark is None else cell.mark.value,
    }  # fmt: skip
