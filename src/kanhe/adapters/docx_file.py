"""A document as a file for word processors: real headings, tables and pictures, nothing that runs.

Set with python-docx from its plain template. Equal documents give equal bytes: the only clock
in the file is the one that the document has. Text goes in as text; a macro, a
field or a link never does, but for the number of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document as opened
from docx.document import Document as Written
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from kanhe.adapters.docx_table import NONE, WIDTH, fill, plain_grid
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
    Tone,
    Words,
    visible,
)

TONES = {
    Tone.PLAIN: RGBColor(0x1B, 0x1A, 0x17),
    Tone.QUIET: RGBColor(0x6B, 0x67, 0x5E),
    Tone.GOOD: RGBColor(0x2B, 0x6A, 0x58),
    Tone.BAD: RGBColor(0xA8, 0x20, 0x1A),
    Tone.OPEN: RGBColor(0x8A, 0x5A, 0x00),
}
_LATIN, _HAN, _MONO = "Arial", "Microsoft YaHei", "Consolas"

Pictures = Callable[[Sequence[Drawing]], Sequence[bytes]]
"""Draw drawings as PNG, each in its order."""


def docx(document: Document, pictures: Pictures) -> bytes:
    """Set a document as .docx."""
    blocks = (*document.cover, *document.blocks)
    drawings = [one for one in blocks if isinstance(one, Drawing)]
    drawn = dict(zip(map(id, drawings), pictures(drawings), strict=True))
    written = opened()
    _styles(written)
    _page(written, document)
    _title(written, document)
    for block in document.cover:
        _block(written, block, drawn)
    for block in document.blocks:
        _block(written, block, drawn)
    return _still(written, document)


def _styles(written: Written) -> None:
    for style in written.styles:
        # The twins of headings for characters have the template's blue as well.
        if style.style_id.endswith("Char"):
            for colour in list(style.element.iter(qn("w:color"))):
                colour.getparent().remove(colour)
    sizes = {"Normal": 10, "Heading 1": 15, "Heading 2": 11.5, "Title": 24, "List Bullet": 10}
    for name, size in {**sizes, "List Number": 10, "Caption": 9}.items():
        style = written.styles[name]
        if not isinstance(style, ParagraphStyle):
            raise RuntimeError(f"the template's {name} is no style of paragraphs")
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = TONES[Tone.QUIET if name == "Caption" else Tone.PLAIN]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # Without these the theme's fonts win, which have no Chinese in them.
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), _HAN)
        style.paragraph_format.space_after = Pt(4)
        _unthemed(style)
        if name.startswith("Heading"):
            style.paragraph_format.space_before = Pt(18 if name.endswith("1") else 12)


def _unthemed(style: ParagraphStyle) -> None:
    """Take away the colours and lines of the template: a theme's colour wins over one's own."""
    for colour in style.element.iter(qn("w:color")):
        for name in ("themeColor", "themeShade", "themeTint"):
            colour.attrib.pop(qn(f"w:{name}"), None)
    for border in list(style.element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    style.font.bold = style.name is not None and style.name.startswith(("Heading", "Title"))


def _page(written: Written, document: Document) -> None:
    section = written.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(19)
    section.top_margin = section.bottom_margin = Mm(20)
    head = section.header.paragraphs[0]
    _run(head, f"{document.title} · {document.subtitle}", Tone.QUIET, 8)
    foot = section.footer.paragraphs[0]
    _run(foot, f"{document.foot}    {document.page} ", Tone.QUIET, 8)
    _page_number(foot)


def _page_number(paragraph: Paragraph) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    shown, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    shown.append(text)
    field.append(shown)
    paragraph._p.append(field)


def _title(written: Written, document: Document) -> None:
    written.core_properties.title = visible(document.title)
    written.core_properties.subject = visible(document.subtitle)
    written.core_properties.author = "Kanhe"
    written.core_properties.comments = ""
    written.core_properties.language = document.language
    made = document.made.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    written.core_properties.created = written.core_properties.modified = made
    title = written.add_paragraph(visible(document.title), style="Title")
    title.paragraph_format.space_after = Pt(2)
    _run(written.add_paragraph(), document.subtitle, Tone.QUIET, 12)


def _block(written: Written, block: Block, drawn: dict[int, bytes]) -> None:
    match block:
        case Heading(level, number, text, fresh):
            made = written.add_heading(visible(f"{number}  {text}"), level)
            made.paragraph_format.page_break_before = fresh
        case Words(text, tone):
            _run(written.add_paragraph(), text, tone, 9 if tone is Tone.QUIET else 10)
        case Points(items, ordered):
            for n, item in enumerate(items, 1):
                # Numbered by hand: Word would go on counting where the list before ended.
                count = f"{n}. " if ordered else ""
                style = "Normal" if ordered else "List Bullet"
                written.add_paragraph(visible(count + item), style=style)
        case Code(lines):
            for line in lines:
                mono(_run(written.add_paragraph(), line, Tone.PLAIN, 9))
        case _:
            _shown(written, block, drawn)


def _shown(written: Written, block: Shown, drawn: dict[int, bytes]) -> None:
    match block:
        case Box():
            _box(written, block)
        case Table(caption, columns, rows):
            if caption:
                made = written.add_paragraph(visible(caption), style="Caption")
                made.paragraph_format.keep_with_next = True
            table = plain_grid(written, [one.weight for one in columns], len(rows) + 1)
            right = [one.right for one in columns]
            heads = [Cell(one.title, tone=Tone.QUIET) for one in columns]
            fill(table, [heads, *rows], right, _cell)
            written.add_paragraph().paragraph_format.space_after = Pt(2)
        case Facts(rows):
            table = plain_grid(written, [1.0, 3.6], len(rows), NONE)
            told = [(Cell(name, tone=Tone.QUIET), cell) for name, cell in rows]
            fill(table, told, [False, False], _cell, header=False)
            written.add_paragraph().paragraph_format.space_after = Pt(2)
        case Drawing(_, said):
            picture = written.add_picture(BytesIO(drawn[id(block)]), width=WIDTH)
            picture._inline.docPr.set("descr", visible(said))
        case Signing():
            _signing(written, block)


def _box(written: Written, box: Box) -> None:
    table = plain_grid(written, [1.0], 1, str(TONES[box.tone]))
    cell = table.rows[0].cells[0]
    _run(cell.paragraphs[0], box.title, box.tone, 18, bold=True)
    for line in box.lines:
        _run(cell.add_paragraph(), line, Tone.PLAIN, 10)
    written.add_paragraph().paragraph_format.space_after = Pt(2)


def _signing(written: Written, block: Signing) -> None:
    table = plain_grid(written, [1.0] * len(block.places), 1, NONE)
    for place, cell in zip(block.places, table.rows[0].cells, strict=True):
        _run(cell.paragraphs[0], place.role, Tone.PLAIN, 10, bold=True)
        for line in place.signed:
            _run(cell.add_paragraph(), line, Tone.GOOD, 8)
        for field in place.fields:
            made = cell.add_paragraph()
            made.paragraph_format.space_before = Pt(20)
            _run(made, "_" * 22 + "\n" + field, Tone.QUIET, 9)


def _cell(paragraph: Paragraph, cell: Cell, *, right: bool) -> None:
    """Write one cell; the mark is left to pages and paper, the word stands anyway."""
    bold = cell.tone in (Tone.GOOD, Tone.BAD, Tone.OPEN)
    run = _run(paragraph, cell.text, cell.tone, 8.5, bold=bold)
    if cell.mono:
        mono(run)
    if cell.below:
        _run(paragraph, f"\n{cell.below}", Tone.QUIET, 7.5)
    paragraph.paragraph_format.space_after = Pt(1)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(4)


def mono(run: Run) -> None:
    """Set in letters of one width."""
    run.font.name = _MONO
    if run.font.size is not None:
        run.font.size = Pt(run.font.size.pt * 0.85)


def _run(paragraph: Paragraph, text: str, tone: Tone, size: float, *, bold: bool = False) -> Run:
    run = paragraph.add_run(visible(text))
    run.font.size, run.font.color.rgb, run.bold = Pt(size), TONES[tone], bold
    return run


def _still(written: Written, document: Document) -> bytes:
    """Write the file with one time on all that is in it."""
    raw, out = BytesIO(), BytesIO()
    written.save(raw)
    stamp = _stamp(document.made)
    with ZipFile(raw) as had, ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name in had.namelist():
            entry = ZipInfo(name, stamp)
            entry.compress_type = ZIP_DEFLATED
            made.writestr(entry, had.read(name))
    return out.getvalue()


def _stamp(at: datetime) -> tuple[int, int, int, int, int, int]:
    utc = at.astimezone(UTC)
    return utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second
