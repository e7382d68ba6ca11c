"""The page of figures in docs/: what was reached, beside what others published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def page(sheet: Mapping[str, Any]) -> str:
    """Write the page in Markdown, from the data sheet."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Mapping[str, Any]) -> Iterator[str]:
    figures = sheet["figures"]
    yield "# What the embedded judge reaches"
    yield ""
    yield "| set | rows | accuracy % | recall % | false positives % | F1 |"
    yield "|---|---|---|---|---|---|"
    for name, found in figures["sets"].items():
        yield _row(name, found)


def _row(name: str, found: Mapping[str, Any]) -> str:
    cells = [name, str(found["accuracy"]["n"])]
    cells += [_percent(found.get(key)) for key in ("accuracy", "recall", "false_positives")]
    cells.append(f"{100 * found['f1']:.1f}" if "f1" in found else "")
    return f"| {' | '.join(cells)} |"


def _percent(rate: Mapping[str, float] | None) -> str:
    if rate is None:
        return ""
    return f"{100 * rate['rate']:.1f} ({100 * rate['low']:.1f}–{100 * rate['high']:.1f})"
