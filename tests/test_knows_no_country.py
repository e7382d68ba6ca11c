"""The machinery knows no country: no code names a duty, a source or an article of a regime."""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "kanhe"
ROOMS = ("law", "status", "report", "console", "accounts", "ledger", "gateway", "web", "cli")
DUTY = re.compile(r"\b(cn|eu|us|kr)-[a-z0-9]+-[0-9a-z-]+\b", re.IGNORECASE)
RECOGNISERS = re.compile(
    r"cn-(resident-id|resident-id-15|mobile|uscc|passport|travel-permit|plate)"
)


def named(tree):
    """Every text in the code that is no docstring, with its line."""
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def countries(code):
    return [
        (line, found[0])
        for line, text in named(ast.parse(code))
        for found in DUTY.finditer(text)
        if not RECOGNISERS.match(found[0])
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_no_code_names_a_duty_of_a_regime(room):
    found = {
        path.name: hits
        for path in (SOURCE / room).glob("*.py")
        if (hits := countries(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_planted_duty_is_found():
    assert countries('"""cn-im-4-1 in a docstring."""\nX = "cn-im-4-1"\n') == [(2, "cn-im-4-1")]
