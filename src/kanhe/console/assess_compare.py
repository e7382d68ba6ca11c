"""The page that compares: two runs, or the gateway with the model behind it, item by item.

Two rates that differ by a point may hide twenty items that got better and thirty that got worse, so
the items that changed are named. Where no way is chosen all ways but people count, as at the
command line: of two runs people may have judged one only. What else differs between the two runs
stands above all figures: a change of the judge looks like a change of the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.assess.comparison import compare
from kanhe.assess.head import Head
from kanhe.assess.item import BankKind
from kanhe.assess.line import Line, Part
from kanhe.assess.outcome import Way
from kanhe.console import assess_figures, shown
from kanhe.console.asked import Fault
from kanhe.console.assess import assessments
from kanhe.console.assess_data import Assessments, Gathered, RunSeen
from kanhe.console.assess_item_data import Look
from kanhe.console.assess_items import look_of
from kanhe.console.assess_words import KINDS, TARGETS, WAYS, said, slice_title
from kanhe.console.render import answer, console_of
from kanhe.console.route import ConsoleRoute
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.terms import Text

_LONGEST = 100
_JUDGED = ("passed", "failed", "unscored")
_SHOWN = 200
"""Items of each direction that the page names; the twin has them all."""

_ASKING = Text("提问方式（长度、温度、种子或系统提示）",
               "how is asked (length, temperature, seed or system)")  # fmt: skip
_JUDGE = Text("分类模型或其阈值", "the judge, or its threshold")
_MODEL = Text("被测模型", "the model that is asked")
_RULES = Text("网关的规则集", "the gateway's ruleset")
_NO_RUN = Text("没有这次测评。", "There is no such run.")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a run, and which of its targets."""

    run: str
    target: str


async def comparison(request: Request) -> Response:
    """`GET /assess/compare`: two sides by item, with McNemar's exact test."""
    asked = request.query_params
    data, faults = await asyncio.to_thread(_told, request, asked)
    return answer(request, "assess_compare.html", data, faults=faults, most=_SHOWN,
                  status=400 if faults else 200)  # fmt: skip


def _told(request: Request, asked: QueryParams) -> tuple[Mapping[str, Json], tuple[Fault, ...]]:
    port = assessments(request)
    runs = [one for one in port.runs() if isinstance(one, RunSeen) and one.going]
    sides = [Side(_word(asked, f"{n}"), _word(asked, f"{n}_target")) for n in ("first", "second")]
    wanted = {"first": sides[0].run, "first_target": sides[0].target, "second": sides[1].run,
              "second_target": sides[1].target, "kind": _word(asked, "kind"),
              "way": _word(asked, "way")}  # fmt: skip
    names = [one.name for one in runs]
    faults = tuple(
        Fault(name, _NO_RUN)
        for name, side in zip(("first", "second"), sides, strict=True)
        if side.run and side.run not in names
    )
    data: dict[str, Json] = {
        "runs": [{"name": one.name, "title": shown.text(one.plan.title),
                  "targets": sorted(one.plan.targets)} for one in runs],
        "wanted": wanted,
        "targets": [{"id": name, "title": said(TARGETS, name)} for name in TARGETS],
        "kinds": [{"id": kind.value, "title": said(KINDS, kind)} for kind in BankKind],
        "ways": [{"id": way.value, "title": said(WAYS, way)} for way in Way],
        "found": None,
    }  # fmt: skip
    if all(side.run for side in sides) and not faults:
        look = look_of(request, wanted["way"])
        risks = console_of(request).served.regime.risks
        data["found"] = _compared(port, sides, wanted["kind"], look, risks)
    return data, faults


def _word(asked: QueryParams, name: str) -> str:
    return asked.get(name, "").strip()[:_LONGEST]


def _compared(
    port: Assessments, sides: list[Side], kind: str, look: Look, risks: Mapping[str, Risk]
) -> Json:
    both = [_side(port.gathered(side.run), side.target, kind) for side in sides]
    first, second = (
        {name: _passed(line, look) for name, (_, line) in items.items()} for _, _, items in both
    )
    found = compare(first, second)
    keys = both[0][2] | both[1][2]

    def named(item: str) -> Json:
        name, line = keys[item]
        return {"key": name, "id": line.id, "bank": line.bank, "slice": line.slice,
                "slice_title": slice_title(line.slice, risks)}  # fmt: skip

    return {
        "sides": [{"run": side.run, "target": target, "target_title": said(TARGETS, target),
                   "n": len(items)}
                  for side, (_, target, items) in zip(sides, both, strict=True)],
        "differs": list(_differing(both[0][0], both[1][0])) if sides[0].run != sides[1].run else [],
        "both": found.both, "neither": found.neither, **assess_figures.compared(found),
        "gained_items": [named(one) for one in found.gained],
        "lost_items": [named(one) for one in found.lost],
    }  # fmt: skip


def _side(
    gathered: Gathered, target: str, kind: str
) -> tuple[Head, str, dict[str, tuple[str, Line]]]:
    """Give of a side the items of the banks as they stand, by bank and id."""
    known = [one.route for one in gathered.head.targets]
    chosen = target if target in known else next(iter(known), "")
    return gathered.head, chosen, {
        f"{line.bank}/{line.id}": (name, line)
        for name, line in gathered.lines.items()
        if line.part is Part.BANK and line.outcome.trial.target == chosen
        and (not kind or line.kind == kind)
    }  # fmt: skip


def _passed(line: Line, look: Look) -> bool | None:
    said = look.said(line)
    if not look.way and said in _JUDGED:
        return line.outcome.by_machine
    match said:
        case "passed":
            return True
        case "failed":
            return False
        case _:
            return None


def _differing(first: Head, second: Head) -> Iterator[Json]:
    """Say in what the making of two runs differs; each may change verdicts by itself."""
    for differs, what in (
        ((first.asking, first.system) != (second.asking, second.system), _ASKING),
        (_judge(first) != _judge(second), _JUDGE),
        (_models(first) != _models(second), _MODEL),
        (_rules(first) != _rules(second), _RULES),
    ):
        if differs:
            yield shown.text(what)
    if banks := _unlike(_banks(first), _banks(second)):
        yield shown.text(Text(f"题库：{'、'.join(banks)}", f"banks: {', '.join(banks)}"))
    if ways := _unlike(first.ways, second.ways):
        yield shown.text(Text(f"判定方式的版本：{'、'.join(ways)}",
                              f"versions of ways of judging: {', '.join(ways)}"))  # fmt: skip


def _unlike(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    names = first.keys() | second.keys()
    return sorted(name for name in names if first.get(name) != second.get(name))


def _banks(head: Head) -> Mapping[str, str]:
    return {one.id: one.sha256 for one in head.banks}


def _judge(head: Head) -> tuple[str, float] | None:
    return None if head.judge is None else (head.judge.hash, head.judge.threshold)


def _models(head: Head) -> set[str]:
    return {one.model for one in head.targets}


def _rules(head: Head) -> set[str]:
    return {one.by for one in head.targets}


ROUTES = (ConsoleRoute("/assess/compare", comparison, Permission.ASSESS, twin=True),)
