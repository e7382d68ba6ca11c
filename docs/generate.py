"""Write docs/reference.md from the code: every command with its options, every setting.

`make docs` runs it; `tests/test_docs.py` fails where the file is behind the code. It knows no
command and no setting by name, so nothing has to be changed here when one is added.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import click

REFERENCE = Path(__file__).parent / "reference.md"

HEAD = """\
# Reference

Written by `make docs` from the code; what is changed here by hand is lost.
"""


def commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below `command` that does something, with its full name."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command, info_name=name)
    # Asked by name, because a group may import its commands only when they are used.
    for child in sorted(command.list_commands(context)):
        found = command.get_command(context, child)
        if found is not None and not found.hidden:
            yield from commands(f"{name} {child}", found)


def cell(text: object) -> str:
    """Fit `text` into a cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def parameter_rows(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a row for each option; arguments stand in the usage and in the help."""
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield f"| `{cell(record[0])}` | {cell(record[1])} |"


def command_section(name: str, command: click.Command) -> Iterator[str]:
    """Yield the lines on one command: its help, its usage, its parameters."""
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    # A backspace tells click not to wrap a paragraph again; a reader must not see it.
    told = inspect.cleandoc(command.help or "").replace("\b\n", "")
    told = re.sub(r"^Example: (.+)$", r"Example: `\1`", told, flags=re.MULTILINE)
    yield from ("", f"### {name}", "", told, "", "```", usage, "```")
    rows = list(parameter_rows(command, context))
    if rows:
        yield from ("", "| option | meaning |", "|---|---|", *rows)


def field_docs(record: type) -> dict[str, str]:
    """Read the string that stands under each field of a dataclass."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(record))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - `record` is a class, so its source is one
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = text
    return found


def default_of(field: dataclasses.Field[object]) -> str:
    """Show the default of a field as an operator would write it."""
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        return "must be set"
    if dataclasses.is_dataclass(value):
        return ""
    if value in (None, "", (), {}):
        return "none"
    plain = isinstance(value, bool | int | float)
    shown = json.dumps(list(value) if isinstance(value, tuple) else value if plain else str(value))
    return f"`{cell(shown.strip(QUOTE))}`"


QUOTE = '"'
KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}


def kind_of(hint: object) -> str:
    """Name a type in an operator's words."""
    parts = [part for part in typing.get_args(hint) if part not in (type(None), ...)]
    if typing.get_origin(hint) is typing.Literal:
        return " or ".join(map(str, parts))
    if typing.get_origin(hint) is tuple:
        return "list of " + kind_of(parts[0])
    if parts:
        return " or ".join(dict.fromkeys(map(kind_of, parts)))
    if dataclasses.is_dataclass(hint):
        return "table"
    return KINDS.get(hint, getattr(hint, "__name__", str(hint)).lower())


def settings_rows(record: type, prefix: str = "") -> Iterator[str]:
    """Yield one row a setting; a record within the settings is a table of the file."""
    told = field_docs(record)
    hints = typing.get_type_hints(record)
    for field in dataclasses.fields(record):
        hint = hints[field.name]
        inner = [part for part in (hint, *typing.get_args(hint)) if dataclasses.is_dataclass(part)]
        meaning = field.metadata.get("help") or told.get(field.name, "")
        name = prefix + field.name
        variable = field.metadata.get("env", "")
        shown = f"`{variable}`" if variable else ""
        kind, default = kind_of(hint), default_of(field)
        yield f"| `{name}` | {shown} | {kind} | {default} | {cell(meaning)} |"
        for part in inner:
            if isinstance(part, type):
                many = "" if part is hint else "[]"
                yield from settings_rows(part, f"{name}{many}.")


def reference() -> str:
    """Give the whole text of docs/reference.md."""
    from kanhe.cli.main import main  # noqa: PLC0415 - only here are the commands needed
    from kanhe.settings import Settings  # noqa: PLC0415

    lines = [HEAD, "## Commands"]
    for name, command in commands("kanhe", main):
        lines += command_section(name, command)
    lines += ["", "## Settings", "", inspect.cleandoc(Settings.__doc__ or "")]
    lines += [
        "",
        "| in `kanhe.toml` | variable | kind | default | meaning |",
        "|---|---|---|---|---|",
    ]
    lines += settings_rows(Settings)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    sys.stdout.write(f"wrote {REFERENCE.name}\n")
