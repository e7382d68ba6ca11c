"""`kanhe assess`: examine a model or a live service, and end with a verdict that can be checked."""

from __future__ import annotations

import click

from kanhe.cli.assess_banks import banks
from kanhe.cli.assess_compare import compare, gate
from kanhe.cli.assess_disclose import disclose_
from kanhe.cli.assess_export import export_
from kanhe.cli.assess_import import import_
from kanhe.cli.assess_panel import by_hand, panel, people
from kanhe.cli.assess_plan import plan
from kanhe.cli.assess_report import report
from kanhe.cli.assess_run import judge, run
from kanhe.cli.assess_sign import sign
from kanhe.cli.assess_status import status
from kanhe.cli.assess_verify import verify


@click.group(short_help="Assess a model or a service, and report.")
def assess() -> None:
    """Assess a model or a service: plan, run, judge, report, verify.

    \b
    kanhe assess plan --new plan.yaml     write a plan to begin with
    kanhe assess plan plan.yaml           say what it would ask, and what it costs
    kanhe assess run plan.yaml            run it; the same again goes on with it
    kanhe assess report                   make the report of the last run
    kanhe assess verify REPORT            recompute every figure of a report
    kanhe assess gate                     say whether a version may go out
    """  # noqa: D301 # the mark of click for lines that stay


_ALL = (banks, plan, run, judge, status, report, verify, disclose_, sign, compare, gate)

for command in (*_ALL, import_, export_, people, by_hand, panel):
    assess.add_command(command)
