"""A document as one page that needs nothing else: no script, no request, no file beside it.

All text is escaped, drawings come as SVG, the style stands in the page; and the page tells the
browser by its own policy that nothing but this very style may count (`policy`). So a title that was
meant to run does not run, also where somebody opens the file from a disk.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

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
    Place,
    Points,
    Shown,
    Signing,
    Table,
    Worded,
    Words,
    visible,
)
from kanhe.report.palette import AMBER, BLUE, INK, JADE, LINE, PAPER, QUIET, SEAL
from kanhe.report.svg import page as drawn
from kanhe.report.tally import mark, symbols

_LANGUAGE = {"zh": "zh-CN", "en": "en"}

_TOKENS = {
    PAPER: "paper", INK: "ink", QUIET: "quiet", LINE: "line", SEAL: "bad", JADE: "good",
    AMBER: "open", BLUE: "link",
}  # fmt: skip
"""Colours by the property of the style sheet that has them, lighter where the page is dark."""


def html(document: Document, style: str) -> str:
    """Write the page.

    Args:
        document: What it says.
        style: The style sheet (`templates/assessment.css`); the looks of drawings are added.
    """
    whole = style + looks()
    body = "".join((
        symbols(),
        f"<header><p class=sub>{_text(document.subtitle)}</p><h1>{_text(document.title)}</h1>",
        *map(_block, document.cover), "</header>",
        _contents(document), "<main>", *_sections(document.blocks), "</main>",
        f"<footer><p>{_text(document.foot)}</p></footer>",
    ))  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="{_LANGUAGE[document.language]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(whole)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_text(document.title)} · {_text(document.subtitle)}</title>"
        f"<style>{whole}</style></head><body>{body}</body></html>\n"
    )


def policy(style: str) -> str:
    """Give the policy under which nothing but this style counts; for a header too."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def looks() -> str:
    """Give the looks of drawings as a style sheet: presentation attributes are properties."""
    rules = []
    for name, attributes in PLOT_LOOKS.items():
        said = [_property(key, value) for key, value in attributes.items() if key != "font-family"]
        if said:
            rules.append(f"svg .{name}{{{';'.join(said)}}}")
    return "".join(rules)


def _property(key: str, value: str | float) -> str:
    if key in ("font-size", "stroke-width"):
        return f"{key}:{value}px"
    token = _TOKENS.get(str(value))
    return f"{key}:var(--{token})" if token else f"{key}:{value}"


def _sections(blocks: Iterable[Block]) -> Iterable[str]:
    inside = False
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            if inside:
                yield "</section>"
            yield f'<section aria-labelledby="{block.anchor}">'
            inside = True
        yield _block(block)
    if inside:
        yield "</section>"


def _contents(document: Document) -> str:
    links = "".join(
        f'<li><a href="#{one.anchor}">{_text(one.text)}</a></li>' for one in document.headings
    )
    title = _text(document.contents)
    return f'<nav aria-label="{title}"><h2>{title}</h2><ol>{links}</ol></nav>'


def _block(block: Block) -> str:
    if isinstance(block, Heading | Words | Points | Code):
        return _worded(block)
    return _shown(block)


def _worded(block: Worded) -> str:
    match block:
        case Heading(level, number, text, _):
            tag = f"h{level + 1}"
            return f'<{tag} id="{block.anchor}"><span>{number}</span> {_text(text)}</{tag}>'
        case Words(text, tone):
            return f'<p class="{tone}">{_text(text)}</p>'
        case Points(items, ordered):
            tag = "ol" if ordered else "ul"
            return f"<{tag}>{''.join(f'<li>{_text(item)}</li>' for item in items)}</{tag}>"
        case Code(lines):
            return f"<pre><code>{'<br>'.join(map(_text, lines))}</code></pre>"


def _shown(block: Shown) -> str:
    match block:
        case Box(standing, tone, title, lines):
            told = "".join(f"<p>{_text(line)}</p>" for line in lines)
            said = f"<div><p class=big>{_text(title)}</p>{told}</div>"
            return f'<div class="box {tone}">{mark(standing, height=44)}{said}</div>'
        case Facts(rows):
            told = "".join(f"<dt>{_text(name)}</dt><dd>{_cell(cell)}</dd>" for name, cell in rows)
            return f"<dl>{told}</dl>"
        case Table():
            return _table(block)
        case Drawing(element, said):
            return f'<figure aria-label="{_text(said)}">{drawn(element)}</figure>'
        case Signing(places):
            return f'<div class="sign">{"".join(map(_place, places))}</div>'


def _table(table: Table) -> str:
    whole = sum(column.weight for column in table.columns)
    widths = "".join(f'<col width="{column.weight / whole:.1%}">' for column in table.columns)
    head = "".join(
        f'<th scope="col"{_right(column.right)}>{_text(column.title)}</th>'
        for column in table.columns
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_right(column.right)}>{_cell(cell)}</td>"
            for cell, column in zip(row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{_text(table.caption)}"><table>'
        f"<caption>{_text(table.caption)}</caption><colgroup>{widths}</colgroup>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _right(right: bool) -> str:
    return ' class="n"' if right else ""


def _cell(cell: Cell) -> str:
    said = _text(cell.text)
    if cell.mono:
        said = f"<code>{said}</code>"
    if cell.mark is not None:
        said = f"{mark(cell.mark, height=14)} {said}"
    below = f"<small>{_text(cell.below)}</small>" if cell.below else ""
    return f'<span class="{cell.tone}">{said}</span>{below}'


def _place(place: Place) -> str:
    fields = "".join(f"<p class=field>{_text(field)}</p>" for field in place.fields)
    signed = "".join(f"<p>{_text(line)}</p>" for line in place.signed)
    told = f"<div class=signed>{signed}</div>" if signed else ""
    return f"<div><p class=role>{_text(place.role)}</p>{told}{fields}</div>"


def _text(text: str) -> str:
    return escape(visible(text)).replace("\n", "<br>")
