"""A status in the forms in which it leaves the house: one table for the command and the console.

Equal status, service, language and instant give equal bytes, so that two who export can compare.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kanhe.adapters.typst_pdf import pdf
from kanhe.errors import RequestError
from kanhe.report.oscal import bundle
from kanhe.report.plain import document
from kanhe.report.printed import Handed, printed
from kanhe.report.table import table
from kanhe.status.status import Status
from kanhe.terms import Text

_ZIP_DAY = (1980, 1, 1, 0, 0, 0)  # the first that the format can hold


@dataclass(frozen=True, slots=True)
class Format:
    """One form. `make` takes the status, whose it is, and the language (`zh` or `en`)."""

    suffix: str
    media_type: str
    title: Text
    told: Text
    make: Callable[[Status, Handed, str], bytes]


def _json(status: Status, handed: Handed, language: str) -> bytes:
    return (json.dumps(document(status), ensure_ascii=False, indent=2) + "\n").encode()


def _csv(status: Status, handed: Handed, language: str) -> bytes:
    return table(status).encode("utf-8-sig")


def _pdf(status: Status, handed: Handed, language: str) -> bytes:
    return pdf(printed(status, handed, language), handed.made)


def _oscal(status: Status, handed: Handed, language: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in bundle(status, language, handed.service).items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


FORMATS: Mapping[str, Format] = {
    "pdf": Format(
        "pdf",
        "application/pdf",
        Text("状态报告（PDF）", "Status report (PDF)"),
        Text("可签字、可递交：摘要、未满足项与下一步、期限、全部义务及账本条目。",
             "To sign and hand over: summary, gaps with next steps, deadlines, every duty with its "
             "entries of the ledger."),
        _pdf,
    ),
    "json": Format(
        "json",
        "application/json",
        Text("完整数据（JSON）", "Everything (JSON)"),
        Text("形式固定，供程序读取。", "In a shape that programs can rely on."),
        _json,
    ),
    "csv": Format(
        "csv",
        "text/csv; charset=utf-8",
        Text("义务清单（CSV）", "Table of duties (CSV)"),
        Text("每项义务一行，可用电子表格打开。", "One row a duty, for a spreadsheet."),
        _csv,
    ),
    "oscal": Format(
        "oscal.zip",
        "application/zip",
        Text("OSCAL 文件包", "OSCAL bundle"),
        Text("目录、基线、组件定义、评估计划与结果、整改计划、与其他规则体系的对应关系，"
             "并附 OSCAL 无法表达的内容说明。",
             "Catalog, profile, component definition, assessment plan and results, plan of action, "
             "mapping to other regimes; and a file that says what OSCAL cannot carry."),
        _oscal,
    ),
}  # fmt: skip
"""The forms by name."""


def export(name: str, status: Status, handed: Handed, language: str) -> bytes:
    """Give a status in one form.

    Raises:
        RequestError: There is no such form.
        ReportError: It cannot be printed here.
    """
    if name not in FORMATS:
        raise RequestError(
            f"there is no format {name[:40]!r}", advice=f"Write one of: {', '.join(FORMATS)}."
        )
    return FORMATS[name].make(status, handed, language)


def file_name(name: str, status: Status, language: str) -> str:
    """Name the file: by regime, day and language, in characters that every system takes."""
    tail = f"-{language}" if name in ("pdf", "oscal") else ""
    return f"kanhe-{status.regime.id}-{status.day.isoformat()}{tail}.{FORMATS[name].suffix}"
