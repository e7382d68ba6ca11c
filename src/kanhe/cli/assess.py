"""`kanhe assess`: examine a model or a live service, and end with a verdict that can be checked."""

from __future__ import annotations

import click

from kanhe.cli.assess_banks import banks
from kanhe.cli.assess_plan import plan
from kanhe.cli.assess_run import judge, run
from kanhe.cli.assess_sign import sign
from kanhe.cli.assess_status import status


@click.group(short_help="Assess a model or a service, and report.")
def assess() -> None:
    """Assess a model or a service: plan, run, judge, report, verify.

    \b
    kanhe assess plan --new plan.yaml     write a plan to begin with
    kanhe assess plan plan.yaml           say what it would ask, and what it costs
    kanhe assess run plan.yaml            run it; the same again goes on with it
    kanhe assess report                   make the report of the last run
    kanhe assess verify REPORT            recompute every figure of a report
    """  # noqa: D301 # the mark of click for lines that stay


for command in (banks, plan, run, judge, status, sign):
    assess.add_command(command)
