"""The report of an assessment as files: pages, PDF and word processor's files, in each language.

All are set from one document a language, so none says what another does not. No network, and no
file is read but the package's own template and style sheet. Equal reports give equal bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from importlib.resources import files

from kanhe.adapters.docx_file import docx
from kanhe.adapters.typst_pdf import ASSESSMENT, pdf, sheets
from kanhe.report.assessment import Report
from kanhe.report.assessment_paper import paper
from kanhe.report.document import Document, Drawing
from kanhe.report.document_data import data, drawing
from kanhe.report.document_html import html

LANGUAGES = ("zh", "en")
_PPI = 190
_SHEET = """#set page(width: 172mm, height: auto, margin: 0mm)
#let d = json(bytes(sys.inputs.data))
#for (n, svg) in d.drawings.enumerate() {
  if n > 0 { pagebreak() }
  image(bytes(svg), format: "svg", width: 100%)
}
"""


class Format(StrEnum):
    """As what a report is written."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


def render(
    report: Report,
    languages: Collection[str] = LANGUAGES,
    formats: Collection[Format] = tuple(Format),
) -> Mapping[str, bytes]:
    """Write a report: `report.zh.html`, `report.zh.pdf` and so on, by name.

    Raises:
        ReportError: A PDF or a picture cannot be set here (no font with Chinese characters).
    """
    return {
        f"report.{language}.{one}": _written(document, one)
        for language in languages
        for document in (paper(report, language),)
        for one in Format
        if one in formats
    }


def _written(document: Document, form: Format) -> bytes:
    match form:
        case Format.HTML:
            return html(document, style()).encode()
        case Format.PDF:
            return pdf(data(document), document.made, ASSESSMENT)
        case Format.DOCX:
            return docx(document, pictures)


def style() -> str:
    """Give the style sheet of the page."""
    sheet = files("kanhe") / "report" / "templates" / "assessment.css"
    return sheet.read_text(encoding="utf-8")


def pictures(drawings: Sequence[Drawing]) -> Sequence[bytes]:
    """Draw drawings as PNG, for word processors that show no SVG.

    Raises:
        ReportError: No font here has Chinese characters, or typst refused.
    """
    if not drawings:
        return []
    drawn = {"drawings": [drawing(one) for one in drawings]}
    return sheets(drawn, _SHEET.encode(), ppi=_PPI)
