"""The `kanhe` command: its groups, and how it says that something went wrong.

A group is imported only when it is used, so that `kanhe ledger verify` does not wait for a model.
"""

from __future__ import annotations

from collections.abc import Mapping

import click
from click.shell_completion import get_completion_class

from kanhe import __version__
from kanhe.cli.lazy import LazyGroup
from kanhe.errors import KanheError

COMMANDS: Mapping[str, str] = {
    "account": "kanhe.cli.account:account",
    "app": "kanhe.cli.app:app",
    "attest": "kanhe.cli.attest:attest",
    "clock": "kanhe.cli.clock:clock",
    "export": "kanhe.cli.export:export_",
    "assess": "kanhe.cli.assess:assess",
    "judge": "kanhe.cli.judge:judge",
    "ledger": "kanhe.cli.ledger:ledger",
    "regime": "kanhe.cli.regime:regime",
    "rules": "kanhe.cli.rules:rules",
    "scope": "kanhe.cli.scope:scope",
    "serve": "kanhe.cli.serve:serve",
    "status": "kanhe.cli.status:status",
    "user": "kanhe.cli.user:user",
}
"""Name of a command, and where it is: `module:attribute`. Add yours here."""

_EPILOG = """
Completion: `eval "$(kanhe completion bash)"` in ~/.bashrc, or zsh in ~/.zshrc; for fish,
`kanhe completion fish > ~/.config/fish/completions/kanhe.fish`.
"""


class Commands(LazyGroup):
    """A group whose commands are imported on use and may raise KanheError.

    The user then sees the fact and the advice on two lines, and exit code 1.
    """

    where = COMMANDS

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say what failed on purpose."""
        try:
            return super().invoke(ctx)
        except KanheError as error:
            raise click.ClickException(f"{error}\n{error.advice}") from error


@click.group(cls=Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kanhe", message="%(prog)s %(version)s")
def main() -> None:
    """Run a generative-AI service under rules, and keep evidence that a stranger can verify."""


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes `kanhe` commands in SHELL.

    Example: eval "$(kanhe completion bash)"
    """
    made = get_completion_class(shell)
    if made is not None:
        click.echo(made(main, {}, "kanhe", "_KANHE_COMPLETE").source())
