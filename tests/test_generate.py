"""docs/generate.py, on small commands and settings of the tests' own."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

PLACE = Path(__file__).parent.parent / "docs" / "generate.py"


@dataclass(frozen=True, slots=True)
class Limits:
    """A record within the settings."""

    turns: int = 10
    """Messages in a request."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What an operator may set."""

    host: str = field(default="::1", metadata={"help": "Where it listens.", "env": "KANHE_HOST"})
    name: str = field(kw_only=True)
    """Shown | to users."""
    limits: Limits = Limits()


class Lazy(click.Group):
    """A group whose commands are found when they are asked for."""

    def list_commands(self, ctx):
        return ["later"]

    def get_command(self, ctx, name):
        option = click.Option(["--far / --near"], default=True, help="How.", show_default=True)
        return click.Command(name, help="Do it later.\n\nExample: kanhe x later", params=[option])


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("kanhe_generate", PLACE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_command_that_is_imported_on_use_is_described(generate):
    group = click.Group("kanhe", commands={"x": Lazy("x")})
    ((name, command),) = generate.commands("kanhe", group)
    text = "\n".join(generate.command_section(name, command))
    assert "### kanhe x later" in text
    assert "Example: `kanhe x later`" in text
    assert "| `--far / --near` | How. [default: far] |" in text


def test_a_setting_is_told_by_its_metadata_or_by_the_text_under_it(generate):
    rows = list(generate.settings_rows(Sample))
    assert rows[0] == "| `host` | `KANHE_HOST` | text | `::1` | Where it listens. |"
    assert rows[1] == "| `name` |  | text | must be set | Shown \\| to users. |"
    assert rows[3] == "| `limits.turns` |  | whole number | `10` | Messages in a request. |"


def test_a_hidden_command_stays_hidden(generate):
    group = click.Group("kanhe", commands={"x": click.Command("x", hidden=True)})
    assert list(generate.commands("kanhe", group)) == []
