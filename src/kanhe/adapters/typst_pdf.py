"""The printed report as PDF, set by typst inside this process: no network, no package, no file.

Equal data gives equal bytes: the PDF carries no clock but the one it is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Literal

import typst

from kanhe.errors import ReportError
from kanhe.ledger.entry import Json

CJK = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")
"""Families of which one has to be there, best first; the template asks for the same."""

STATUS, ASSESSMENT = "status.typ", "assessment.typ"
"""The templates: of what `report.printed` gives, and of what `report.document_data` gives."""

_TEMPLATES = files("kanhe") / "report" / "templates"


def pdf(data: Mapping[str, Json], made: datetime, template: str = STATUS) -> bytes:
    """Set a report.

    Args:
        data: All words and numbers; shown as they are.
        made: The instant that the file says it was made at.
        template: `STATUS` or `ASSESSMENT`.

    Raises:
        ReportError: No font here has Chinese characters, or typst refused.
    """
    source = (_TEMPLATES / template).read_bytes()
    found = _set(data, source, "pdf", made.replace(microsecond=0))  # typst counts seconds
    if not isinstance(found, bytes):
        raise RuntimeError("typst gives a PDF as one file")
    return found


def pages(data: Mapping[str, Json], *, ppi: float = 80, template: str = STATUS) -> list[bytes]:
    """Give each page as a PNG, to be looked at.

    Raises:
        ReportError: As `pdf`.
    """
    return sheets(data, (_TEMPLATES / template).read_bytes(), ppi=ppi)


def sheets(data: Mapping[str, Json], source: bytes, *, ppi: float) -> list[bytes]:
    """Give the pages of a template of one's own as PNG.

    Raises:
        ReportError: As `pdf`.
    """
    found = _set(data, source, "png", None, ppi)
    return found if isinstance(found, list) else [found]


def require_cjk(families: list[str]) -> None:
    """Refuse to print Chinese as empty boxes.

    Raises:
        ReportError: None of the families has Chinese characters.
    """
    if not set(CJK) & set(families):
        raise ReportError(
            "no font with Chinese characters is installed here, and the report has some",
            advice="Install one, e.g. `apt-get install fonts-noto-cjk`, and try again.",
        )


@cache
def _fonts() -> typst.Fonts:
    # Reading the system's fonts takes most of a second; they do not change while we run.
    fonts = typst.Fonts(include_system_fonts=True)
    require_cjk(fonts.families())
    return fonts


def _set(
    data: Mapping[str, Json],
    source: bytes,
    form: Literal["pdf", "png"],
    made: datetime | None,
    ppi: float | None = None,
) -> bytes | list[bytes]:
    # As an input and not within the source: what is data cannot become markup.
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compiler = typst.Compiler(source, font_paths=_fonts(), sys_inputs=inputs)
    try:
        found = compiler.compile(format=form, ppi=ppi, timestamp=made)
    except typst.TypstError as error:
        raise ReportError(
            f"typst did not set the report: {error}",
            advice="This is a fault of ours: keep the message and report it.",
        ) from error
    if found is None:
        raise RuntimeError("typst gives back what it set when it is given no file")
    return found
