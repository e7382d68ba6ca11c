"""Commands as the next step: with the options that were given, as far as they have them."""

from pathlib import Path

import click
import pytest

from kanhe.cli.main import main
from kanhe.cli.typed import typed

GIVEN = {"--data": "my data", "--config": "k.toml", "--regime": "eu-ai-act"}


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("kanhe scope", "--data 'my data' --config k.toml --regime eu-ai-act"),
        ("kanhe attest logging", "--data 'my data' --config k.toml --regime eu-ai-act"),
        ("kanhe attest list", "--data 'my data' --config k.toml --regime eu-ai-act"),
        ("kanhe status --all", "--data 'my data' --config k.toml --regime eu-ai-act"),
        ("kanhe serve", "--data 'my data' --config k.toml"),
        ("kanhe ledger verify", "'my data/ledger'"),
        ("kanhe ledger tail", "--dir 'my data/ledger'"),
        ("kanhe rules check", "--data 'my data' --config k.toml"),
        ("kanhe regime list", ""),
    ],
)
def test_a_command_is_given_the_options_that_it_has(command, more):
    with click.Context(main):
        assert typed(command, GIVEN, Path("my data")) == f"{command} {more}".rstrip()
        assert typed(command, {}, Path("my data")) == command
