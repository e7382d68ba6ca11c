import click
import pytest
from click.testing import CliRunner

from kanhe import __version__
from kanhe.cli.main import COMMANDS, main
from kanhe.errors import LedgerBroken


def kanhe(*arguments):
    return CliRunner().invoke(main, arguments)


def test_the_version_is_the_packages():
    assert kanhe("--version").output == f"kanhe {__version__}\n"


def test_help_names_every_command_and_how_to_complete():
    said = kanhe("--help").output
    assert all(name in said for name in COMMANDS)
    assert "kanhe completion bash" in said


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_that_is_named_is_there(name):
    assert kanhe(name, "--help").exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(shell):
    assert "_KANHE_COMPLETE" in kanhe("completion", shell).output


def test_an_error_on_purpose_is_two_lines_and_exit_code_1():
    @main.command("fail-on-purpose", hidden=True)
    def fail():
        raise LedgerBroken(3, "a reason")

    result = kanhe("fail-on-purpose")
    main.commands.pop("fail-on-purpose")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "Error: ledger entry 3 does not follow: a reason",
        "Leave the files as they are and compare them with a witness's checkpoint.",
    ]


def test_an_unknown_command_is_told():
    result = kanhe("nonsense")
    assert result.exit_code == 2
    assert "nonsense" in result.output
    assert isinstance(main, click.Group)
