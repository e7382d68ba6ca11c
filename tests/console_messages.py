"""Every English message of the console's templates and code, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

CONSOLE = Path(__file__).parent.parent / "src" / "kanhe" / "console"

IN_TEMPLATES = {"_": None, "_n": (1, 2)}
IN_CODE = {"say": None, "Entry": (2,), "_": None}


def messages() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield `file:line` and the message: one text, or its singular and plural."""
    for path in sorted(CONSOLE.rglob("templates/**/*.html")):
        yield from _found(path, babel_extract, IN_TEMPLATES)
    for path in sorted(CONSOLE.glob("*.py")):
        yield from _found(path, "python", IN_CODE)


def _found(path: Path, method: object, keywords: dict) -> Iterator[tuple[str, tuple[str, ...]]]:
    options = {"silent": "false"}
    with path.open("rb") as file:
        for found in extract(method, file, keywords, (), options):
            line, message = found[0], found[1]
            texts = message if isinstance(message, tuple) else (message,)
            yield f"{path.relative_to(CONSOLE)}:{line}", texts
