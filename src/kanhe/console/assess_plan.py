"""The pages on plans: what the plan of a run says, and what a plan would come to before it is run.

A plan is tried here and run at the machine: the page ends with the command. Nothing is asked, no
key is read, and of the disk only what is shipped: a bank of the operator's own is looked at where
the plan is run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.assess.bank_finding import Finding
from kanhe.assess.plan import MILLION
from kanhe.console import assess_list, shown
from kanhe.console.assess import assessments, the_run
from kanhe.console.assess_data import BankPlanned, Planned, RunSeen
from kanhe.console.assess_words import KINDS, PARTS, TARGETS, said, slice_title
from kanhe.console.render import answer, console_of, render
from kanhe.console.route import ConsoleRoute
from kanhe.errors import Fault, FaultyBank, FaultyPlan, KanheError
from kanhe.ledger.entry import Json

LONGEST = 60_000
"""Characters of a plan that may be tried."""

_SHOWN = 12
"""Slices that a finding names."""


async def plan(request: Request) -> Response:
    """`GET /assess/runs/RUN/plan`: the plan of a run, and what it comes to."""
    seen = await the_run(request)
    port = assessments(request)
    found = await asyncio.to_thread(_told, request, lambda: port.comes_to(seen.name))
    data: dict[str, Json] = {"run": seen.name, "plan": assess_list.plan(seen.plan), "found": found}
    return answer(request, "assess_plan.html", data, text="", tried=False)


async def blank(request: Request) -> Response:
    """`GET /assess/plan`: a place to try a plan; `run`: begin with the plan of that run."""
    name = request.query_params.get("run", "")
    found = await asyncio.to_thread(assessments(request).run, name) if name else None
    raw = found.raw if isinstance(found, RunSeen) else b""
    text = raw.decode("utf-8", "replace")
    return render(request, "assess_plan.html", d=_EMPTY, text=text, tried=False)


async def tried(request: Request) -> Response:
    """`POST /assess/plan`: what a plan would come to, or all that is wrong with it."""
    form = await request.form()
    # A form sends its lines apart by CR LF; the hash is that of the file as it will be saved.
    text = str(form.get("plan", ""))[:LONGEST].replace("\r\n", "\n")
    port = assessments(request)
    found = await asyncio.to_thread(_told, request, lambda: port.planned(text.encode()))
    status = 422 if found["faults"] else 200
    data = {**_EMPTY, "found": found, "plan": found["plan"]}
    return render(request, "assess_plan.html", status=status, d=data, text=text, tried=True)


_EMPTY: shown.Data = {"run": None, "plan": None, "found": None}


def _told(request: Request, plan: Callable[[], Planned]) -> shown.Data:
    """Say what a plan comes to, or all that is wrong with it, line by line."""
    blank: shown.Data = {"plan": None, "faults": [], "sum": None}
    try:
        found = plan()
    except FaultyPlan as error:
        return blank | {"faults": [_fault(one) for one in error.faults]}
    except FaultyBank as error:
        return blank | {"faults": [_fault(one) for one in error.faults]}
    except KanheError as error:
        return blank | {"faults": [{"line": None, "what": str(error), "advice": error.advice}]}
    return blank | {"plan": assess_list.plan(found.plan), "sum": _sum(request, found)}


def _fault(one: Fault) -> Json:
    at = f"{one.file}:{one.line}" if one.file else str(one.line)
    return {"line": at, "what": one.what, "advice": one.advice}


def _sum(request: Request, found: Planned) -> Json:
    """Give what would be asked, and what it would cost."""
    budget = found.plan.budget
    priced = bool(budget.prompt or budget.completion)
    cost = float(budget.cost(found.prompt, found.completion))
    total = sum(n for by in found.trials.values() for n in by.values())
    per_second = found.plan.pace.per_second
    within = budget.allows(found.prompt, found.completion)
    return {
        "total": total,
        "trials": [
            {"part": part, "title": said(PARTS, part),
             "targets": [{"title": said(TARGETS, name), "n": n} for name, n in by.items()]}
            for part, by in found.trials.items()
        ],
        "prompt": found.prompt, "completion": found.completion,
        "cost": f"{cost:.2f}" if priced else None, "currency": budget.currency,
        "within": within if budget.tokens or budget.money is not None else None,
        "at_least_s": round(total / per_second) if per_second else None,
        "prices": f"{float(budget.prompt):g} / {float(budget.completion):g}" if priced else None,
        "million": MILLION,
        "banks": [_bank(request, one) for one in found.banks],
    }  # fmt: skip


def _bank(request: Request, one: BankPlanned) -> Json:
    risks = console_of(request).served.regime.risks
    missing = [name for name, least in one.wanted.items() if least and not one.items.get(name)]
    few = [name for name, least in one.wanted.items() if 0 < one.items.get(name, 0) < least]
    return {
        "id": one.id, "title": shown.text(one.title), "version": one.version,
        "kind": said(KINDS, one.kind), "items": sum(one.items.values()),
        "drawn": sum(one.drawn.values()),
        "slices": [{"id": name, "title": slice_title(name, risks), "items": n,
                    "drawn": one.drawn.get(name, 0), "wanted": one.wanted.get(name, 0)}
                   for name, n in sorted(one.items.items())],
        "missing": [{"id": name, "title": slice_title(name, risks)} for name in missing],
        "few": [{"id": name, "title": slice_title(name, risks)} for name in few],
        "findings": _findings(one.findings),
    }  # fmt: skip


def _findings(found: Sequence[Finding]) -> list[Json]:
    return [{"weight": one.weight.value, "what": shown.text(one.what), "items": len(one.items)}
            for one in found[:_SHOWN]]  # fmt: skip


ROUTES = (
    ConsoleRoute("/assess/plan", blank, Permission.SETTINGS),
    ConsoleRoute("/assess/plan", tried, Permission.SETTINGS, ("POST",)),
    ConsoleRoute("/assess/runs/{run}/plan", plan, Permission.ASSESS, twin=True),
)
