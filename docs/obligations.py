"""Write docs/obligations.md from the regimes, and from the tests that carry an obligation's id.

`make docs` runs it; `tests/test_obligations_page.py` fails where the file is behind the data. It
knows no regime by name.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kanhe.adapters.package_data import regime, regimes
from kanhe.cli.regime_lines import span
from kanhe.law.regime import Control, Obligation, Regime

PAGE = Path(__file__).parent / "obligations.md"
TESTS = Path(__file__).parent.parent / "tests"

HEAD = """\
# Obligations

Written by `make docs` from the regimes; what is changed here by hand is lost. Titles are ours, and
no legal advice. How a regime is written: [the format](regime-format.md).

An obligation is looked at by its controls: *automatic* ones read the record of what ran, *signed*
ones need the signature of people and grow old, and those that *await* something name a capability
that Kanhe does not have yet; what they look at is never called met. Where a date was moved, an
obligation stands here once for each state of knowledge.

*Confidence*: `verified` was read in public copies, `from_memory` and `uncertain` have to be checked
before anybody relies on them. *Tests* are those of this repository that carry the obligation's id.
"""

Tested = Mapping[str, Sequence[str]]


def carried(folder: Path = TESTS) -> dict[str, list[str]]:
    """Read from the tests, without running them, which obligations they carry: id -> tests."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for name, marked in _marked(ast.parse(file.read_bytes())):
            where = file.relative_to(folder).as_posix()
            found.setdefault(name, []).append(f"{where}::{marked}" if marked else where)
    return found


def _marked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (obligation, test); a mark of the whole module stands with an empty name."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from ((name, "") for name in _ids(node.value))
        for test in ast.walk(node):
            if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for decorator in test.decorator_list:
                    yield from ((name, test.name) for name in _ids(decorator))


def _ids(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Attribute(attr="obligation"), args=[ast.Constant(str(name))]):
                yield name


def kind_of(control: Control) -> str:
    """Name what looks."""
    match control.check:
        case "attested":
            return "signed"
        case "awaits":
            return "awaits"
        case _:
            return "automatic"


def cell(text: str) -> str:
    """Fit `text` into a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def page(laws: Sequence[Regime], tests: Tested) -> str:
    """Give the whole text of docs/obligations.md."""
    lines = [HEAD]
    for law in laws:
        lines += _regime_lines(law, tests)
    return "\n".join(lines) + "\n"


def _regime_lines(law: Regime, tests: Tested) -> Iterator[str]:
    yield from (f"## {law.id}: {law.title.zh} / {law.title.en}", "")
    yield from (_summary(law, tests), "")
    for area in law.areas:
        yield from (f"### {area.title.zh} / {area.title.en} (`{law.id}`)", "")
        yield "| obligation | title | clause | binds | in force | confidence | controls | tests |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from (_row(law, one, tests) for one in law.obligations if one.area == area.id)
        yield ""
    yield from (f"### Controls of `{law.id}`", "", "| control | title | kind | looks at |")
    yield "|---|---|---|---|"
    yield from map(_control_row, law.controls.values())
    yield ""


def _summary(law: Regime, tests: Tested) -> str:
    kinds = Counter(
        frozenset(kind_of(law.controls[name]) for one in versions for name in one.controls)
        for versions in _by_id(law).values()
    )
    told = "; ".join(
        f"{number} {' and '.join(sorted(kind))}" for kind, number in sorted(_named(kinds).items())
    )
    told_by_tests = sum(name in tests for name in _by_id(law))
    return (
        f"{len(_by_id(law))} obligations from {len(law.sources)} sources, {len(law.controls)} "
        f"controls; state of {law.researched}. Looked at by controls of these kinds: {told}. "
        f"{told_by_tests} are carried by a test."
    )


def _named(kinds: Counter[frozenset[str]]) -> dict[tuple[str, ...], int]:
    return {tuple(sorted(kind)): number for kind, number in kinds.items()}


def _by_id(law: Regime) -> dict[str, list[Obligation]]:
    found: dict[str, list[Obligation]] = {}
    for one in law.obligations:
        found.setdefault(one.id, []).append(one)
    return found


def _row(law: Regime, one: Obligation, tests: Tested) -> str:
    source = law.sources[one.source]
    known = one.validity.known
    when = span(one.validity.in_force)
    if len(_by_id(law)[one.id]) > 1:
        when += f"; known {span(known)}"
    if not source.force.binds:
        when += f"; {source.force}, never bound"
    cells = (
        f"`{one.id}`",
        f"{one.title.zh} / {one.title.en}",
        f"{one.source} {one.clause}",
        ", ".join(one.bound),
        when,
        one.confidence,
        ", ".join(f"`{name}` ({kind_of(law.controls[name])})" for name in one.controls),
        ", ".join(f"`{test}`" for test in tests.get(one.id, ())),
    )
    return "| " + " | ".join(map(cell, cells)) + " |"


def _control_row(control: Control) -> str:
    kind = kind_of(control)
    looks = f"`{control.check}`"
    named = control.parameters.get({"signed": "statement", "awaits": "capability"}.get(kind, ""))
    if isinstance(named, Mapping):
        looks = f"{named['zh']} / {named['en']}"
    title = f"{control.title.zh} / {control.title.en}"
    return "| " + " | ".join(map(cell, (f"`{control.id}`", title, kind, looks))) + " |"


def obligations() -> str:
    """Give docs/obligations.md as the data stand now."""
    return page([regime(name) for name in regimes()], carried())


if __name__ == "__main__":
    PAGE.write_text(obligations(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
