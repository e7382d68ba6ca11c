"""`kanhe serve`: read the settings, then start the gateway. See `running` for the rest."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import uvloop

from kanhe.cli.log_lines import configure
from kanhe.settings import read_settings

_file = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", help="The port; 0 takes a free one.  [default: 8080]")
@click.option("--upstream", metavar="URL", help="Where the model's API begins.")
@click.option("--model", metavar="NAME", help="The model there.")
@click.option("--judge", metavar="JUDGE", help="The default judge: a name, or TEMPLATE=URL.")
@click.option("--config", type=_file, help="The settings file; else ./kanhe.toml if it is there.")
@click.option("--data", type=click.Path(file_okay=False), help="Where everything is kept.")
@click.option(
    "--ruleset", "rulesets", multiple=True, help="A ruleset file, `baseline` or `meaning`."
)
@click.option("--app-key", "app_keys", multiple=True, help="A key for this run only, for tests.")
@click.option("--check", is_flag=True, help="Read settings and rules, say what would run, exit.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
)
@click.option("--log-json", is_flag=True, help="Log JSON, one object a line.")
def serve(
    config: Path | None, log_level: str, *, check: bool, log_json: bool, **options: object
) -> None:
    """Serve the API, guarded, until told to stop.

    What is not given here is read from the environment (KANHE_…), then from the settings file.
    SIGHUP loads the rules anew.

    Example: kanhe serve --upstream http://127.0.0.1:8000/v1 --model my-model
    """
    settings = read_settings(options, config=config)
    configure(log_level, as_json=log_json)
    # Here and not above: `kanhe --help` must not wait for a server to be imported.
    from kanhe.cli import running  # noqa: PLC0415

    if check:
        click.echo("\n".join(running.would_run(settings)))
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(running.run(settings, click.echo))
