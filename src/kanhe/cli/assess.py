"""`kanhe assess`: examine a model or a live service, and end with a verdict that can be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

from kanhe.cli.lazy import LazyGroup

_HERE = "kanhe.cli.assess_"


class AssessCommands(LazyGroup):
    """The commands of an assessment."""

    where: ClassVar[Mapping[str, str]] = {
        "banks": f"{_HERE}banks:banks",
        "plan": f"{_HERE}plan:plan",
        "run": f"{_HERE}run:run",
        "judge": f"{_HERE}run:judge",
        "by-hand": f"{_HERE}panel:by_hand",
        "panel": f"{_HERE}panel:panel",
        "people": f"{_HERE}panel:people",
        "status": f"{_HERE}status:status",
        "discard": f"{_HERE}discard:discard",
        "report": f"{_HERE}report:report",
        "sign": f"{_HERE}sign:sign",
        "verify": f"{_HERE}verify:verify",
        "disclose": f"{_HERE}disclose:disclose_",
        "compare": f"{_HERE}compare:compare",
        "gate": f"{_HERE}compare:gate",
        "import": f"{_HERE}import:import_",
        "export": f"{_HERE}export:export_",
    }


@click.group(cls=AssessCommands, short_help="Assess a model or a service, and report.")
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
