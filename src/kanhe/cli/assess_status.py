"""`kanhe assess status`: the runs there are, how far each is, which is due."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from kanhe.adapters.assess_folder import INTERRUPTED, RunFolder, Runs
from kanhe.cli.assess_place import json_option, reasons_told, run_argument
from kanhe.cli.place import place, placed
from kanhe.errors import KanheError


@click.command(short_help="Say which runs there are, and how far they are.")
@run_argument
@json_option
@placed
def status(  # noqa: PLR0913 # one parameter an option
    name: str | None, data: Path | None, config: Path | None, regime: str | None,
    language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Say how far RUN is, or all of them, and when its plan is due again.

    Example: kanhe assess status
    """
    where = place(data, config, regime, language)
    runs = Runs(where.data)
    found = [_told(runs.open(one)) for one in ([name] if name else runs.names())]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("Nothing was assessed here yet: kanhe assess plan --new plan.yaml", err=True)


def _told(run: RunFolder) -> dict[str, object]:
    try:
        begun, going, plan = run.manifest, run.progress(), run.plan
    except KanheError as error:
        return {"run": run.name, "fault": str(error), "advice": error.advice}
    due = begun.begun + timedelta(days=plan.every_days) if plan.every_days else None
    return {
        "run": run.name, "plan": plan.id, "begun": begun.begun.isoformat(timespec="seconds"),
        "total": going.total if going else 0, "done": going.done if going else 0,
        "failed": going.failed if going else 0, "why": (why := run.state()),
        "reasons": dict(going.reasons) if going else {},
        "eta_s": going.eta_s if going and not why else None,
        "due": due.date().isoformat() if due else None,
        "overdue": bool(due and datetime.now(UTC) > due), "report": list(run.files),
    }  # fmt: skip


def _line(one: dict[str, object]) -> str:
    if "fault" in one:
        return f"{one['run']}  {one['fault']} {one['advice']}"
    eta = one["eta_s"]
    left = (
        f", about {round(eta / 60)} min left" if isinstance(eta, float) and not one["why"] else ""
    )
    due = f", due again {one['due']}{' (overdue)' if one['overdue'] else ''}" if one["due"] else ""
    made = ", reported" if one["report"] else ""
    why = one["why"] or "running"
    why = f"{why}: the same command goes on" if why == INTERRUPTED else why
    reasons = one["reasons"]
    failed = f", {one['failed']} without an answer" if one["failed"] else ""
    failed += f" ({reasons_told(reasons)})" if isinstance(reasons, dict) and reasons else ""
    return f"{one['run']}  {one['done']}/{one['total']} ({why}){failed}{left}{made}{due}"
